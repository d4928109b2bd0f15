/**
 * Rule: what the interpreter finds by looking at a neighbour stays its neighbour, whatever is timed. A probe in between
 * crashes it, loses a signal check, an error message or a monitoring event (ceval.c, genobject.c, frameobject.c).
 */
import { beforeAll, expect, test } from 'vitest';
import { disassemble, type InstructionList, walkCode } from '../../src/code/index.ts';
import { type CodeObject, type Pyc, readPyc } from '../../src/marshal/index.ts';
import { idiomsOf } from '../../src/opcodes/idioms.ts';
import type { BytecodeVersion } from '../../src/opcodes/types.ts';
import { versionByName } from '../../src/opcodes/versions.ts';
import { corpusFiles, loadCorpus } from '../support/corpus.ts';
import { sampleEvery } from '../support/full.ts';
import { compileOne, probe, targetOf, wovenItems } from '../support/programs.ts';
import { describePythons } from '../support/pythons.ts';

const SOURCE = `
def consume(xs):
    a = [x for x in xs]
    b = {x: y for x in xs for y in x}
    c = (x for x in xs if x)
    for x in xs:
        if x: consume(x, key=x)
    return a, b, c

def delegate(xs):
    value = yield from xs
    return (yield value)

async def wait(xs):
    async with xs() as a, xs(key=a) as b:
        await a.x(b)
    async with b:
        pass
    async for x in xs:
        yield x
    [x async for x in xs if await x]

def manage(xs):
    with xs() as a, xs(key=a, *a) as b:
        pass
    with xs.open(1):
        return 1

def handle(xs):
    xs()
    try:
        xs.x()
        try:
            xs(key=1)
        except ValueError:
            xs()
    finally:
        xs()
    return lambda: xs
`;

/** Opnames that stand in a row; `if` narrows the versions. */
interface Row {
  readonly names: readonly RegExp[];
  readonly if?: (version: BytecodeVersion) => boolean;
}

const hasBlocks = (version: BytecodeVersion): boolean => version.maxBlocks > 0;
const popsIteratorBehindEndFor = (version: BytecodeVersion): boolean =>
  version.opcodes[version.opmap.get('END_FOR') ?? 0]?.effect === -1 && !version.opmap.has('POP_ITER');

const ROWS: readonly Row[] = [
  { names: [/^GET_A?ITER$/, /^CALL_FUNCTION$/] },
  { names: [/^(BEFORE_ASYNC_WITH|WITH_CLEANUP_START|WITH_EXCEPT_START)$/, /^GET_AWAITABLE$/], if: hasBlocks },
  {
    names: [/^DUP_TOP$/, /^CALL_FUNCTION$/, /^GET_AWAITABLE$/],
    if: (version) => hasBlocks(version) && version.opmap.has('RERAISE'),
  },
  { names: [/^CALL_/, /^(SETUP_WITH|SETUP_FINALLY|BEFORE_ASYNC_WITH)$/], if: hasBlocks },
  { names: [/^KW_NAMES$/, /^(PRECALL|CALL)$/] },
  { names: [/^PRECALL$/, /^CALL$/] },
  { names: [/^SEND$/, /^YIELD_VALUE$/], if: (version) => idiomsOf(version).needsSendBeforeYield },
  { names: [/^YIELD_VALUE$/, /^RESUME$/] },
  { names: [/^(ASYNC_GEN_WRAP|CALL_INTRINSIC_1)$/, /^YIELD_VALUE$/] },
  { names: [/^END_FOR$/, /^POP_TOP$/], if: popsIteratorBehindEndFor },
  { names: [/^END_FOR$/, /^POP_ITER$/] },
  { names: [/^POP_JUMP_IF_/, /^NOT_TAKEN$/] },
  { names: [/^END_SEND$/, /^NOT_TAKEN$/] },
  { names: [/^LOAD_SPECIAL$/, /^CALL$/] },
  { names: [/^RETURN_GENERATOR$/, /^POP_TOP$/] },
];

/** An instruction and what it must lead to. */
const LEADS: readonly (readonly [from: RegExp, to: RegExp])[] = [
  [/^FOR_ITER$/, /^END_FOR$/],
  [/^SEND$/, /^END_SEND$/],
  [/^END_ASYNC_FOR$/, /^END_SEND$/],
  [/^handler$/, /^(CLEANUP_THROW|PUSH_EXC_INFO|END_ASYNC_FOR|CALL_INTRINSIC_1)$/],
];

interface KnownRow {
  readonly key: string;
  readonly names: readonly ReadonlySet<string>[];
}

const rowsByVersion = new Map<BytecodeVersion, readonly KnownRow[]>();

/** The rows of a version, as sets of its own opnames; its other rows have a name that it lacks. */
function rowsOf(version: BytecodeVersion): readonly KnownRow[] {
  const rows = rowsByVersion.get(version) ?? findRows(version);
  rowsByVersion.set(version, rows);
  return rows;
}

