import { existsSync, readdirSync, rmSync } from 'node:fs';
import { join, resolve } from 'node:path';
import type { PyrewriteError } from '../../errors.ts';
import { nothingRecords } from '../control/targets.ts';
import { SIGNALS } from '../interrupt.ts';
import type { Io } from '../io.ts';
import { writeChunksAtomically } from '../rewrite/atomic.ts';
import { Intervals } from './intervals.ts';

/** What {@link snapshots} writes. */
export interface SnapshotOptions {
  /** Files, folders and process ids; none for all running processes. */
  readonly targets: readonly string[];
  readonly folder: string;
  /** Undefined: once, of all up to now. */
  readonly everyMs: number | undefined;
  /** Intervals. */
  readonly count: number;
  /** Files. */
  readonly keep: number;
}

/** Writes intervals until the processes have ended, and prints the name of each file. */
export async function snapshots(options: SnapshotOptions, io: Io): Promise<void> {
  const intervals = new Intervals(options.targets, io.cwd);
  const folder = resolve(io.cwd, options.folder);
  const clock = new Pacer();
  try {
    if (options.everyMs === undefined) {
      if (!write(intervals, folder, io)) throw nothing(options.targets);
      return;
    }
    let written = 0;
    while (written < options.count) {
      await clock.wait(options.everyMs);
      const isWritten = write(intervals, folder, io);
      if (!isWritten && written === 0) throw nothing(options.targets);
      written++;
      if (Number.isFinite(options.keep)) removeOldest(folder, options.keep);
      if (clock.isInterrupted || intervals.running === 0) return;
    }
  } finally {
    clock.close();
    intervals.close();
  }
}

function nothing(targets: readonly string[]): PyrewriteError {
  return nothingRecords(targets, 'a process is seen once it has loaded an instrumented module');
}

function write(intervals: Intervals, folder: string, io: Io): boolean {
  const profiles = intervals.take();
  if (profiles.length === 0) return false;
  const file = freeName(folder);
  writeChunksAtomically(file, profiles);
  io.stdout.write(`${file}\n`);
  return true;
}

/** Names sort by time: `20261127T134600.123Z.prof`. */
function freeName(folder: string): string {
  for (let ms = Date.now(); ; ms++) {
    const name = join(folder, `${new Date(ms).toISOString().replace(/[-:]/g, '')}.prof`);
    if (!existsSync(name)) return name;
  }
}

/** Others that lie in the folder stay. */
function removeOldest(folder: string, keep: number): void {
  const names = readdirSync(folder).filter((name) => /^\d{8}T\d{6}\.\d{3}Z\.prof$/.test(name));
  for (const name of names.sort().slice(0, -keep)) rmSync(join(folder, name), { force: true });
}

/** Waits to the beat: what writing takes makes no interval longer. An interrupt ends the wait, and it is the last. */
class Pacer {
  isInterrupted = false;
  #next = performance.now();
  #wake = (): void => {};

  constructor() {
    for (const signal of SIGNALS) process.on(signal, this.#interrupt);
  }

  async wait(ms: number): Promise<void> {
    this.#next = Math.max(this.#next + ms, performance.now());
    if (this.isInterrupted) return;
    await new Promise<void>((done) => {
      const timer = setTimeout(done, this.#next - performance.now());
      this.#wake = () => {
        clearTimeout(timer);
        done();
      };
    });
  }

  close(): void {
    for (const signal of SIGNALS) process.off(signal, this.#interrupt);
  }

  readonly #interrupt = (): void => {
    this.isInterrupted = true;
    this.#wake();
  };
}
