/** `pyrewrite top` on a running program: in a terminal, and as plain lines. */
import { resolve } from 'node:path';
import { expect, test } from 'vitest';
import { cliArgs, makeFolder, pyrewrite, start, startRecorded, TELL_PID } from '../cli/cli.ts';
import { violations } from '../report/schema.ts';
import { describePythons, type Python } from '../support/pythons.ts';

const PROGRAM = `import os, sys, time
class Row:
    value = 2
    @property
    def double(self):
        return self.value * 2
def work(rows):
    return sum(row.double for row in rows)
rows = [Row()] * 100
work(rows)
${TELL_PID}end = time.time() + 600
while time.time() < end and not os.path.exists("stop"):
    work(rows)
    time.sleep(0.002)
`;

const OPTIONS = ['--opcodes', 'attr,arith'];

interface Seen
  extends Record<
    'list' | 'site' | 'filtered' | 'found' | 'sorted' | 'help' | 'small' | 'silent' | 'ended',
    string[]
  > {
  readonly status: number;
  readonly entered: boolean;
  readonly left: boolean;
  readonly restored: boolean;
  readonly colors: boolean;
}

async function drive(python: Python, ending: string): Promise<Seen> {
  const folder = makeFolder({ 'app.py': PROGRAM });
  const { pid } = await startRecorded(python, folder, 'app', OPTIONS);
  const [main] = cliArgs([]);
  const script = resolve(import.meta.dirname, 'drive_screen.py');
  const { status, stdout, stderr } = await start(python.path, [script, process.execPath, main, pid, ending], {
    cwd: folder,
  });
  expect(status, stderr).toBe(0);
  return JSON.parse(stdout);
}

describePythons(
  'pyrewrite top in a terminal',
  (python) => {
    test('shows rates, histogram, filter, order and help, and leaves the terminal as it was', async () => {
      const seen = await drive(python, '0');
      expect(seen.list[0]).toMatch(/^pyrewrite top: 1 process {2}[\d,]+ sites, [\d,]+ operations\/s/);
      expect(seen.list.some((line) => /%.*LOAD_ATTR +double +app\.py:8/.test(line))).toBe(true);
      expect(seen.list).toHaveLength(20);
      expect(seen.site.some((line) => line.includes('█'))).toBe(true);
      expect(seen.found.filter((line) => line.includes('LOAD_ATTR'))).toHaveLength(1);
      expect(seen.sorted[2]).toContain('by rate');
      expect(seen.help.some((line) => line.includes('quit'))).toBe(true);
      expect(seen.small).toHaveLength(12);
      expect(seen.small.filter((line) => line.trimEnd().length > 60)).toEqual([]);
      expect(seen.silent[2]).toContain('not recording');
      expect(seen.silent.at(-1)).toMatch(/^asked 1 process to stop recording/);
      expect(seen.ended[0]).toContain('1 ended');
      const { status, entered, left, restored, colors } = seen;
      expect({ status, entered, left, restored, colors }).toEqual({
        status: 0,
        entered: true,
        left: true,
        restored: true,
        colors: true,
      });
    });

    test('leaves the terminal as it was when it is killed by a signal', async () => {
      const { status, left, restored } = await drive(python, '15');
      expect({ status, left, restored }).toEqual({ status: -15, left: true, restored: true });
    });
  },
  { names: ['3.12'] },
);

describePythons(
  'pyrewrite top without a terminal',
  (python) => {
    test('prints snapshots as lines and as JSON, without colours', async () => {
      const folder = makeFolder({ 'app.py': PROGRAM });
      const { pid } = await startRecorded(python, folder, 'app', OPTIONS);
      const text = await pyrewrite(['top', '--interval', '0.3', '--batch', '2', pid], { cwd: folder });
      expect(text.status, text.stderr).toBe(0);
      expect(text.stdout.match(/^1 process, [\d,]+ sites, [\d,]+ operations\/s$/gm)).toHaveLength(2);
      expect(text.stdout).toMatch(/LOAD_ATTR +double +app\.py:8:\d+$/m);
      expect(text.stdout).not.toContain('\x1b');
      const json = await pyrewrite(
        ['top', '--json', '--interval', '1', '--filter', 'LOAD_ATTR double', pid],
        {
          cwd: folder,
        },
      );
      const { schema, sites, processes } = JSON.parse(json.stdout);
      expect(schema).toBe('pyrewrite-top/1');
      expect(violations(JSON.parse(json.stdout), 'top')).toEqual([]);
      expect(processes).toEqual([
        { label: expect.stringMatching(`^${pid} .*app.py app$`), ended: false, recording: true },
      ]);
      expect(sites).toHaveLength(1);
      expect(sites[0]).toMatchObject({ opcode: 'LOAD_ATTR', name: 'double', recent: true });
      expect(sites[0].countPerSecond).toBeGreaterThan(100);
    });

    test('says what does not exist', async () => {
      const folder = makeFolder({ 'no.prof': 'nothing' });
      const run = async (...args: string[]) => await pyrewrite(['top', ...args], { cwd: folder });
      const gone = await run('gone.prof');
      expect([gone.status, gone.stderr]).toEqual([
        1,
        expect.stringContaining('no file, folder or running process'),
      ]);
      const bad = await run('no.prof');
      expect([bad.status, bad.stderr]).toEqual([1, expect.stringContaining('not a pyrewrite profile')]);
      const sort = await run('--sort', 'size');
      expect([sort.status, sort.stderr]).toEqual([2, expect.stringContaining('there are time, rate')]);
      const often = await run('--interval', '0');
      expect(often.status).toBe(2);
    });
  },
  { names: ['3.12'] },
);
