/** Law: a signal, to the program's whole process group or to `pyrewrite run` alone, reaches the program once. */
import { spawn } from 'node:child_process';
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { cleanEnvironment, cliArgs, makeFolder, pyrewrite } from '../cli/cli.ts';
import { FULL } from '../support/full.ts';
import { describePythons, type Python } from '../support/pythons.ts';

const SCRIPT = readFileSync(join(import.meta.dirname, 'scripts/interrupted.py'), 'utf8');
const SIGNALS = ['SIGINT', 'SIGTERM'] as const;

let compared = 0;

beforeAll(async () => {
  await pyrewrite(['runtime']);
});
afterAll(() => {
  console.log(`signals: ${compared} interrupted runs compared`);
  expect(compared).toBeGreaterThan(0);
});

interface Sent {
  readonly signal: NodeJS.Signals;
  readonly toGroup: boolean;
  /** How long what else the command started gets no CPU from then on, ms. */
  readonly lateMs?: number;
}

function factsOf(pid: string | number): string {
  try {
    return readFileSync(`/proc/${pid}/status`, 'utf8');
  } catch {
    return ''; // It is gone.
  }
}

/** Lets the processes wait that the command started beside the program. */
function delay(command: number, milliseconds: number): void {
  const isOther = (pid: string): boolean => {
    const facts = factsOf(pid);
    return facts.startsWith('Name:\tcat\n') && facts.includes(`\nPPid:\t${command}\n`);
  };
  const others = readdirSync('/proc').filter((name) => /^\d+$/.test(name) && isOther(name));
  expect(others).toHaveLength(1);
  for (const other of others.map(Number)) {
    process.kill(other, 'SIGSTOP');
    while (!/^State:\s*T/m.test(factsOf(other)));
    setTimeout(() => process.kill(other, 'SIGCONT'), milliseconds);
  }
}

/** Starts a program in a process group of its own, signals it when it is ready, waits for its end. */
async function interrupt(command: string, args: readonly string[], cwd: string, sent: Sent) {
  const { signal, toGroup, lateMs } = sent;
  const env = cleanEnvironment();
  const child = spawn(command, args, { cwd, env, detached: true, stdio: ['ignore', 'pipe', 'pipe'] });
  const text = { stdout: '', stderr: '' };
  child.stdout.on('data', (chunk) => {
    text.stdout += chunk;
    const { pid = 0 } = child;
    if (text.stdout !== 'ready\n') return;
    if (lateMs !== undefined) delay(pid, lateMs);
    process.kill(toGroup ? -pid : pid, signal);
  });
  child.stderr.on('data', (chunk) => {
    text.stderr += chunk;
  });
  const end = await new Promise((resolve) => child.on('close', (status, by) => resolve(by ?? status)));
  return { ...text, end };
}

async function compare(python: Python, sent: Sent): Promise<void> {
  const cwd = makeFolder({ 'app.py': SCRIPT });
  const { lateMs: _, ...atOnce } = sent;
  const plain = await interrupt(python.path, ['app.py'], cwd, atOnce);
  const options = ['run', '--python', python.path, '--opcodes', 'all', '-o', join(cwd, 'out.prof'), 'app.py'];
  const ours = await interrupt(process.execPath, cliArgs(options), cwd, sent);
  expect([ours.stdout, ours.end]).toEqual([plain.stdout, plain.end]);
  // The innermost line is where the signal found the program.
  expect(ours.stderr.split('\n')[0]).toBe(plain.stderr.split('\n')[0]);
  expect(ours.stderr.split('Error').length).toBe(plain.stderr.split('Error').length);
  expect(ours.stderr).toContain('profile: ');
  compared++;
}

describePythons(
  'a program that is interrupted',
  (python) => {
    for (const signal of SIGNALS) {
      test.each([{ toGroup: true }, { toGroup: false }])(`${signal}, to its group: $toGroup`, async (to) => {
        await compare(python, { signal, ...to });
      });
    }
  },
  FULL ? {} : { names: ['3.8', '3.12', '3.15'] },
);

describePythons(
  'a program that is interrupted on a busy machine',
  (python) => {
    test('the signal reaches it once', async () => {
      await compare(python, { signal: 'SIGTERM', toGroup: true, lateMs: 300 });
    });
  },
  { names: ['3.12'] },
);
