/** `pyrewrite rewrite --sample --overhead`: the deployed tree has its budget. */
import { mkdirSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { readProfile } from '../../src/profile/reader.ts';
import { describePythons } from '../support/pythons.ts';
import { makeFolder, pyrewrite, start } from './cli.ts';

describePythons(
  'pyrewrite rewrite --sample',
  ({ path: python }) => {
    test('the budget is in the instrumented modules, and the environment overrides it', async () => {
      const folder = makeFolder({
        'app.py': 'import part\nprint(sum(part.work(i) for i in range(1000)))\n',
        'part.py': 'def work(n):\n    return (n + 1).real\n',
      });
      const options = ['--opcodes', 'attr', '--sample', '--python', python];
      const rewrite = async (...args: string[]): Promise<string> => {
        const { status, stderr } = await pyrewrite(['rewrite', ...options, ...args], { cwd: folder });
        expect(status, stderr).toBe(0);
        return stderr;
      };
      const runtime = (await pyrewrite(['runtime', '--python', python])).stdout.trim();
      const budget = async (env: Readonly<Record<string, string>> = {}): Promise<number | undefined> => {
        const out = join(folder, 'out');
        rmSync(out, { recursive: true, force: true });
        mkdirSync(out);
        const { status, stdout, stderr } = await start(python, ['app.py'], {
          cwd: join(folder, 'tree'),
          env: { PYTHONPATH: runtime, PYREWRITE_OUT: `${out}/`, ...env },
        });
        expect([status, stdout], stderr).toEqual([0, '500500\n']);
        const [file] = readdirSync(out);
        return readProfile(readFileSync(join(out, file))).sampling?.budget;
      };
      await rewrite('--overhead', '1.5%', '--out', 'tree', '.');
      expect(await budget()).toBeCloseTo(0.015, 6);
      expect(await budget({ PYREWRITE_OVERHEAD: '0.2' })).toBeCloseTo(0.2, 6);
      rmSync(join(folder, 'tree'), { recursive: true });
      await rewrite('--out', 'tree', '.');
      expect(await budget()).toBeCloseTo(0.03, 6);
      const { status, stderr } = await pyrewrite(['rewrite', '--overhead', '2%', '--dry-run', '.'], {
        cwd: folder,
      });
      expect(`${status} ${stderr}`).toMatch(/^2 pyrewrite: --overhead says nothing without --sample/);
    });
  },
  { names: ['3.12'] },
);