function findRows(version: BytecodeVersion): readonly KnownRow[] {
  const known = [...version.opmap.keys()];
  return ROWS.filter((row) => row.if?.(version) !== false)
    .map(({ names }) => ({
      key: names.map(({ source }) => source).join(' '),
      names: names.map((name) => new Set(known.filter((opname) => name.test(opname)))),
    }))
    .filter(({ names }) => names.every((set) => set.size > 0));
}

/** How often each row and each lead occurs in a list. */
function countAll(names: readonly string[], list: InstructionList): Map<string, number> {
  const counts = new Map<string, number>();
  const add = (key: string): void => {
    counts.set(key, (counts.get(key) ?? 0) + 1);
  };
  for (const row of rowsOf(list.version)) {
    for (let i = 0; i < names.length; i++)
      if (row.names.every((set, k) => set.has(names[i + k] ?? ''))) add(row.key);
  }
  const nameOf = (i: number): string => list.version.opcodes[list.opcode[i]]?.opname ?? '';
  const addLead = (from: string, target: number): void => {
    const lead = LEADS.find(([name, to]) => name.test(from) && to.test(nameOf(target)));
    if (lead !== undefined) add(`${lead[0]} → ${nameOf(target)}`);
  };
  for (let i = 0; i < list.count; i++) {
    const target = targetOf(list, i);
    if (target !== undefined) addLead(nameOf(i), target);
  }
  const entries = new Set(list.handlers.map((handler) => list.labels[handler.target]));
  for (const entry of entries) addLead('handler', entry);
  return counts;
}

/** Instructions up to the last RESUME of the prologue, before which no frame is visible. */
function prologueOf(names: readonly string[]): readonly string[] {
  const generator = names.indexOf('RETURN_GENERATOR');
  const end = names.findIndex((name, k) => /^(RESUME|GEN_START)$/.test(name) && k > generator);
  return names.slice(0, end + 1);
}

interface Tally {
  codes: number;
  prologues: number;
  readonly rows: Map<string, number>;
}

function compareCode(
  original: CodeObject,
  woven: CodeObject,
  version: BytecodeVersion,
  tally: Tally,
): string[] {
  const before = disassemble(original, version);
  const after = disassemble(woven, version);
  const namesBefore = wovenItems(before, original).map(({ text }) => text);
  const namesAfter = wovenItems(after, original).map(({ text }) => text);
  const expected = countAll(namesBefore, before);
  const found = countAll(namesAfter, after);
  const bad: string[] = [];
  for (const [row, count] of expected) {
    if (found.get(row) !== count) bad.push(`${row}: ${found.get(row) ?? 0} of ${count}`);
    tally.rows.set(row, (tally.rows.get(row) ?? 0) + count);
  }
  const prologue = prologueOf(namesBefore);
  if (prologue.length > 0) tally.prologues++;
  if (prologue.some((name, k) => namesAfter[k] !== name))
    bad.push(`prologue ${prologue.join(' ')} became ${namesAfter.slice(0, 9).join(' ')}`);
  tally.codes++;
  return bad;
}

function compareAll(pyc: Pyc, select: string, tally: Tally): string[] {
  const woven = [...walkCode(probe(pyc, select).pyc.code)];
  return [...walkCode(pyc.code)].flatMap((code, k) =>
    compareCode(code, woven[k], pyc.version, tally).map((what) => `line ${code.co_firstlineno}: ${what}`),
  );
}

/** All that a version has, and single ones: what is glued must not depend on what else is timed. */
function selections(version: BytecodeVersion): [title: string, list: string][] {
  const lists = [
    'all',
    'call',
    'await',
    'iter',
    'with',
    'dealloc',
    'unary,compare',
    'CALL_INTRINSIC_1',
    'GET_ITER',
  ];
  const every = [...version.opmap.keys()].filter((name) => name !== 'EXTENDED_ARG').join(',');
  return [...lists.map((list): [string, string] => [list, list]), ['every opcode', every]];
}

describePythons('neighbours', (python) => {
  const version = versionByName(python.name);
  let program: Pyc;
  beforeAll(() => {
    program = compileOne(python, SOURCE);
  });

  test.each(selections(version))('stay together: --opcodes %s', (_, select) => {
    const tally: Tally = { codes: 0, prologues: 0, rows: new Map() };
    expect(compareAll(program, select, tally)).toEqual([]);
    // the source has each of them
    expect(rowsOf(version).filter(({ key }) => !tally.rows.has(key))).toEqual([]);
    expect(tally.codes).toBeGreaterThan(5);
  });

  test('stay together in the standard library', () => {
    const tally: Tally = { codes: 0, prologues: 0, rows: new Map() };
    const bad: string[] = [];
    for (const { path, bytes } of corpusFiles(loadCorpus(python), sampleEvery(40))) {
      bad.push(...compareAll(readPyc(bytes), 'all', tally).map((what) => `${path}: ${what}`));
    }
    expect(bad).toEqual([]);
    const rows = [...tally.rows.values()].reduce((sum, count) => sum + count, 0);
    expect(rows).toBeGreaterThan(200);
    console.log(
      `neighbours, Python ${python.name}: ${rows} rows of ${tally.rows.size} kinds in ${tally.codes} code objects, ` +
        `${tally.prologues} prologues`,
    );
  });
});
