import { writeSync } from 'node:fs';
import { isatty } from 'node:tty';
import { pause } from './pause.ts';

/** Where a command writes text. Synchronous, so that nothing is lost at exit. */
export interface Output {
  write(text: string | Uint8Array): void;
  /** Colours and progress are for terminals only. */
  readonly isTerminal: boolean;
  /** The stream shows colours: a terminal, and neither NO_COLOR nor TERM=dumb. */
  readonly colors: boolean;
  /** Characters on a line of the terminal. */
  readonly columns?: number | undefined;
}

/** All that a command knows of the world around it; tests pass their own. */
export interface Io {
  readonly stdout: Output;
  readonly stderr: Output;
  readonly env: NodeJS.ProcessEnv;
  readonly cwd: string;
}

/** The reader of our output went away (`| head`): the command stops, and that is no error. */
export class ClosedPipe extends Error {
  constructor() {
    super('the reader of the output is gone');
    this.name = 'ClosedPipe';
  }
}

const RETRY_MS = 2;

function errnoOf(error: unknown): string | undefined {
  return error instanceof Error && 'code' in error && typeof error.code === 'string' ? error.code : undefined;
}

/** Writes all bytes; waits while a non-blocking pipe is full. */
function writeAll(fd: number, bytes: Uint8Array): void {
  let done = 0;
  while (done < bytes.length) {
    try {
      done += writeSync(fd, bytes, done);
    } catch (error) {
      const code = errnoOf(error);
      if (code === 'EPIPE') throw new ClosedPipe();
      if (code !== 'EAGAIN') throw error;
      pause(RETRY_MS);
    }
  }
}

function fileOutput(fd: number, env: NodeJS.ProcessEnv): Output {
  const { NO_COLOR, FORCE_COLOR, TERM, COLUMNS } = env;
  const isTerminal = isatty(fd);
  const colors = isTerminal ? !NO_COLOR && TERM !== 'dumb' : Boolean(FORCE_COLOR);
  return {
    write: (text) => writeAll(fd, typeof text === 'string' ? Buffer.from(text) : text),
    isTerminal,
    colors,
    get columns() {
      if (!isTerminal) return undefined;
      // A terminal that does not know its width says 0.
      return Number(COLUMNS) || (fd === 1 ? process.stdout : process.stderr).columns || undefined;
    },
  };
}

/**
 * The real streams of this process.
 * They are never touched through `process.stdout`: opening those sets O_NONBLOCK on a pipe that
 * a program started by `pyrewrite run` shares, and its writes would fail with EAGAIN.
 */
export function processIo(): Io {
  return {
    stdout: fileOutput(1, process.env),
    stderr: fileOutput(2, process.env),
    env: process.env,
    cwd: process.cwd(),
  };
}
