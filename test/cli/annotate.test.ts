import { join } from 'node:path';
import { expect, test } from 'vitest';
import { describePythons } from '../support/pythons.ts';
import { addFiles, makeFolder, pyrewrite } from './cli.ts';

const PROGRAM = `import other.work

class Box:
    def __init__(self):
        self.value = 3

def add(box, times):
    total = 0
    for _ in range(times):
        total += box.value
    return total

print(add(Box(), 500) + other.work.twice(4))
`;

describePythons(
  'annotate',
  (python) => {
    test('shows counts beside the lines, and what the JSON says', async () => {
      const folder = makeFolder({
        'app.py': PROGRAM,
        'other/work.py': 'def twice(n):\n    return n.real * 2\n',
      });
      const run = await pyrewrite(['run', '--python', python.path, 'app.py'], { cwd: folder });
      expect([run.status, run.stdout]).toEqual([0, '1508\n']);
      const text = await pyrewrite(['annotate', 'app.py', 'work.py', 'app.prof'], { cwd: folder });
      expect(text.status, text.stderr).toBe(0);
      expect(text.stdout).toMatch(/^ {4}10 {7}500 +\S+ \S+ +\S.* {8}total \+= box\.value$/m);
      expect(text.stdout).toMatch(/^ {5}2 +1 .* {4}return n\.real \* 2$/m);
      expect(text.stdout).toMatch(/^ {5}8 {40,}total = 0$/m);
      const json = await pyrewrite(['annotate', '--json', 'app.py', 'app.prof'], { cwd: folder });
      const [file] = JSON.parse(json.stdout).files;
      expect(file.file).toBe(join(folder, 'app.py'));
      expect(file.lines[9]).toMatchObject({ line: 10, hits: 500, text: '        total += box.value' });
      expect(file.lines[9].operations.map(({ count }: { count: number }) => count)).toEqual([500, 500]);
    }, 120_000);

    test('says what is wrong, and what to do', async () => {
      const folder = makeFolder({ 'a.py': 'print(len("x"))\n' });
      const run = await pyrewrite(['run', '--python', python.path, 'a.py'], { cwd: folder });
      expect(run.status).toBe(0);
      addFiles(folder, { 'other.py': '' });
      const wrong: [string[], number, RegExp][] = [
        [['annotate'], 2, /no source FILE given/],
        [['annotate', 'a.py'], 2, /no PROFILE given/],
        [['annotate', 'a.prof'], 2, /no source FILE given/],
        [
          ['annotate', 'other.py', 'a.prof'],
          1,
          /nothing was measured in other\.py\n {2}the profile has .*a\.py/,
        ],
      ];
      for (const [args, status, message] of wrong) {
        const result = await pyrewrite(args, { cwd: folder });
        expect([result.status, result.stdout]).toEqual([status, '']);
        expect(result.stderr).toMatch(message);
      }
      await pyrewrite(['run', '--python', python.path, '-c', 'print(len("x"))'], { cwd: folder });
      const gone = await pyrewrite(['annotate', '<string>', 'command.prof'], { cwd: folder });
      expect([gone.status, gone.stderr]).toEqual([1, expect.stringContaining('the source cannot be read')]);
    }, 120_000);
  },
  { names: ['3.8', '3.13'] },
);
