import { closeSync, openSync, writeSync } from 'node:fs';
import { setTimeout as sleep } from 'node:timers/promises';
import { PyrewriteError } from '../../errors.ts';
import { CONTROL_STEP, CONTROLS } from '../../profile/control.ts';
import { fieldOffsets, HEADER, PROCESS, RECORD, RECORD_TYPES } from '../../profile/format.ts';
import { checkedHeader, nsPerTick } from '../../profile/header.ts';
import { commandOf, readFacts } from '../../profile/records.ts';
import { type StructValues, structReader } from '../../profile/struct-reader.ts';
import { aboutFile } from '../input-file.ts';
import { isWriting } from '../is-writing.ts';
import { readPart } from '../read-part.ts';

/** What a process can be asked for. */
export type Wish = 'on' | 'off';

/** Whether a running process records, and since when it does not. */
export interface Recording {
  readonly pid: number;
  /** Its profile. */
  readonly file: string;
  /** Its command line, as far as it knew it. */
  readonly command: readonly string[];
  /** What it does now. */
  readonly state: Wish;
  /** What it was asked for and has not obeyed yet: it does at its next operation; null where there is nothing. */
  readonly pending: Wish | null;
  /** How long recording was off in all, up to now, nanoseconds. */
  readonly offNs: number;
  /** How often it was switched. */
  readonly switches: number;
}

/** More is not read of a process's facts: a command line of this length is no longer printed anyway. */
const MOST_FACTS = 1 << 20;
const POLL_MS = 5;

const CONTROL_OFFSET = fieldOffsets(HEADER).get('control') ?? 0;
const WISH_BITS = CONTROL_STEP - 1;

const readHead = structReader(RECORD);

/**
 * Whether a process records.
 * @param path its profile
 * @throws PyrewriteError 'bad-profile' for what is no profile, 'not-found' where no running process writes it
 */
export function recordingOf(path: string): Recording {
  return withProfile(path, 'r', (fd) => recordingIn(fd, path));
}

/**
 * Asks a process to record, or not to. It obeys at its next operation; where code is sampled, at the next window.
 * @param path its profile
 * @returns what it did until then
 * @throws PyrewriteError 'bad-profile' for what is no profile, 'not-found' where no running process writes it
 */
export function ask(path: string, wish: Wish): Recording {
  return withProfile(path, 'r+', (fd) => {
    const recording = recordingIn(fd, path);
    const word = Buffer.alloc(4);
    const before = readHeader(fd, path).number('control');
    // The upper bits count, so that it is a new wish even if it is the same as before.
    const next = ((before & ~WISH_BITS) + CONTROL_STEP) | (wish === 'on' ? CONTROLS.ON : CONTROLS.OFF);
    word.writeUInt32LE(next >>> 0);
    // Four bytes that lie in one cache line: nobody sees a part of them.
    writeSync(fd, word, 0, word.length, CONTROL_OFFSET);
    return { ...recording, pending: wish };
  });
}

/**
 * {@link ask}, and waits until it has obeyed.
 * @param waitMs at most; what is pending then is told in the result
 */
export async function askAndWait(path: string, wish: Wish, waitMs: number): Promise<Recording> {
  const end = performance.now() + waitMs;
  let recording = ask(path, wish);
  while (recording.pending !== null && performance.now() < end) {
    await sleep(POLL_MS);
    recording = recordingOf(path);
  }
  return recording;
}

function withProfile<T>(path: string, flags: string, use: (fd: number) => T): T {
  const fd = openSync(path, flags);
  try {
    return use(fd);
  } finally {
    closeSync(fd);
  }
}

function readHeader(fd: number, path: string): StructValues {
  try {
    return checkedHeader(readPart(fd, 0, HEADER.size), 0);
  } catch (error) {
    throw aboutFile(error, path);
  }
}

/** A process tells last that it has obeyed: what is read after that is what it did. */
function readSettled(fd: number, path: string): StructValues {
  const header = readHeader(fd, path);
  return header.number('control') === header.number('obeyed') ? readHeader(fd, path) : header;
}

function recordingIn(fd: number, path: string): Recording {
  const header = readSettled(fd, path);
  const pid = header.number('pid');
  if (!isWriting(pid, path)) throw notWritten(pid, path);
  const word = header.number('control');
  const isPending = word !== header.number('obeyed');
  return {
    pid,
    file: path,
    command: commandIn(fd),
    state: header.big('off_since') === 0n ? 'on' : 'off',
    pending: isPending ? wishOf(word) : null,
    offNs: offNs(header),
    switches: header.number('switches'),
  };
}

/** That a profile is no running process's. */
export function notWritten(pid: number, path: string): PyrewriteError {
  return new PyrewriteError('not-found', `no running process writes this profile; process ${pid} did`, {
    file: path,
    remedy: 'a process in a container is seen from inside of it only',
  });
}

function wishOf(word: number): Wish | null {
  const wish = word & WISH_BITS;
  if (wish === CONTROLS.ON) return 'on';
  return wish === CONTROLS.OFF ? 'off' : null;
}

/** The clock of the process, and ours, is CLOCK_MONOTONIC. */
function offNs(header: StructValues): number {
  const rate = nsPerTick(header);
  const before = header.number('off_ticks') * rate;
  const since = header.big('off_since');
  if (since === 0n) return before;
  const sinceNs = header.number('start_ns') + Number(since - header.big('start_ticks')) * rate;
  return before + Math.max(0, Number(process.hrtime.bigint()) - sinceNs);
}

function commandIn(fd: number): string[] {
  const head = readPart(fd, HEADER.size, RECORD.size);
  if (head.length < RECORD.size) return [];
  const record = readHead(head, 0);
  const length = record.number('length');
  if (record.number('type') !== RECORD_TYPES.PROCESS || length < PROCESS.size || length > MOST_FACTS)
    return [];
  const facts: (readonly [string, string])[] = [];
  readFacts(readPart(fd, HEADER.size, length), facts);
  return commandOf(facts);
}
