import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { delimiter, join } from 'node:path';

/** The private folder of one run, deleted at its end. */
export interface RunFolder {
  readonly path: string;
  /** Address of the instrumenting service. */
  readonly socket: string;
  /** Where the processes put their profiles. */
  readonly profiles: string;
  /** What python is told to run in place of the script. */
  readonly mainPyc: string;
  /** Where the startup hook says why it could not start. */
  readonly error: string;
  remove(): void;
}

/** Longest path of a unix socket (sun_path has 108 bytes, macOS 104). */
const LONGEST_SOCKET_PATH = 100;

/** Makes the folder; only this user may enter it. */
export function makeRunFolder(): RunFolder {
  const name = 'pyrewrite-run-';
  const roomy = Buffer.byteLength(join(tmpdir(), `${name}XXXXXX/s`)) <= LONGEST_SOCKET_PATH;
  const path = mkdtempSync(join(roomy ? tmpdir() : '/tmp', name));
  return {
    path,
    socket: join(path, 's'),
    profiles: path,
    mainPyc: join(path, 'main.pyc'),
    error: join(path, 'error'),
    remove: () => rmSync(path, { recursive: true, force: true }),
  };
}

export interface HookSettings {
  /** Folder with sitecustomize.py and _pyrewrite. */
  readonly hookFolder: string;
  readonly folder: RunFolder;
  /** Lines of the scope; see src/runtime-py/_pyrewrite_startup.py. */
  readonly rules: readonly string[];
  /** What main.pyc is made of; undefined: python runs the program itself. */
  readonly main: { readonly kind: 'file' | 'command'; readonly text: string } | undefined;
}

/** The program's environment with what the startup hook needs. */
export function hookEnvironment(env: NodeJS.ProcessEnv, settings: HookSettings): NodeJS.ProcessEnv {
  const { hookFolder, folder, rules, main } = settings;
  const { PYTHONPATH } = env;
  return {
    ...env,
    PYTHONPATH: PYTHONPATH ? `${hookFolder}${delimiter}${PYTHONPATH}` : hookFolder,
    PYREWRITE_SOCKET: folder.socket,
    PYREWRITE_OUT: folder.profiles,
    PYREWRITE_SCOPE: rules.join('\n'),
    ...(main === undefined
      ? {}
      : { PYREWRITE_MAIN: ['write', main.kind, folder.mainPyc, main.text].join('\n') }),
  };
}
