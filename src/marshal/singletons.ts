import {
  FLAG_REF,
  type ScalarObject,
  type ScalarType,
  TYPE_ELLIPSIS,
  TYPE_FALSE,
  TYPE_NONE,
  TYPE_STOPITER,
  TYPE_TRUE,
} from './types.ts';

/*
 * Objects of which Python has one, so that all graphs share a node each. CPython gives them no reference index,
 * flagged or not; a flag is kept all the same, because writing must give back the same bytes.
 */

export const NONE: ScalarObject = newSingleton(TYPE_NONE, 0);
export const TRUE: ScalarObject = newSingleton(TYPE_TRUE, 0);
export const FALSE: ScalarObject = newSingleton(TYPE_FALSE, 0);
export const ELLIPSIS: ScalarObject = newSingleton(TYPE_ELLIPSIS, 0);
export const STOPITER: ScalarObject = newSingleton(TYPE_STOPITER, 0);

const UNFLAGGED: readonly ScalarObject[] = [NONE, TRUE, FALSE, ELLIPSIS, STOPITER];
const FLAGGED: readonly ScalarObject[] = UNFLAGGED.map(({ type }) => newSingleton(type, FLAG_REF));

/** The shared node of a singleton's type code. */
export function singletonOf(type: number, flag: number): ScalarObject {
  const nodes = flag === 0 ? UNFLAGGED : FLAGGED;
  for (const node of nodes) if (node.type === type) return node;
  return NONE;
}

/** Whether objects of this type never take a reference index. */
export function isSingletonType(type: number): boolean {
  return UNFLAGGED.some((node) => node.type === type);
}

function newSingleton(type: ScalarType, flag: number): ScalarObject {
  return { type, flag, ref: 0, source: new Uint8Array(0), start: 0, end: 0 };
}
