import type { Interval } from '../profile/profile.ts';
import type { Measured } from './measured.ts';

/** The lines of a source file, the first line first; undefined where it cannot be read. */
export type SourceLines = (file: string) => readonly string[] | undefined;

/** Something in the program that costs more than it must, as measured. */
export interface Finding {
  /** Name of the rule, e.g. `repeated-property`. */
  readonly rule: string;
  /** What is the matter, in one line of plain words. */
  readonly title: string;
  /** What was measured, one fact each. */
  readonly evidence: readonly string[];
  /** What to change. */
  readonly remedy: string;
  readonly file: string;
  readonly function: string;
  /** 1-based line to look at first; null where there is none. */
  readonly line: number | null;
  /** Operations that it is about: indices into {@link Profile.sites}, the costliest first. */
  readonly sites: readonly number[];
  /** Time that the change alone would save in this run, nanoseconds. */
  readonly gainNs: Interval;
}

/** Looks for one fault. */
export interface Rule {
  readonly name: string;
  /** What it looks for, and what must have been measured for that, in a sentence. */
  readonly about: string;
  find(measured: Measured): readonly Finding[];
}
