import type { ProfileFormat } from './format.ts';
import { type GraphCost, type GraphNode, graphOf } from './graph.ts';
import { title } from './speedscope.ts';

/** Valgrind's format: operations are functions that their function calls, so that lines and names both have costs. */
export const callgrind: ProfileFormat = {
  summary: 'callgrind: KCachegrind, QCachegrind, callgrind_annotate; with annotated source',
  extensions: ['callgrind', 'cachegrind'],
  binary: false,
  *write(profile) {
    const nodes = graphOf(profile);
    const calls = callsOf(nodes);
    const sum = nodes.reduce((total, { own }) => add(total, own), { count: 0, raised: 0, ns: 0 });
    yield '# callgrind format\nversion: 1\ncreator: pyrewrite\npositions: line\n';
    yield `cmd: ${oneLine(title(profile))}\nevent: Ns : nanoseconds\nevent: Ops : operations\nevent: Raised : exceptions\n`;
    yield `events: Ns Ops Raised\nsummary: ${costs(sum)}\n\n`;
    for (const node of nodes) {
      yield `fl=${fileOf(node)}\nfn=${nameOf(node)}\n${node.line} ${costs(node.own)}\n`;
      for (const [inner, cost] of calls.get(node) ?? []) {
        yield `cfl=${fileOf(inner)}\ncfn=${nameOf(inner)}\n`;
        yield `calls=${cost.count} ${inner.line}\n${inner.line} ${costs(cost)}\n`;
      }
      yield '\n';
    }
    yield `totals: ${costs(sum)}\n`;
  },
};

/** What each node called. */
function callsOf(nodes: readonly GraphNode[]): Map<GraphNode, [GraphNode, GraphCost][]> {
  const calls = new Map<GraphNode, [GraphNode, GraphCost][]>();
  for (const node of nodes) {
    for (const [caller, cost] of node.callers) {
      const known = calls.get(caller) ?? [];
      calls.set(caller, known);
      known.push([node, cost]);
    }
  }
  return calls;
}

function add(sum: GraphCost, { count, raised, ns }: GraphCost): GraphCost {
  // Rounded one by one, so that the parts add up to it.
  return { count: sum.count + count, raised: sum.raised + raised, ns: sum.ns + Math.round(ns) };
}

function costs({ count, raised, ns }: GraphCost): string {
  return `${Math.round(ns)} ${count} ${raised}`;
}

function fileOf({ frame }: GraphNode): string {
  return oneLine(frame.file) || '???';
}

/** Operations are of their file: two files may have one of the same name and place. */
function nameOf({ frame }: GraphNode): string {
  return oneLine(frame.name);
}

function oneLine(text: string): string {
  return text.replace(/\s+/g, ' ');
}
