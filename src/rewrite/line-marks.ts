import { int32Column, uint8Column } from '../bytes/columns.ts';
import { type InstructionList, NO_LOCATION } from '../code/instruction-list.ts';
import type { LineMarks } from '../code/lnotab.ts';

/** What stands in a list that was put together from another one. */
export interface Origin {
  /** Per instruction: the one of the other list whose line changes stand before it as they are, or -1. */
  readonly marksOf: Int32Array;
  /** Per instruction: the one that it is, with the line changes behind its prefixes, or -1. */
  readonly insideOf: Int32Array;
}

const MOST = 127;
const LEAST = -127;

/** Line changes for a list whose instructions come from another one's, in another order and some twice. */
export function lineMarksFor(
  list: InstructionList,
  from: InstructionList,
  { marksOf, insideOf }: Origin,
): LineMarks | undefined {
  const marks = from.lineMarks;
  if (marks === undefined) return undefined;
  const known = byInstruction(marks, from.count);
  const label: number[] = [];
  const inside: number[] = [];
  const delta: number[] = [];
  const push = (at: number, behind: number, change: number): void => {
    label.push(at);
    inside.push(behind);
    delta.push(change);
  };
  const lineOf = (i: number): number => from.locations.lineno[i];
  const sum = (i: number, behind: boolean): number =>
    (known.get(i) ?? []).reduce((all, k) => all + (behind === marks.inside[k] > 0 ? marks.delta[k] : 0), 0);
  let line = from.count > 0 ? lineOf(0) - sum(0, true) - sum(0, false) : 0;
  const goTo = (at: number, wanted: number): void => {
    for (; line !== wanted; line += delta[delta.length - 1])
      push(at, 0, Math.max(LEAST, Math.min(MOST, wanted - line)));
  };
  for (let at = 0; at < list.count; at++) {
    const row = list.location[at];
    const own = insideOf[at];
    const original = marksOf[at];
    if (original >= 0) {
      goTo(at, lineOf(original) - sum(original, true) - sum(original, false));
      for (const k of known.get(original) ?? []) if (marks.inside[k] === 0) push(at, 0, marks.delta[k]);
      line = lineOf(original) - sum(original, true);
    } else if (row !== NO_LOCATION) goTo(at, lineOf(row) - (own >= 0 ? sum(own, true) : 0));
    if (own < 0) continue;
    for (const k of known.get(own) ?? []) if (marks.inside[k] > 0) push(at, marks.inside[k], marks.delta[k]);
    line += sum(own, true);
  }
  return toColumns(label, inside, delta);
}

function byInstruction(marks: LineMarks, count: number): Map<number, number[]> {
  const known = new Map<number, number[]>();
  for (let k = 0; k < marks.count; k++) {
    const at = Math.min(marks.label[k], count);
    const list = known.get(at);
    if (list === undefined) known.set(at, [k]);
    else list.push(k);
  }
  return known;
}

function toColumns(label: readonly number[], inside: readonly number[], delta: readonly number[]): LineMarks {
  const columns = {
    count: label.length,
    label: int32Column(label.length),
    inside: uint8Column(label.length),
    delta: new Int8Array(label.length),
  };
  columns.label.set(label);
  columns.inside.set(inside);
  columns.delta.set(delta);
  return columns;
}
