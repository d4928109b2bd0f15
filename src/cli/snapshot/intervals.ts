import { closeSync, openSync, readSync } from 'node:fs';
import { HEADER, PROFILE_FLAGS } from '../../profile/format.ts';
import { checkedHeader, frequency } from '../../profile/header.ts';
import { type ClockReading, hasDurations, lateParts, takeInterval } from '../../profile/interval.ts';
import { notWritten } from '../control/running-profile.ts';
import { isAlive } from '../is-alive.ts';
import { isWriting } from '../is-writing.ts';
import { pause } from '../pause.ts';
import { readPart } from '../read-part.ts';
import { findProfiles } from '../top/find.ts';

interface Process {
  readonly fd: number;
  readonly pid: number;
  /** What was told of it, and up to when. */
  told: Uint8Array;
  end: ClockReading | null;
}

/** Copies what processes record, interval by interval; they notice nothing. */
export class Intervals {
  readonly #targets: readonly string[];
  readonly #cwd: string;
  readonly #processes = new Map<string, Process>();
  /** Those of processes that ended, and what is no profile. */
  readonly #done = new Set<string>();

  /** @param targets files, folders and process ids; none for all running processes */
  constructor(targets: readonly string[], cwd: string) {
    this.#targets = targets;
    this.#cwd = cwd;
  }

  /** Processes that were running when the latest interval was taken. */
  get running(): number {
    return this.#processes.size;
  }

  /**
   * What each process recorded since it was asked before, or since it began: a profile for each. One that ended since is
   * told a last time.
   */
  take(): Uint8Array[] {
    this.#look();
    return [...this.#processes].map(([path, process]) => {
      const hasEnded = !isAlive(process.pid);
      const interval = takeOne(process);
      if (hasEnded || (flagsOf(interval) & PROFILE_FLAGS.FINISHED) !== 0) this.#drop(path, process);
      return interval;
    });
  }

  close(): void {
    for (const [path, process] of this.#processes) this.#drop(path, process);
  }

  #drop(path: string, { fd }: Process): void {
    closeSync(fd);
    this.#processes.delete(path);
    this.#done.add(path);
  }

  /** What was removed meanwhile is no error, unless nothing was found before. */
  #look(): void {
    let found: ReturnType<typeof findProfiles> = [];
    try {
      found = findProfiles(this.#targets, this.#cwd);
    } catch (error) {
      if (this.#done.size + this.#processes.size === 0) throw error;
    }
    for (const { path, named } of found) {
      if (this.#processes.has(path) || this.#done.has(path)) continue;
      const process = open(path, named);
      if (process !== undefined) this.#processes.set(path, process);
    }
  }
}

/** Undefined for what no running process writes, and what is gone. */
function open(path: string, named: boolean): Process | undefined {
  try {
    return opened(path);
  } catch (error) {
    if (named) throw error;
    return undefined;
  }
}

function opened(path: string): Process {
  const fd = openSync(path, 'r');
  try {
    const pid = checkedHeader(readPart(fd, 0, HEADER.size), 0).number('pid');
    if (!isWriting(pid, path)) throw notWritten(pid, path);
    return { fd, pid, told: new Uint8Array(0), end: null };
  } catch (error) {
    closeSync(fd);
    throw error;
  }
}

/** How long a program is waited for that does not go on. It may have no CPU for a while; or somebody has stopped it. */
const PATIENCE_MS = 1000;
const LONGEST_PAUSE_MS = 32;

function readLate({ fd, pid }: Process, bytes: Uint8Array): void {
  const parts = lateParts(bytes);
  const end = performance.now() + PATIENCE_MS;
  for (let wait = 1; ; wait = Math.min(2 * wait, LONGEST_PAUSE_MS)) {
    // Asked before: what it does until it ends is read behind that. One that was killed there never goes on.
    const isLast = !isAlive(pid) || performance.now() > end;
    for (const [offset, length] of parts) readSync(fd, bytes, offset, length, offset);
    if (isLast || hasDurations(bytes)) return;
    pause(wait);
  }
}

/** How often a file is read from the beginning that grows meanwhile. */
const MOST_READINGS = 10;

function usedOf(fd: number): number {
  return checkedHeader(readPart(fd, 0, HEADER.size), 0).number('used');
}

/** All of a file: where it grows while it is read, sites can have their latest durations behind what was its end. */
function readAll(fd: number): Uint8Array {
  let used = usedOf(fd);
  for (let readings = 1; ; readings++) {
    const bytes = readPart(fd, 0, used);
    const now = usedOf(fd);
    if (now === used || readings === MOST_READINGS) return bytes;
    used = now;
  }
}

function takeOne(process: Process): Uint8Array {
  const bytes = readAll(process.fd);
  readLate(process, bytes);
  const end = now(bytes);
  const begin = process.end;
  process.told = takeInterval(bytes, process.told, begin, end);
  process.end = end;
  return bytes;
}

/** Now, on the clock of a process; of one that has ended, its end. */
function now(bytes: Uint8Array): ClockReading {
  const header = checkedHeader(bytes, 0);
  const latest = { ticks: header.big('latest_ticks'), ns: header.big('latest_ns') };
  if ((flagsOf(bytes) & PROFILE_FLAGS.FINISHED) !== 0) return latest;
  const ns = process.hrtime.bigint();
  const passed = Number(ns - header.big('start_ns')) * (frequency(header) / 1e9);
  return { ticks: header.big('start_ticks') + BigInt(Math.round(passed)), ns };
}

function flagsOf(bytes: Uint8Array): number {
  return checkedHeader(bytes, 0).number('flags');
}
