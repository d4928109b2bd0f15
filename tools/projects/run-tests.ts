/** Runs the tests of a project once. */
import { mkdirSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { runLimited } from '../compare/limited-process.ts';
import { readOutcomeLog } from '../compare/outcome-log.ts';
import { type Scratch, withScratch } from '../compare/scratch.ts';
import type { Environment } from './environments.ts';
import { ProfileFolder } from './profiles.ts';
import type { Run } from './results.ts';

const FOLDER = dirname(fileURLToPath(import.meta.url));

export interface RunOptions {
  /** Killed after so long. */
  readonly seconds: number;
  /** The folder of the runtime; without one the run is plain. */
  readonly runtime?: string;
  /** More arguments for pytest. */
  readonly more: readonly string[];
}

/** The command, without the interpreter. */
function pytest({ project, sitePackages }: Environment, more: readonly string[]): readonly string[] {
  const own = project.arguments.map((argument) => argument.replaceAll('{site}', sitePackages));
  const deselected = (project.deselected ?? []).flatMap(({ tests }) => tests.trim().split(/\s+/));
  return [
    ...['-m', 'pytest', '--assert=plain', '-p', 'no:cacheprovider', '-p', 'outcomes', '-q', '--tb=short'],
    ...own,
    ...deselected.map((id) => (id.includes('::') ? `--deselect=${id}` : `--ignore=${id}`)),
    ...more,
  ];
}

export function runTests(environment: Environment, options: RunOptions): Promise<Run> {
  const { project, folder: own, source } = environment;
  return withScratch('projects-', async (scratch) => {
    const log = join(scratch.folder, 'log.jsonl');
    const recorded = new ProfileFolder(scratch.profiles, project, own);
    const collector = setInterval(() => recorded.collect(), 1000);
    const started = Date.now();
    const { status, output } = await runLimited(
      [environment.executable, ...pytest(environment, options.more)],
      {
        folder: source,
        seconds: options.seconds,
        env: variables(environment, options.runtime, { ...scratch, log }),
      },
    );
    const seconds = (Date.now() - started) / 1000;
    clearInterval(collector);
    recorded.collect();
    const { outcomes, texts } = readOutcomeLog(log, (id) => withoutPlaces(id, scratch.folder));
    return {
      status,
      seconds,
      outcomes,
      texts,
      output: status === 'exit 0' ? '' : output,
      ...(options.runtime !== undefined && { executed: recorded.total() }),
    };
  });
}

function variables(
  { project, executable }: Environment,
  runtime: string | undefined,
  { folder, profiles, log }: Scratch & { readonly log: string },
): Readonly<Record<string, string>> {
  const temporary = join(folder, 'tmp');
  mkdirSync(temporary);
  return {
    PATH: `${dirname(executable)}:${process.env['PATH'] ?? ''}`,
    PYTHONPATH: runtime === undefined ? FOLDER : `${runtime}:${FOLDER}`,
    PYREWRITE_OUT: `${profiles}/`,
    PROJECT_OUTCOMES: log,
    TMPDIR: temporary,
    // Otherwise the second run would begin with what the first one found.
    HYPOTHESIS_STORAGE_DIRECTORY: join(temporary, 'hypothesis'),
    ...project.environment,
  };
}

/** Where an object lies is another place in every run. */
function withoutPlaces(id: string, folder: string): string {
  return id.replaceAll(folder, '…').replace(/\b0x[0-9a-f]{6,}/g, '…');
}
