import { int32Column, uint8Column } from '../bytes/columns.ts';
import { type InstructionList, NO_HANDLER, NO_LABEL } from '../code/instruction-list.ts';

/** Nobody comes from there, or goes there. */
export const NOWHERE = -1;

/** Where control goes from each instruction: numbers of instructions, or {@link NOWHERE}. */
export interface Flow {
  /** The next instruction, where execution goes on there. */
  readonly next: Int32Array;
  /** Where it jumps to; up to 3.10 also the handler that it sets up. */
  readonly jump: Int32Array;
  /** The first instruction of the handler that covers it. */
  readonly handler: Int32Array;
  /** Instructions from which control comes to `i`: `sources[first[i]]` to before `sources[first[i + 1]]`. */
  readonly first: Int32Array;
  readonly sources: Int32Array;
}

/** The control flow of a list that `disassemble` made. */
export function flowOf(list: InstructionList): Flow {
  const { count } = list;
  const next = int32Column(count).fill(NOWHERE);
  const jump = int32Column(count).fill(NOWHERE);
  const handler = int32Column(count).fill(NOWHERE);
  for (let i = 0; i < count; i++) {
    const info = list.version.opcodes[list.opcode[i]];
    if (info?.terminates !== true && i + 1 < count) next[i] = i + 1;
    if (list.target[i] !== NO_LABEL && info?.jump !== 'none')
      jump[i] = within(list.labels[list.target[i]], count);
    if (list.handler[i] !== NO_HANDLER)
      handler[i] = within(list.labels[list.handlers[list.handler[i]].target], count);
  }
  return { next, jump, handler, ...sourcesOf([next, jump, handler], count) };
}

function within(i: number, count: number): number {
  return i < count ? i : NOWHERE;
}

function sourcesOf(
  edges: readonly Int32Array[],
  count: number,
): { readonly first: Int32Array; readonly sources: Int32Array } {
  const first = int32Column(count + 2);
  for (const to of edges) for (let i = 0; i < count; i++) if (to[i] !== NOWHERE) first[to[i] + 2]++;
  for (let i = 2; i <= count + 1; i++) first[i] += first[i - 1];
  const sources = int32Column(first[count + 1]);
  for (const to of edges)
    for (let i = 0; i < count; i++) if (to[i] !== NOWHERE) sources[first[to[i] + 1]++] = i;
  return { first: first.subarray(0, count + 1), sources };
}

/** Calls `visit` with each instruction from which control comes to `i`. */
export function forEachSource({ first, sources }: Flow, i: number, visit: (from: number) => void): void {
  for (let k = first[i]; k < first[i + 1]; k++) visit(sources[k]);
}

/** A loop: where it begins, and the instructions from which control can come back there. */
export interface Loop {
  readonly head: number;
  readonly body: ReadonlySet<number>;
}

/** All loops; several that begin at the same place are one. */
export function findLoops(flow: Flow): Loop[] {
  const backs = findBackEdges(flow);
  return [...backs].map(([head, sources]) => ({ head, body: bodyOf(flow, head, sources) }));
}

/** Head → the instructions that come back to it, by a walk of all that control reaches. */
function findBackEdges(flow: Flow): Map<number, number[]> {
  const backs = new Map<number, number[]>();
  const count = flow.next.length;
  const waysOut = [flow.next, flow.jump, flow.handler];
  const taken = uint8Column(count);
  const seen = uint8Column(count);
  const onPath = uint8Column(count);
  const path: number[] = [];
  const enter = (i: number): void => {
    path.push(i);
    seen[i] = 1;
    onPath[i] = 1;
  };
  if (count > 0) enter(0);
  for (let i = path.at(-1); i !== undefined; i = path.at(-1)) {
    if (taken[i] === waysOut.length) {
      onPath[i] = 0;
      path.pop();
      continue;
    }
    const to = waysOut[taken[i]++][i];
    if (to === NOWHERE) continue;
    if (seen[to] === 0) enter(to);
    else if (onPath[to] === 1) backs.set(to, [...(backs.get(to) ?? []), i]);
  }
  return backs;
}

/** The natural loop of a head: all from which control comes back without passing the head. */
function bodyOf(flow: Flow, head: number, sources: readonly number[]): Set<number> {
  const body = new Set([head]);
  const work = [...sources];
  for (let i = work.pop(); i !== undefined; i = work.pop()) {
    if (body.has(i)) continue;
    body.add(i);
    forEachSource(flow, i, (from) => work.push(from));
  }
  return body;
}
