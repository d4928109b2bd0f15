import { cpSync, mkdtempSync, realpathSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { afterAll, expect } from 'vitest';
import type { Report } from '../../src/report/report.ts';
import { pyrewrite } from '../cli/cli.ts';
import { findPython } from '../support/pythons.ts';

/** A recorded run of the sensors example: its page and what `report --json` says of it. */
export interface Recorded {
  readonly folder: string;
  readonly page: string;
  readonly profile: string;
  readonly report: Report;
}

/** Runs the sensors example with everything measured, and makes the page as a user does. */
export async function recordSensors(version: string, rows = 1000): Promise<Recorded> {
  const folder = realpathSync(mkdtempSync(join(tmpdir(), 'pyrewrite-html-')));
  afterAll(() => rmSync(folder, { recursive: true, force: true }));
  cpSync(resolve(import.meta.dirname, '../../examples/sensors'), join(folder, 'sensors'), {
    recursive: true,
  });
  const python = findPython(version)?.path ?? version;
  const options = ['--python', python, '--opcodes', 'all', '--types', '-o', 'app.prof'];
  const run = await pyrewrite(['run', ...options, '--html', 'app.html', 'sensors/app.py', String(rows)], {
    cwd: folder,
  });
  expect(run.status, run.stderr).toBe(0);
  expect(run.stderr).toContain(`page: ${folder}/app.html`);
  const json = await pyrewrite(['report', '--json', 'app.prof'], { cwd: folder });
  const report = JSON.parse(json.stdout) as Report;
  return { folder, page: join(folder, 'app.html'), profile: join(folder, 'app.prof'), report };
}
