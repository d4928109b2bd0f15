import { int32Column, uint8Column } from '../bytes/columns.ts';
import { type InstructionList, NO_LABEL, opnameAt } from '../code/instruction-list.ts';
import { type LineMarks, MAX_STEP } from '../code/lnotab.ts';

/** Kinds of blocks, innermost last; undefined where no path leads. As markblocks in 3.9's frameobject.c sees them. */
type Blocks = string | undefined;

/**
 * A step of more than 255 bytes takes two entries of co_lnotab, and a debugger's `frame.f_lineno = n` takes the first
 * one for another beginning of the line. Probes make lines long: so such entries are put where that place is as good,
 * or as bad, as the line's own beginning, which comes first and is therefore chosen.
 * @param starts code unit where each instruction starts
 */
export function splitLongLines(list: InstructionList, starts: Int32Array): InstructionList {
  const { lineMarks, version } = list;
  if (lineMarks === undefined || !version.takesLineSplitsForLines) return list;
  let blocks: readonly Blocks[] | undefined;
  const added: Split[] = [];
  let last = 0;
  let begin = 0;
  for (let k = 0; k < lineMarks.count; k++) {
    const at = list.labels[lineMarks.label[k]];
    const end = starts[at] * 2 + lineMarks.inside[k];
    for (let i = begin; end - last > MAX_STEP; last = starts[i] * 2) {
      blocks ??= markBlocks(list);
      i = placeFor(starts, blocks, i, begin, last);
      added.push({ before: k, instruction: i });
    }
    last = end;
    begin = at;
  }
  return added.length === 0 ? list : withSplits(list, lineMarks, added);
}

/** An entry that changes nothing: before which of the changes, at which instruction. */
interface Split {
  readonly before: number;
  readonly instruction: number;
}

/** The last instruction within reach in the same blocks as the line's first; else one that no path leads to; else any. */
function placeFor(
  starts: Int32Array,
  blocks: readonly Blocks[],
  from: number,
  begin: number,
  last: number,
): number {
  let same = -1;
  let unreachable = -1;
  let any = from;
  for (let i = from + 1; i < blocks.length && starts[i] * 2 - last <= MAX_STEP; i++) {
    if (starts[i] * 2 <= last) continue;
    any = i;
    if (blocks[i] === blocks[begin]) same = i;
    if (blocks[i] === undefined) unreachable = i;
  }
  return same >= 0 ? same : unreachable >= 0 ? unreachable : any;
}

function withSplits(list: InstructionList, marks: LineMarks, added: readonly Split[]): InstructionList {
  const count = marks.count + added.length;
  const labels = int32Column(list.labels.length + added.length);
  labels.set(list.labels);
  const made = { label: int32Column(count), inside: uint8Column(count), delta: new Int8Array(count) };
  let next = 0;
  let at = 0;
  for (let k = 0; k < marks.count; k++) {
    for (; next < added.length && added[next].before === k; next++) {
      labels[list.labels.length + next] = added[next].instruction;
      made.label[at++] = list.labels.length + next;
    }
    made.label[at] = marks.label[k];
    made.inside[at] = marks.inside[k];
    made.delta[at++] = marks.delta[k];
  }
  return { ...list, labels, lineMarks: { count, ...made } };
}

const SETUPS = new Map([
  ['SETUP_FINALLY', 'T'],
  ['SETUP_WITH', 'W'],
  ['SETUP_ASYNC_WITH', 'W'],
]);

/** In code order, again while a jump back leads to something new; the last one to tell is believed. */
function markBlocks(list: InstructionList): readonly Blocks[] {
  const blocks: Blocks[] = new Array(list.count + 1).fill(undefined);
  blocks[0] = '';
  let again = true;
  while (again) {
    again = false;
    for (let i = 0; i < list.count; i++) {
      const here = blocks[i];
      if (here === undefined) continue;
      const target = list.target[i] === NO_LABEL ? -1 : list.labels[list.target[i]];
      const { next, there } = followBlocks(opnameAt(list, i), here);
      if (target >= 0) {
        again ||= blocks[target] === undefined && target < i;
        blocks[target] = there;
      }
      if (next !== undefined) blocks[i + 1] = next;
    }
  }
  return blocks;
}

/** The blocks behind an instruction, and at its target. */
function followBlocks(opname: string, here: string): { readonly next: Blocks; readonly there: string } {
  const setup = SETUPS.get(opname);
  if (setup !== undefined) return { next: here + setup, there: `${here}E` };
  switch (opname) {
    case 'GET_ITER':
    case 'GET_AITER':
      return { next: `${here}L`, there: here };
    case 'FOR_ITER':
      return { next: here, there: here.slice(0, -1) };
    case 'POP_BLOCK':
    case 'POP_EXCEPT':
      return { next: here.slice(0, -1), there: here };
    case 'END_ASYNC_FOR':
      return { next: here.slice(0, -2), there: here };
    case 'JUMP_ABSOLUTE':
    case 'JUMP_FORWARD':
    case 'RETURN_VALUE':
    case 'RAISE_VARARGS':
    case 'RERAISE':
      return { next: undefined, there: here };
    default:
      return { next: here, there: here };
  }
}
