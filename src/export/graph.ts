import type { Profile } from '../profile/profile.ts';
import { type Frame, type Stack, stacksOf } from './stacks.ts';

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
  const nodes = new Map<string, OpenNode>();
  for (const stack of stacksOf(profile)) {
    const cost = { count: stack.count, raised: stack.raised, ns: stack.selfNs + stack.awaitNs };
    if (cost.count > 0 || cost.raised > 0) addStack(nodes, stack, cost);
  }
  return [...nodes.values()];
}

function addStack(nodes: Map<string, OpenNode>, stack: Stack, cost: GraphCost): void {
  const frames = stack.frames.filter(({ kind }) => kind === 'function' || kind === 'operation');
  const seen = new Set<string>();
  let outer: OpenNode | null = null;
  for (const [i, frame] of frames.entries()) {
    const node = nodeOf(nodes, frame, frames[i + 1]);
    if (!seen.has(frame.key)) add(node.inclusive, cost);
    if (i === frames.length - 1) add(node.own, cost);
    if (outer !== null) addCall(node, outer, cost, seen);
    seen.add(frame.key);
    outer = node;
  }
}

function nodeOf(nodes: Map<string, OpenNode>, frame: Frame, inner: Frame | undefined): OpenNode {
  const line = frame.line ?? inner?.line ?? 0;
  const known = nodes.get(frame.key);
  if (known !== undefined) {
    if (line > 0 && (known.line === 0 || line < known.line)) known.line = line;
    return known;
  }
  const node = { frame, line, own: nothing(), inclusive: nothing(), callers: new Map<OpenNode, GraphCost>() };
  nodes.set(frame.key, node);
  return node;
}

/** Within one stack a call counts once, whatever the depth of the recursion. */
function addCall(node: OpenNode, caller: OpenNode, cost: GraphCost, seen: Set<string>): void {
  const call = `${caller.frame.key}\0\0${node.frame.key}`;
  if (seen.has(call)) return;
  seen.add(call);
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
