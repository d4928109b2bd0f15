import type { SiteKind } from './site.ts';

/**
 * How a unit ends normally.
 * - `after`: behind its last instruction
 * - `never`: it only raises
 * - `loop`: behind its last instruction (an item came) and, exhausted, behind instruction `exit`
 * - `loop-stub`: likewise, but exhausted in a stub of its own before instruction `exit`
 * - `target`: before instruction `exit`, which only the unit enters
 * - `truth`: the unit is one conditional jump; its test is timed by itself
 */
export type UnitEnd = 'after' | 'never' | 'loop' | 'loop-stub' | 'target' | 'truth';

/** The smallest run of instructions that can be timed safely. All numbers are instructions of the original list. */
export interface Unit {
  /** The selected instruction. */
  readonly site: number;
  readonly kind: SiteKind;
  /** The begin probe stands before this instruction. */
  readonly begin: number;
  readonly last: number;
  readonly end: UnitEnd;
  /** See {@link UnitEnd}; -1 where there is none. */
  readonly exit: number;
}

/** A selected instruction that is not timed by itself, and why. */
export interface Refusal {
  readonly site: number;
  readonly reason: string;
}

/** What a search for one unit gives: the unit, or the reason why there is none. */
export type Found = Unit | string;
