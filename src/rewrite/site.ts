import type { OperandKind } from '../opcodes/operands.ts';

/** How a probe is timed. */
export const SITE_OPERATION = 0;
/** Other code of the thread may run between begin and end (await, yield from). */
export const SITE_AWAIT = 1;

export type SiteKind = typeof SITE_OPERATION | typeof SITE_AWAIT;

/** One probed operation of a code object. */
export interface Site {
  readonly kind: SiteKind;
  /** What is asked about its operands before it begins; none without `types`. */
  readonly operands: readonly OperandKind[];
  readonly opcode: number;
  readonly opname: string;
  /** Attribute, global, operator, callee …; empty where there is none. */
  readonly name: string;
  /** Code unit of the instruction in the original code. */
  readonly offset: number;
  /** As in `co_positions()`; -1 for none. */
  readonly lineno: number;
  readonly endLineno: number;
  readonly colOffset: number;
  readonly endColOffset: number;
}

/** An operation that was selected and is not timed on its own. */
export interface SkippedSite {
  readonly opname: string;
  readonly qualname: string;
  readonly lineno: number | null;
  readonly reason: string;
}
