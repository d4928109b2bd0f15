import { existsSync, mkdirSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { PyrewriteError } from '../errors.ts';
import type { Interpreter } from '../python/interpreter.ts';
import { fillHookFolder } from './hook-folder.ts';

const FOLDER = 'pyrewrite_runtime';
const PATH_FILE = 'pyrewrite_runtime.pth';

/** What site.py does with it at every start: the folder joins sys.path, then the line is executed. */
const PATH_LINES = `${FOLDER}\nimport _pyrewrite_site\n`;

function placesIn(folder: string): { folder: string; pathFile: string } {
  return { folder: join(folder, FOLDER), pathFile: join(folder, PATH_FILE) };
}

/**
 * Copies the runtime into the interpreter's site-packages.
 * @returns what was written
 */
export function installRuntime(python: Interpreter, recorder: string): string[] {
  const [sitePackages] = python.sitePackages;
  const { folder, pathFile } = placesIn(sitePackages);
  try {
    rmSync(folder, { recursive: true, force: true });
    mkdirSync(sitePackages, { recursive: true });
    fillHookFolder(folder, recorder, { startup: false });
    writeFileSync(pathFile, PATH_LINES);
  } catch (cause) {
    const reason = cause instanceof Error ? cause.message : String(cause);
    throw new PyrewriteError('build-failed', `cannot install the runtime into ${sitePackages}: ${reason}`, {
      remedy: 'name a virtual environment with --python, or set PYTHONPATH=$(pyrewrite runtime)',
      cause,
    });
  }
  return [folder, pathFile];
}

/**
 * Removes the runtime from the interpreter's site-packages.
 * @returns what was removed
 */
export function uninstallRuntime(python: Interpreter): string[] {
  const places = python.sitePackages.flatMap((sitePackages) => Object.values(placesIn(sitePackages)));
  const there = places.filter((path) => existsSync(path));
  for (const path of there) rmSync(path, { recursive: true });
  return there;
}
