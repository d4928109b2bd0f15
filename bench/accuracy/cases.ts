/** The operations of known duration that accuracy.ts measures, and the Python modules that execute them. */

/** An operation, executed in loops: as it is, left out, and with probes. */
export interface Case {
  readonly name: string;
  /** What to select; one module has the cases of one selection. */
  readonly select: string;
  /** The statement with the operation on the operand `o`, and the one that does all the rest. */
  readonly statement: string;
  readonly base: string;
  /** A key of driver.py's OPERANDS, or `Nested` of the case's own module. */
  readonly operand: string;
  /** Nominal duration, nanoseconds; 0 for operations that do not spin. */
  readonly ns: number;
  /** Times that a loop's body has the statement. */
  readonly unrolled: number;
  /** Executions in one loop. */
  readonly executions: number;
  /** For an operation with measured ones inside: how many, and the statement without them, for its own part. */
  readonly inside?: { readonly count: number; readonly own?: string };
}

const SPINNING: readonly (readonly [name: string, select: string, statement: string, operand: string])[] = [
  ['property', 'LOAD_ATTR', 'o.x', 'property'],
  ['__getattr__', 'LOAD_ATTR', 'o.x', 'getattr'],
  ['__add__', 'BINARY_ADD', 'o + 1', 'add'],
  ['__contains__', 'contains', '1 in o', 'contains'],
  ['C function', 'call', 'o()', 'c_function'],
  ['Python function', 'call', 'o()', 'callee'],
  ['iterator step', 'FOR_ITER', 'for', 'steps'],
];

const DURATIONS = [200, 1000, 10_000, 100_000, 1_000_000];

const SHORT: readonly (readonly [string, string, string, string, string])[] = [
  ['instance attribute', 'LOAD_ATTR', 'o.x', 'o', 'instance'],
  ['slot', 'LOAD_ATTR', 'o.x', 'o', 'slot'],
  ['int + int', 'BINARY_ADD', 'o + o', 'o; o', 'int'],
  ['dict[key]', 'BINARY_SUBSCR', 'o[1000]', 'o', 'dict'],
  ['in small list', 'contains', '3 in o', 'o', 'list'],
  ['global', 'LOAD_GLOBAL', 'GLOBAL', 'pass', 'int'],
  ['empty function', 'call', 'o()', 'o', 'empty'],
  ['len(list)', 'call', 'len(o)', 'len; o', 'list'],
];

const NESTED: readonly Case[] = [
  ...[10, 100].map((count) => nested(`property of ${count} loads`, 'attributes', count)),
  ...[10, 100].map((count) => nested(`property of ${count} additions`, 'additions', count)),
  {
    name: 'recursion of 20',
    select: 'call',
    statement: 'recurse_FORM(20)',
    base: 'GLOBAL',
    operand: 'int',
    ns: 0,
    unrolled: 1,
    executions: 200,
    inside: { count: 20 },
  },
];

function nested(name: string, kind: string, count: number): Case {
  return {
    name,
    select: kind === 'attributes' ? 'LOAD_ATTR' : 'LOAD_ATTR,BINARY_ADD',
    statement: `o.${kind}${count}_FORM`,
    base: 'o',
    operand: 'Nested',
    ns: 0,
    unrolled: 1,
    executions: count === 10 ? 400 : 60,
    inside: { count, own: `o.${kind}${count}_own` },
  };
}

/** All cases, in the order of the table. */
export const CASES: readonly Case[] = [
  ...SPINNING.flatMap(([name, select, statement, operand]) =>
    DURATIONS.map((ns) => ({
      name: `${name} of ${ns < 1000 ? `${ns} ns` : ns < 1e6 ? `${ns / 1000} µs` : '1 ms'}`,
      select,
      statement,
      base: 'o',
      operand,
      ns,
      unrolled: ns <= 1000 && statement !== 'for' ? 5 : 1,
      executions: Math.max(2, Math.min(200, 200_000 / ns)),
    })),
  ),
  ...SHORT.map(([name, select, statement, base, operand]) => ({
    name,
    select,
    statement,
    base,
    operand,
    ns: 0,
    unrolled: 10,
    executions: 1000,
  })),
  ...NESTED,
];

/** A name for Python: of a case's functions, or of a selection's module. */
export function identifier(text: string): string {
  return text.replace(/[^A-Za-z0-9]+/g, '_').replace(/^(?=\d)/, '_');
}

const indent = (lines: readonly string[]): string => lines.map((line) => `        ${line}\n`).join('');

function loop(name: string, statement: string, unrolled: number, form: string): string {
  const body = Array.from({ length: unrolled }, () => statement.replaceAll('FORM', form));
  return `def ${name}_${form}(n, o):\n    for _ in n:\n${indent(body)}\n`;
}

function functionsOf(one: Case): string {
  const name = `case_${identifier(one.name)}`;
  if (one.statement === 'for') {
    const step = (form: string): string => `def ${name}_${form}(n, o):\n    for _ in o: pass\n\n`;
    return `${loop(name, 'pass', 1, 'base')}${step('plain')}${step('again')}${step('probed')}`;
  }
  const of = (statement: string, form: string): string => loop(name, statement, one.unrolled, form);
  const own = one.inside?.own === undefined ? '' : of(one.inside.own, 'own');
  // The loop without probes twice: where code lies in memory matters as much as what it does.
  const again = of(one.statement, 'again').replaceAll(/\.(\w+)_again|(recurse)_again/g, (name) =>
    name.replace('again', 'plain'),
  );
  return of(one.base, 'base') + of(one.statement, 'plain') + again + own + of(one.statement, 'probed');
}

function property(name: string, lines: readonly string[]): string {
  return `    @property\n    def ${name}(self):\n        a = 1000\n${indent(lines)}\n`;
}

/** The operands that have operations inside, with probes and without. */
function operands(): string {
  const bodies = [10, 100].flatMap((count) =>
    Object.entries({ attributes: ['self.x', 'self'], additions: ['a + a', 'a; a'] }).flatMap(
      ([kind, [body, own]]) => {
        const lines = (line: string): string[] => Array.from({ length: count }, () => line);
        return [
          property(`${kind}${count}_plain`, lines(body)),
          property(`${kind}${count}_probed`, lines(body)),
          property(`${kind}${count}_own`, lines(own)),
        ];
      },
    ),
  );
  const recursion = ['plain', 'probed'].map(
    (form) => `def recurse_${form}(n):\n    if n: recurse_${form}(n - 1)\n\n`,
  );
  return `class Nested:\n    def __init__(self): self.x = 1\n${bodies.join('')}${recursion.join('')}`;
}

/** The source of a module with the cases of one selection. */
export function moduleText(cases: readonly Case[]): string {
  return `GLOBAL = 1\n${operands()}${cases.map(functionsOf).join('')}`;
}
