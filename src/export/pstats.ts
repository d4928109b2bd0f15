import {
  type MarshalObject,
  newContainer,
  newFloat,
  newInt,
  newStr,
  newTuple,
  TYPE_DICT,
  TYPE_NULL,
  writeMarshal,
} from '../marshal/index.ts';
import { VERSIONS } from '../opcodes/versions.ts';
import type { ProfileFormat } from './format.ts';
import { type GraphCost, type GraphNode, graphOf } from './graph.ts';

/**
 * What cProfile writes: a marshalled dict from (file, line, name) to (calls, calls, own time, time, callers). Operations
 * are functions with their executions as calls; how often the functions around them were called is not known, so they
 * have none.
 */
export const pstats: ProfileFormat = {
  summary: 'pstats: pstats.Stats, snakeviz, gprof2dot',
  extensions: ['pstats'],
  binary: true,
  *write(profile) {
    const [oldest] = VERSIONS;
    // A dict is its items between two bytes: they are written one by one, for the sake of memory.
    yield Uint8Array.of(TYPE_DICT);
    for (const { node, own, inclusive, callers } of entriesOf(graphOf(profile))) {
      const counts = [newInt(own.count), newInt(own.count), seconds(own.ns), seconds(inclusive.ns)];
      const around = newContainer(TYPE_DICT, [...callers].flatMap(callerItems));
      yield writeMarshal(keyOf(node), oldest);
      yield writeMarshal(newTuple([...counts, around]), oldest);
    }
    yield Uint8Array.of(TYPE_NULL);
  },
};

interface Entry {
  readonly node: GraphNode;
  readonly own: GraphCost;
  readonly inclusive: GraphCost;
  readonly callers: Map<Entry, GraphCost>;
}

/** Without columns, two operations of a line can have the same key: they are one entry. */
function entriesOf(nodes: readonly GraphNode[]): Entry[] {
  const byKey = new Map<string, Entry>();
  const entries = new Map<GraphNode, Entry>();
  for (const node of nodes) {
    const { frame, line } = node;
    const text = [frame.file, line, frame.name].join('\0');
    const entry = byKey.get(text) ?? { node, own: zero(), inclusive: zero(), callers: new Map() };
    byKey.set(text, entry);
    entries.set(node, entry);
    add(entry.own, node.own);
    add(entry.inclusive, node.inclusive);
  }
  for (const [node, { callers }] of entries) {
    for (const [caller, cost] of node.callers) {
      const around = entries.get(caller);
      if (around === undefined) continue;
      const sum = callers.get(around) ?? zero();
      callers.set(around, sum);
      add(sum, cost);
    }
  }
  return [...byKey.values()];
}

function callerItems([{ node }, { count, ns }]: readonly [Entry, GraphCost]): MarshalObject[] {
  return [keyOf(node), newTuple([newInt(count), newInt(count), seconds(ns), seconds(ns)])];
}

function keyOf({ frame, line }: GraphNode): MarshalObject {
  return newTuple([newStr(frame.file), newInt(line), newStr(frame.name)]);
}

function seconds(ns: number): MarshalObject {
  return newFloat(ns / 1e9);
}

function zero(): GraphCost {
  return { count: 0, raised: 0, ns: 0 };
}

function add(sum: GraphCost, { count, raised, ns }: GraphCost): void {
  sum.count += count;
  sum.raised += raised;
  sum.ns += ns;
}
