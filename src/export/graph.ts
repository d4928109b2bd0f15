import type { Profile } from '../profile/profile.ts';
import type { Frame } from './frames.ts';
import { type Stack, stacksOf } from './stacks.ts';

/** What a function or an operation cost. */
export interface GraphCost {
  count: number;
  raised: number;
  /** Nanoseconds; of awaits the time until they ended. */
  ns: number;
}

/** A function or an operation, for formats that know callers and callees and no stacks. */
export interface GraphNode {
  readonly frame: Frame;
  /** 1-based; of functions the first line that has an operation. */
  readonly line: number;
  readonly own: GraphCost;
  /** With all that it called; recursion counts once. */
  readonly inclusive: GraphCost;
  /** By what it was called. */
  readonly callers: ReadonlyMap<GraphNode, GraphCost>;
}

interface OpenNode extends GraphNode {
  line: number;
  readonly callers: Map<OpenNode, GraphCost>;
}

/** Functions and operations, each once, in the order in which they are first seen. */
export function graphOf(profile: Profile): readonly GraphNode[] {
  const nodes = new Map<Frame, OpenNode>();
  for (const stack of stacksOf(profile)) {
    const cost = { count: stack.count, raised: stack.raised, ns: stack.selfNs + stack.awaitNs };
    if (cost.count > 0 || cost.raised > 0) addStack(nodes, stack, cost);
  }
  return [...nodes.values()];
}

function addStack(nodes: Map<Frame, OpenNode>, stack: Stack, cost: GraphCost): void {
  const frames = stack.frames.filter(({ kind }) => kind === 'function' || kind === 'operation');
  const seen = new Set<Frame>();
  let outer: OpenNode | null = null;
  for (const [i, frame] of frames.entries()) {
    const node = nodeOf(nodes, frame, frames[i + 1]);
    if (!seen.has(frame)) add(node.inclusive, cost);
    if (i === frames.length - 1) add(node.own, cost);
    // Within one stack a call counts once, whatever the depth of the recursion.
    if (outer !== null && !(seen.has(frame) && isCalledBefore(frames, i))) addCall(node, outer, cost);
    seen.add(frame);
    outer = node;
  }
}

function nodeOf(nodes: Map<Frame, OpenNode>, frame: Frame, inner: Frame | undefined): OpenNode {
  const line = frame.line ?? inner?.line ?? 0;
  const known = nodes.get(frame);
  if (known !== undefined) {
    if (line > 0 && (known.line === 0 || line < known.line)) known.line = line;
    return known;
  }
  const node = { frame, line, own: nothing(), inclusive: nothing(), callers: new Map<OpenNode, GraphCost>() };
  nodes.set(frame, node);
  return node;
}

/** Whether the call of the frame at `at` is in the stack outside of it already. */
function isCalledBefore(frames: readonly Frame[], at: number): boolean {
  for (let i = 1; i < at; i++) {
    if (frames[i] === frames[at] && frames[i - 1] === frames[at - 1]) return true;
  }
  return false;
}

function addCall(node: OpenNode, caller: OpenNode, cost: GraphCost): void {
  const known = node.callers.get(caller) ?? nothing();
  node.callers.set(caller, known);
  add(known, cost);
}

function nothing(): GraphCost {
  return { count: 0, raised: 0, ns: 0 };
}

function add(sum: GraphCost, { count, raised, ns }: GraphCost): void {
  sum.count += count;
  sum.raised += raised;
  sum.ns += ns;
}
