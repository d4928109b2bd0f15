import {
  type MarshalObject,
  newContainer,
  newFloat,
  newInt,
  newStr,
  newTuple,
  TYPE_DICT,
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
    const entries = new Map<string, Entry>();
    for (const node of graphOf(profile)) addEntry(entries, node);
    const items = [...entries.values()].flatMap(({ key, own, inclusive, callers }) => [
      key,
      newTuple([
        ...[newInt(own.count), newInt(own.count), seconds(own.ns), seconds(inclusive.ns)],
        newContainer(TYPE_DICT, [...callers.values()].flatMap(callerItems)),
      ]),
    ]);
    yield writeMarshal(newContainer(TYPE_DICT, items), oldest);
  },
};

interface Entry {
  readonly key: MarshalObject;
  readonly own: GraphCost;
  readonly inclusive: GraphCost;
  readonly callers: Map<string, { readonly key: MarshalObject; readonly cost: GraphCost }>;
}

/** Without columns, two operations of a line can have the same key: they are one entry. */
function addEntry(entries: Map<string, Entry>, node: GraphNode): void {
  const text = keyText(node);
  const entry = entries.get(text) ?? { key: keyOf(node), own: zero(), inclusive: zero(), callers: new Map() };
  entries.set(text, entry);
  add(entry.own, node.own);
  add(entry.inclusive, node.inclusive);
  for (const [caller, cost] of node.callers) {
    const known = entry.callers.get(keyText(caller)) ?? { key: keyOf(caller), cost: zero() };
    entry.callers.set(keyText(caller), known);
    add(known.cost, cost);
  }
}

function callerItems({
  key,
  cost,
}: {
  readonly key: MarshalObject;
  readonly cost: GraphCost;
}): MarshalObject[] {
  const count = newInt(cost.count);
  return [key, newTuple([count, newInt(cost.count), seconds(cost.ns), seconds(cost.ns)])];
}

function keyText({ frame, line }: GraphNode): string {
  return [frame.file, line, frame.name].join('\0');
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
