import { type ChildProcessByStdio, spawn } from 'node:child_process';
import { once } from 'node:events';
import type { Readable, Writable } from 'node:stream';
import { PyrewriteError } from '../errors.ts';
import { runtimePyFile } from './runtime-py.ts';

/** A file to compile. */
export interface CompileRequest {
  /** File to read. */
  readonly path: string;
  /** `co_filename` of the code objects. */
  readonly filename: string;
  /** 0, 1 (-O) or 2 (-OO). */
  readonly optimize: number;
}

/** What the interpreter made of it. */
export type CompileResult =
  | {
      readonly kind: 'compiled';
      /** Seconds, modulo 2^32: as in a .pyc header. */
      readonly mtime: number;
      readonly size: number;
      /** The file that the interpreter itself would keep this code in. */
      readonly cachePath: string;
      /** marshal data of the module's code object. */
      readonly code: Uint8Array;
    }
  | { readonly kind: 'syntax-error' | 'unreadable'; readonly message: string };

/** Requests that are on their way at once: enough to keep the interpreter busy, few enough to stay small. */
const MOST_PENDING = 8;

const COMPILED = 0;
const SYNTAX_ERROR = 1;

function encodeRequest({ path, filename, optimize }: CompileRequest): Buffer {
  const pathBytes = Buffer.from(path);
  const filenameBytes = Buffer.from(filename);
  const head = Buffer.alloc(7);
  head.writeUInt32LE(1 + 2 + pathBytes.length + 2 + filenameBytes.length);
  head.writeInt8(optimize, 4);
  head.writeUInt16LE(pathBytes.length, 5);
  const middle = Buffer.alloc(2);
  middle.writeUInt16LE(filenameBytes.length);
  return Buffer.concat([head, pathBytes, middle, filenameBytes]);
}

function decodeResult(bytes: Buffer): CompileResult {
  const status = bytes[0];
  if (status !== COMPILED) {
    const kind = status === SYNTAX_ERROR ? 'syntax-error' : 'unreadable';
    return { kind, message: bytes.toString('utf8', 1) };
  }
  const codeStart = 11 + bytes.readUInt16LE(9);
  return {
    kind: 'compiled',
    mtime: bytes.readUInt32LE(1),
    size: bytes.readUInt32LE(5),
    cachePath: bytes.toString('utf8', 11, codeStart),
    code: bytes.subarray(codeStart),
  };
}

/** Yields the frames (u32 length, then as many bytes) of a stream, each in memory of its own. */
async function* frames(stream: Readable): AsyncGenerator<Buffer> {
  let chunks: Buffer[] = [];
  let have = 0;
  for await (const chunk of stream) {
    chunks.push(chunk);
    have += chunk.length;
    // Joining on every chunk would copy a large frame once per chunk.
    let need = have < 4 ? 4 : 4 + peekLength(chunks);
    if (have < need) continue;
    let bytes = Buffer.concat(chunks);
    while (bytes.length >= 4) {
      need = 4 + bytes.readUInt32LE();
      if (bytes.length < need) break;
      yield bytes.subarray(4, need);
      bytes = bytes.subarray(need);
    }
    chunks = bytes.length > 0 ? [bytes] : [];
    have = bytes.length;
  }
}

function peekLength(chunks: readonly Buffer[]): number {
  if (chunks[0].length >= 4) return chunks[0].readUInt32LE();
  return Buffer.concat(chunks).readUInt32LE();
}

type Helper = ChildProcessByStdio<Writable, Readable, Readable>;

function startHelper(python: string, env: NodeJS.ProcessEnv): Helper {
  // Isolated and without site: nothing of the user's runs, and the start is short.
  const { PYTHONPYCACHEPREFIX = '' } = env;
  const args = ['-I', '-S', '-B', runtimePyFile('compile_sources.py'), PYTHONPYCACHEPREFIX];
  return spawn(python, args, { stdio: ['pipe', 'pipe', 'pipe'], env });
}

function cannotStart(python: string, cause: Error): PyrewriteError {
  const remedy = 'give another interpreter with --python';
  return new PyrewriteError('python-failed', `cannot start ${python}: ${cause.message}`, { cause, remedy });
}

async function failure(python: string, helper: Helper, errors: readonly Buffer[]): Promise<PyrewriteError> {
  if (helper.exitCode === null && helper.signalCode === null) await once(helper, 'close');
  const how = helper.signalCode === null ? `exit status ${helper.exitCode}` : `signal ${helper.signalCode}`;
  const text = Buffer.concat(errors).toString().trim().split('\n').slice(-3).join('\n  ');
  return new PyrewriteError(
    'python-failed',
    `${python} stopped while compiling (${how})${text && `: ${text}`}`,
    {
      remedy: 'pyrewrite doctor tells whether the interpreter is sound',
    },
  );
}

/**
 * Compiles many sources with one interpreter process, which never writes a file.
 * Results come in the order of the requests; only a few files are in memory at any time.
 * @throws PyrewriteError `python-failed` when the interpreter dies
 */
export async function* compileSources<R extends CompileRequest>(
  python: string,
  requests: Iterable<R>,
  env: NodeJS.ProcessEnv,
): AsyncGenerator<readonly [R, CompileResult]> {
  const helper = startHelper(python, env);
  const errors: Buffer[] = [];
  let spawnError: Error | undefined;
  helper.on('error', (error) => {
    spawnError = error;
  });
  helper.stderr.on('data', (chunk: Buffer) => errors.push(chunk));
  // A helper that died is noticed by the missing result.
  helper.stdin.on('error', () => undefined);
  const iterator = requests[Symbol.iterator]();
  const pending: R[] = [];
  const send = (): void => {
    while (pending.length < MOST_PENDING) {
      const { value, done } = iterator.next();
      if (done) {
        helper.stdin.end();
        return;
      }
      pending.push(value);
      helper.stdin.write(encodeRequest(value));
    }
  };
  try {
    send();
    for await (const frame of frames(helper.stdout)) {
      const request = pending.shift();
      if (request === undefined) break;
      send();
      yield [request, decodeResult(frame)];
    }
    if (spawnError !== undefined) throw cannotStart(python, spawnError);
    if (pending.length > 0) throw await failure(python, helper, errors);
  } finally {
    helper.kill();
  }
}
