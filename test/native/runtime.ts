import { spawnSync } from 'node:child_process';
import { mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { mergeProfiles } from '../../src/profile/merge.ts';
import type { Profile, SiteStats } from '../../src/profile/profile.ts';
import { readProfile } from '../../src/profile/reader.ts';
import { buildRuntime, type Runtime } from '../../src/runtime/build.ts';
import { freeThreadedVariant, type RuntimeVariant, WITH_GIL } from '../../src/runtime/sources.ts';
import { TEST_CACHE } from '../support/cache.ts';
import type { Python } from '../support/pythons.ts';

/**
 * The C runtime, compiled at first need.
 * @param python for which interpreter; default: any with the GIL
 */
export function nativeRuntime(python?: Python): Runtime {
  const runtime = buildRuntime({ cacheDir: TEST_CACHE, variant: variantFor(python) });
  if (runtime.kind !== 'native') throw new Error(`the tests need a C compiler: ${runtime.reason}`);
  return runtime;
}

/** What an interpreter needs. */
export function variantFor(python?: Python): RuntimeVariant {
  return python?.freeThreaded === true ? freeThreadedVariant('.so') : WITH_GIL;
}

/** The recorder in Python. */
export function pythonRuntime(): Runtime {
  return buildRuntime({ cacheDir: TEST_CACHE, cc: '/nonexistent/cc' });
}

/** A script's output and what it recorded. */
export interface ScriptRun {
  readonly status: number | null;
  readonly signal: NodeJS.Signals | null;
  readonly stdout: string;
  readonly stderr: string;
  /** Profile files, unread. */
  readonly files: readonly Uint8Array[];
  /** Of all processes; undefined when there is no file. */
  readonly profile: Profile | undefined;
}

/** What a script is run with. */
export interface ScriptOptions {
  readonly runtime?: Runtime;
  readonly env?: Readonly<Record<string, string>>;
  /** Instead of a folder that exists. */
  readonly out?: string;
  /** Milliseconds; default: five minutes. */
  readonly timeout?: number;
}

const SCRIPTS = fileURLToPath(new URL('.', import.meta.url));

/** Runs a Python script of this folder with the runtime on its path. */
export function runScript(python: Python, args: readonly string[], options: ScriptOptions = {}): ScriptRun {
  const folder = mkdtempSync(join(tmpdir(), 'pyrewrite-test-'));
  const [script, ...rest] = args;
  const { PATH } = process.env;
  try {
    const { status, signal, stdout, stderr } = spawnSync(python.path, [join(SCRIPTS, script), ...rest], {
      cwd: folder,
      encoding: 'utf8',
      timeout: options.timeout ?? 300_000,
      env: {
        PATH,
        PYTHONDONTWRITEBYTECODE: '1',
        PYTHONPATH: (options.runtime ?? nativeRuntime(python)).folder,
        PYREWRITE_OUT: options.out ?? `${folder}/`,
        ...options.env,
      },
    });
    const names = readdirSync(folder).filter((name) => name.endsWith('.prof'));
    const files = names.sort().map((name) => readFileSync(join(folder, name)));
    const profile = files.length === 0 ? undefined : mergeProfiles(files.map(readProfile));
    return { status, signal, stdout, stderr, files, profile };
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

/** Sites of the hand-made modules by their names, those of equal name added up. */
export function countsByName(
  sites: readonly SiteStats[],
  pick: (site: SiteStats) => number,
): Record<string, number> {
  const sums: Record<string, number> = {};
  for (const site of sites) {
    const name = site.name ?? '';
    if (pick(site) > 0) sums[name] = (sums[name] ?? 0) + pick(site);
  }
  return sums;
}
