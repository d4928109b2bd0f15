/** Makes failing programs small: fast-check's shrinking first, then cuts that know what a block is. */
import type fc from 'fast-check';
import { minorOf, type Python } from '../support/pythons.ts';
import { isSort } from './grammar.ts';
import { compareJobs, type Difference } from './machine.ts';
import { render } from './render.ts';
import { type Node, type Program, program, RULES } from './tree.ts';

/** A small program that differs in the same way. */
export interface Shrunk {
  readonly source: string;
  readonly difference: Difference;
}

const BATCH = 24;

/** Shrinks until nothing smaller fails; each of three ways has so much time. */
export function shrink(
  python: Python,
  value: fc.Value<Program>,
  difference: Difference,
  milliseconds = 60_000,
): Shrunk {
  const search: Search = { python, difference, deadline: 0 };
  const allow = (): void => {
    search.deadline = Date.now() + milliseconds;
  };
  allow();
  let best = { program: value.value, difference };
  let current: fc.Value<Program> | undefined = value;
  while (current !== undefined) {
    best = { program: current.value, difference: search.difference };
    current = firstFailing(search, program.shrink(current.value, current.context), (next) => next.value);
  }
  allow();
  for (let smaller: Program | undefined = best.program; smaller !== undefined; ) {
    best = { program: smaller, difference: search.difference };
    smaller = firstFailing(search, smallerPrograms(smaller), (next) => next);
  }
  allow();
  const source = smallerSource(search, render(best.program, minorOf(python)));
  return { source, difference: search.difference };
}

interface Search {
  readonly python: Python;
  /** Of the smallest failing program so far. */
  difference: Difference;
  /** Of the way that is being tried, in milliseconds. */
  deadline: number;
}

function firstFailing<T>(
  search: Search,
  candidates: Iterable<T>,
  programOf: (candidate: T) => Program,
): T | undefined {
  const minor = minorOf(search.python);
  return firstFailingSource(search, candidates, (candidate) => render(programOf(candidate), minor));
}

function firstFailingSource<T>(
  search: Search,
  candidates: Iterable<T>,
  sourceOf: (candidate: T) => string,
): T | undefined {
  let batch: T[] = [];
  const tryBatch = (): T | undefined => {
    const jobs = batch.map((candidate) => ({
      source: sourceOf(candidate),
      selections: [search.difference.selection],
    }));
    const verdicts = compareJobs(search.python, jobs);
    const found = verdicts.findIndex(
      ({ differences }) => kindOf(differences[0]) === kindOf(search.difference),
    );
    if (found < 0) return undefined;
    search.difference = verdicts[found].differences[0];
    return batch[found];
  };
  for (const candidate of candidates) {
    if (Date.now() > search.deadline) return undefined;
    batch.push(candidate);
    if (batch.length < BATCH) continue;
    const found = tryBatch();
    if (found !== undefined) return found;
    batch = [];
  }
  return batch.length === 0 ? undefined : tryBatch();
}

/** The first word: the stream, or what was lost. */
function kindOf(difference: Difference | undefined): string | undefined {
  return difference?.what.split(' ')[0];
}

function* smallerPrograms(whole: Program): Generator<Program> {
  for (let k = 0; k < whole.definitions.length; k++) {
    yield { ...whole, definitions: whole.definitions.toSpliced(k, 1) };
  }
  if (whole.mode > 0) yield { ...whole, mode: 0 };
  for (const main of smallerNodes(whole.main)) yield { ...whole, main };
  for (let k = 0; k < whole.definitions.length; k++) {
    for (const node of smallerNodes(whole.definitions[k])) {
      yield { ...whole, definitions: whole.definitions.with(k, node) };
    }
  }
}

/** The node without one of its parts, or one of its parts in its place; the largest cuts first. */
function* smallerNodes(node: Node): Generator<Node> {
  const { children } = node;
  if (node.sort === 'block' || node.sort === 'members') {
    for (let k = 0; k < children.length; k++) {
      yield { ...node, children: children.toSpliced(k, 1) };
      const inner = blocksOf(children[k]).flatMap((block) => block.children);
      if (inner.length > 0) yield { ...node, children: children.toSpliced(k, 1, ...inner) };
    }
  } else if (node.sort !== 'body') {
    const leaf = RULES.findIndex(({ sort }) => sort === node.sort);
    if (
      node.rule !== leaf &&
      children.length > 0 &&
      !RULES[leaf].template.holes.some(({ name }) => isSort(name))
    )
      yield { ...node, rule: leaf, children: [] };
    for (const child of children) if (child.sort === node.sort) yield child;
  }
  for (let k = 0; k < children.length; k++) {
    for (const child of smallerNodes(children[k])) yield { ...node, children: children.with(k, child) };
  }
}

function blocksOf(node: Node): readonly Node[] {
  return node.children.flatMap((child) =>
    child.sort === 'block' ? [child] : child.sort === 'body' ? [child.children[0]] : [],
  );
}

/** Leaves out lines as long as it still compiles and differs: long runs of lines first. */
function smallerSource(search: Search, source: string): string {
  let best = source;
  for (let size = 64; size >= 1; ) {
    const next = firstFailingSource(search, withoutLines(best, size), (text) => text);
    if (next === undefined) size = size >> 1;
    else best = next;
  }
  return best;
}

/** Without each run of lines; the runs overlap by half. With single lines, also without the opening of each block. */
function* withoutLines(source: string, size: number): Generator<string> {
  const lines = source.split('\n');
  for (let k = 0; k < lines.length; k += Math.max(1, size >> 1)) yield lines.toSpliced(k, size).join('\n');
  for (let k = 0; size === 1 && k < lines.length; k++) {
    const inner = dedented(lines, k);
    if (inner !== undefined) yield inner;
  }
}

/** Without the line that opens a block, whose lines move to the left. */
function dedented(lines: readonly string[], k: number): string | undefined {
  const depth = (line: string): number => line.length - line.trimStart().length;
  let end = k + 1;
  while (end < lines.length && lines[end].trim() !== '' && depth(lines[end]) > depth(lines[k])) end++;
  if (end === k + 1) return undefined;
  return [
    ...lines.slice(0, k),
    ...lines.slice(k + 1, end).map((line) => line.slice(4)),
    ...lines.slice(end),
  ].join('\n');
}
