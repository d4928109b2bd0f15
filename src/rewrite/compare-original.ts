import { type CodeObject, isCode, type MarshalObject, readPyc, strValue } from '../marshal/index.ts';
import { type ProbedCode, probedCodes } from './probed-codes.ts';

/** How a .pyc file and what it was made from compare. */
export interface OriginalReport {
  /** The whole files are the same bytes. */
  readonly identical: boolean;
  /** Code objects with probes, the module's own with its prologue included. */
  readonly probed: number;
  /** Code objects without probes that are the original's in every field. */
  readonly unchanged: number;
  /** Code objects that have no probe and yet differ. */
  readonly changed: readonly ChangedCode[];
}

/** A code object that differs from the original's. */
export interface ChangedCode {
  /** Qualified name; `<file>` for a file whose code objects are all the same. */
  readonly function: string;
  /** Names of the fields that differ. */
  readonly fields: readonly string[];
}

/**
 * Compares a file with its original: whatever has no probe must be as it was, byte for byte.
 * @throws PyrewriteError when either is no .pyc file of a supported version
 */
export function compareOriginal(bytes: Uint8Array, original: Uint8Array): OriginalReport {
  const pyc = readPyc(bytes);
  const from = readPyc(original);
  const codes = probedCodes(pyc.code);
  const identical = Buffer.compare(bytes, original) === 0;
  const comparison: Comparison = { probed: withProbes(codes ?? []), unchanged: 0, changed: [] };
  compareCode(pyc.code, from.code, comparison);
  const unexplained = codes === undefined && !identical && comparison.changed.length === 0;
  if (unexplained) comparison.changed.push({ function: '<file>', fields: ['header'] });
  const { probed, unchanged, changed } = comparison;
  return { identical, probed: probed.size, unchanged, changed };
}

interface Comparison {
  readonly probed: ReadonlySet<CodeObject>;
  unchanged: number;
  readonly changed: ChangedCode[];
}

/** The module's own code has the prologue, with sites or without. */
function withProbes(codes: readonly ProbedCode[]): Set<CodeObject> {
  const probed = codes.filter(({ record }) => record.sites.length > 0 || record.parent < 0);
  return new Set(probed.flatMap(({ code }) => code ?? []));
}

/** Code objects stand at the same places of co_consts: probes only append to it. */
function compareCode(code: CodeObject, original: CodeObject, comparison: Comparison): void {
  if (!comparison.probed.has(code)) {
    const fields = changedFields(code, original);
    if (fields.length === 0) comparison.unchanged++;
    else comparison.changed.push({ function: nameOf(code), fields });
  }
  original.co_consts.items.forEach((item, index) => {
    const other = code.co_consts.items[index];
    if (!isCode(item)) return;
    if (other !== undefined && isCode(other)) compareCode(other, item, comparison);
    else comparison.changed.push({ function: nameOf(item), fields: ['co_consts'] });
  });
}

function nameOf(code: CodeObject): string {
  return strValue(code.co_qualname ?? code.co_name);
}

/** Of all fields; nested code objects are compared by themselves. */
function changedFields(a: CodeObject, b: CodeObject): string[] {
  const fields = Object.keys(b) as (keyof CodeObject)[];
  return fields.filter((field) => field !== 'ref' && !isSameValue(a[field], b[field]));
}

function isSameValue(a: CodeObject[keyof CodeObject], b: CodeObject[keyof CodeObject]): boolean {
  if (typeof a !== 'object' || typeof b !== 'object') return a === b;
  return isSameObject(a, b);
}

function isSameObject(a: MarshalObject, b: MarshalObject): boolean {
  if (isCode(a) || isCode(b)) return a.type === b.type;
  if (a.type !== b.type) return false;
  if ('items' in a && 'items' in b) {
    return a.items.length === b.items.length && a.items.every((item, k) => isSameObject(item, b.items[k]));
  }
  if ('items' in a || 'items' in b) return false;
  return Buffer.compare(a.source.subarray(a.start, a.end), b.source.subarray(b.start, b.end)) === 0;
}
