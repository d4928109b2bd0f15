import { closeSync, openSync } from 'node:fs';
import { PyrewriteError } from '../../errors.ts';
import { LiveProfile } from '../../top/live-profile.ts';
import type { Watched } from '../../top/table.ts';
import { isAlive } from '../is-alive.ts';
import { readPart } from '../read-part.ts';
import { type Found, findProfiles } from './find.ts';

/** Seconds between two looks for new processes, and for ended ones. */
const LOOK_SECONDS = 1;

interface Open extends Watched {
  readonly fd: number;
}

/** Watches the profiles of processes: new ones appear, and ended ones are kept and marked. */
export class Watcher {
  readonly #targets: readonly string[];
  readonly #cwd: string;
  readonly #open = new Map<string, Open>();
  /** Files that are no profile, and those of processes that had ended before. */
  readonly #ignored = new Set<string>();
  #lookedAt = Number.NEGATIVE_INFINITY;

  /** @param targets files, folders and process ids; none for all running processes */
  constructor(targets: readonly string[], cwd: string) {
    this.#targets = targets;
    this.#cwd = cwd;
  }

  get processes(): readonly Watched[] {
    return [...this.#open.values()];
  }

  /**
   * Reads what is new.
   * @param now seconds
   * @param all whether every counter is read
   */
  refresh(now: number, all = false): void {
    if (now - this.#lookedAt >= LOOK_SECONDS) {
      this.#look(now);
      this.#lookedAt = now;
    }
    for (const watched of this.#open.values()) {
      // What a process that ended left is read once more and does not change then.
      if (!watched.ended || all) this.#read(watched, now, all);
    }
  }

  close(): void {
    for (const { fd } of this.#open.values()) closeSync(fd);
    this.#open.clear();
  }

  #look(now: number): void {
    for (const watched of this.#open.values()) {
      watched.ended ||= !isAlive(watched.profile.pid);
    }
    for (const { path, named } of this.#find()) {
      if (this.#open.has(path) || this.#ignored.has(path)) continue;
      const opened = open(path, named, now);
      if (opened === 'not yet') continue;
      if (opened === undefined) this.#ignored.add(path);
      else this.#open.set(path, opened);
    }
  }

  /** A process or file that was there and is gone is no error. */
  #find(): Found[] {
    try {
      return findProfiles(this.#targets, this.#cwd);
    } catch (error) {
      if (this.#lookedAt === Number.NEGATIVE_INFINITY) throw error;
      return [];
    }
  }

  #read(watched: Open, now: number, all: boolean): void {
    const { profile } = watched;
    profile.refresh(now, all || profile.finished);
    if (profile.finished) watched.ended = true;
  }
}

/** Undefined for what is not to be shown; 'not yet' for a file that may become a profile. */
function open(path: string, named: boolean, now: number): Open | 'not yet' | undefined {
  let fd: number;
  try {
    fd = openSync(path, 'r');
  } catch (error) {
    if (named) throw error;
    return 'not yet';
  }
  try {
    const profile = new LiveProfile((offset, length) => readPart(fd, offset, length));
    const ended = !isAlive(profile.pid) || profile.finished;
    if (!ended || named) {
      profile.refresh(now, true);
      return { path, profile, ended, fd };
    }
    closeSync(fd);
    return undefined;
  } catch (error) {
    closeSync(fd);
    if (named || !(error instanceof PyrewriteError)) throw error;
    return 'not yet';
  }
}
