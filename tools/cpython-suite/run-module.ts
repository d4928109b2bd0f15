/** Runs one test module of CPython's suite and reads what became of its methods. */
import { existsSync, readdirSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { type Ended, runLimited } from '../compare/limited-process.ts';
import { readOutcomeLog } from '../compare/outcome-log.ts';
import { type Scratch, withScratch } from '../compare/scratch.ts';
import type { ModuleResult } from './results.ts';
import type { Tree } from './trees.ts';

export interface RunOptions {
  /** Killed after so long. */
  readonly seconds: number;
  /** Names or patterns of methods; all if there are none. */
  readonly match?: readonly string[];
}

const DRIVER = fileURLToPath(new URL('driver.py', import.meta.url));
/** Versions without frozen modules ignore it. */
const FLAGS = ['-X', 'frozen_modules=off'];
/** Part of the time that windows may cost: so many begin that most tests see some. */
const OFTEN = '0.3';
/** Seconds: regrtest's own limit is so much earlier, because it tells where a test hangs. */
const GRACE = 5;

export function runModule(tree: Tree, module: string, options: RunOptions): Promise<ModuleResult> {
  return withScratch('cpython-suite-', async (scratch) => {
    const { folder, profiles } = scratch;
    const log = join(folder, 'log.jsonl');
    const patterns = (options.match ?? []).flatMap((pattern) => ['-m', pattern]);
    const regrtest = ['-v', `--timeout=${options.seconds}`, `--tempdir=${folder}`, ...patterns, module];
    const cleaner = setInterval(() => removeFinished(profiles), 500);
    const started = Date.now();
    const ended = await execute([tree.executable, ...FLAGS, DRIVER, log, ...regrtest], scratch, options);
    clearInterval(cleaner);
    const { outcomes: methods, texts, numbers } = readOutcomeLog(log, withoutPlaces);
    return {
      status: ended.status,
      seconds: (Date.now() - started) / 1000,
      methods,
      texts,
      probes: numbers['probes'] ?? 0,
      output: ended.status === 'exit 0' ? '' : ended.output,
      ...(patterns.length > 0 && { partial: true }),
    };
  });
}

/** Every process leaves a profile of many megabytes, and a test may start hundreds. */
function removeFinished(profiles: string): void {
  for (const name of readdirSync(profiles)) {
    const pid = /\d+/.exec(name)?.[0];
    if (!existsSync(`/proc/${pid}`)) rmSync(join(profiles, name), { force: true });
  }
}

async function execute(
  command: readonly string[],
  { folder, profiles }: Scratch,
  { seconds }: RunOptions,
): Promise<Ended> {
  const started = Date.now();
  const gate = process.env['PYREWRITE_GATE'];
  const sampled = gate === undefined ? {} : { PYREWRITE_GATE: gate, PYREWRITE_OVERHEAD: OFTEN };
  const env = { PYREWRITE_OUT: `${profiles}/`, ...sampled };
  const ended = await runLimited(command, { folder, seconds: seconds + GRACE, env });
  const hung = ended.output.includes('Timeout (') && Date.now() - started >= seconds * 1000;
  return hung ? { ...ended, status: 'timeout' } : ended;
}

/** Where an object lies, and where its interpreter is, is another place in every run. */
function withoutPlaces(text: string): string {
  return text.replace(/\b0x[0-9a-f]+|\/(plain|probe)\/|cpython-suite-\w+|test_python_\w+/g, '…');
}
