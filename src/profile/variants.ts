import type { VariantStats } from './profile.ts';
import { FREED, HOW } from './variant-structs.ts';

/** What a variant is about, in words: the operands' types; where an attribute was found; what was called. */
export type VariantHow =
  | 'others'
  | 'types'
  | 'instance'
  | 'slot'
  | 'class'
  | 'method'
  | 'property'
  | 'descriptor'
  | '__getattr__'
  | '__getattribute__'
  | '__setattr__'
  | 'module'
  | 'missing'
  | 'native'
  | 'freed'
  | 'kept'
  | 'unset'
  | 'python function'
  | 'C function'
  | 'C method'
  | 'new object'
  | 'callable';

const CODES: Readonly<Record<VariantHow, number>> = {
  others: HOW.OTHERS,
  types: HOW.TYPES,
  instance: HOW.INSTANCE,
  slot: HOW.SLOT,
  class: HOW.CLASS,
  method: HOW.METHOD,
  property: HOW.PROPERTY,
  descriptor: HOW.DESCRIPTOR,
  __getattr__: HOW.GETATTR,
  __getattribute__: HOW.GETATTRIBUTE,
  __setattr__: HOW.SETATTR,
  module: HOW.MODULE,
  missing: HOW.MISSING,
  native: HOW.NATIVE,
  freed: HOW.FREED,
  kept: HOW.KEPT,
  unset: HOW.UNSET,
  'python function': HOW.FUNCTION,
  'C function': HOW.C_FUNCTION,
  'C method': HOW.C_METHOD,
  'new object': HOW.NEW,
  callable: HOW.CALLABLE,
};

/** Every {@link VariantHow}. */
export const VARIANT_HOWS: readonly VariantHow[] = Object.keys(CODES) as VariantHow[];

const BY_CODE = new Map<number, VariantHow>(VARIANT_HOWS.map((how) => [CODES[how], how]));

/** The words for a number in a profile; 'others' for one that this version does not know. */
export function howOf(code: number): VariantHow {
  return BY_CODE.get(code) ?? 'others';
}

/** Whether such executions freed an object, by `freed` of a profile; null where that is not known. */
export function freesOf(how: VariantHow, freed: number): boolean | null {
  if (how === 'kept' || how === 'unset' || freed === FREED.NOTHING) return false;
  return how === 'freed' || freed >= FREED.NAMELESS ? true : null;
}

/** Whether a variant is told apart by what is called. */
export function isCall(how: VariantHow): boolean {
  return CODES[how] >= HOW.FUNCTION && CODES[how] <= HOW.CALLABLE;
}

/** Names what a variant ran on, and what it freed, in few words. */
export function variantLabel(variant: Omit<VariantStats, 'histogram'>): string {
  const { how, type, otherType, callee, frees, freed } = variant;
  if (how === 'others' || how === 'kept' || how === 'unset') return how;
  if (isCall(how)) return `${how} ${callee ?? '?'}`;
  const types = [type ?? '?', ...(otherType === null ? [] : [otherType])].join(', ');
  if (how === 'freed') return `freed ${types}`;
  const operands = how === 'types' ? types : `${how} of ${types}`;
  return frees === true ? `${operands}, freed ${freed ?? '?'}` : operands;
}
