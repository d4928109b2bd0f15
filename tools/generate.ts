/**
 * Writes src/opcodes/generated from src/opcodes/dumps: `npx tsx tools/generate.ts`.
 * A dump is what one interpreter printed (tools/dump_opcodes.py); what fits no known shape is refused, never guessed.
 */
import { readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { type CodeBlockWriter, IndentationText, Project, QuoteKind, VariableDeclarationKind } from 'ts-morph';
import type { JumpKind, OpargKind, OpcodeFacts, OpcodeTable, StackEffect } from '../src/opcodes/types.ts';

/** One opcode in a dump. `effect` may be a list of numbers or null: then no shape was found. */
export interface DumpedOpcode {
  readonly opcode: number;
  readonly opname: string;
  readonly caches: number;
  readonly takesOparg: boolean;
  readonly lists: readonly string[];
  readonly effect: StackEffect | readonly number[] | null;
  readonly jumpEffect: StackEffect | readonly number[] | null;
  readonly operandShift: number;
  readonly jump?: { readonly from: 'start' | 'end' | 'unknown'; readonly unit: number };
}

interface Dump extends Omit<OpcodeTable, 'name' | 'jumpUnit' | 'opcodes'> {
  readonly version: string;
  readonly opcodes: readonly DumpedOpcode[];
}

/** Opcodes that the interpreter writes itself, at run time or in its own code: never in a .pyc. */
const INTERNAL = new Set([
  'CACHE',
  'RESERVED',
  'INTERPRETER_EXIT',
  'EXIT_INIT_CHECK',
  'ENTER_EXECUTOR',
  'TRACE_RECORD',
]);

/** Oparg names an instruction that control never goes to; dis lists it among the jumps (OpcodeInfo.refers). */
const REFERS_BACKWARD = new Set(['END_ASYNC_FOR']);

/** Folder of the dumps, and of what is made from them. */
export const DUMPS: string = fileURLToPath(new URL('../src/opcodes/dumps/', import.meta.url));
export const GENERATED: string = fileURLToPath(new URL('../src/opcodes/generated/', import.meta.url));

function isReal({ opcode, opname }: DumpedOpcode): boolean {
  return opcode < 256 && !opname.startsWith('INSTRUMENTED_') && !INTERNAL.has(opname);
}

function refuse(version: string, opname: string, what: string): never {
  throw new Error(`${version} ${opname}: ${what}; teach tools/generate.ts and src/opcodes/types.ts about it`);
}

function checkedShape(version: string, opname: string, effect: DumpedOpcode['effect']): StackEffect {
  const fits = typeof effect === 'number' || (Array.isArray(effect) && typeof effect[0] === 'string');
  if (!fits) refuse(version, opname, 'its stack effect fits no known shape');
  return effect as StackEffect;
}

function jumpKind(version: string, { opname, jump }: DumpedOpcode): JumpKind {
  if (jump === undefined) return 'none';
  if (jump.from === 'unknown') refuse(version, opname, 'its jump is neither absolute nor relative');
  if (jump.from === 'start') return 'absolute';
  return jump.unit < 0 ? 'backward' : 'forward';
}

function opargKind({ opname, lists, takesOparg, jump }: DumpedOpcode): OpargKind {
  if (!takesOparg) return 'none';
  if (jump !== undefined) return 'jump';
  if (lists.includes('hasconst')) return 'const';
  if (lists.includes('hasname')) return 'name';
  if (lists.includes('hascompare')) return 'compare';
  // 3.15 lists LOAD_DEREF among the locals, because it too indexes localsplus
  if (lists.includes('hasfree') || opname.endsWith('_DEREF')) return 'free';
  if (lists.includes('haslocal'))
    return /_FAST(_BORROW)?_(LOAD|STORE)_FAST/.test(opname) ? 'local-pair' : 'local';
  return 'plain';
}

/**
 * What the generated table says of a dumped opcode.
 * @throws Error where the dump says something that the table has no words for
 */
export function factsOf(version: string, dumped: DumpedOpcode): OpcodeFacts {
  const { opcode, opname, caches, operandShift } = dumped;
  const jump = jumpKind(version, dumped);
  const refers = REFERS_BACKWARD.has(opname) && jump === 'backward';
  if (refers !== (REFERS_BACKWARD.has(opname) && jump !== 'none'))
    refuse(version, opname, 'it refers forward');
  return {
    opcode,
    opname,
    caches,
    oparg: opargKind(dumped),
    operandShift,
    jump: refers ? 'none' : jump,
    refers: refers ? 'backward' : 'none',
    effect: checkedShape(version, opname, dumped.effect),
    jumpEffect: checkedShape(version, opname, dumped.jumpEffect),
  };
}

function jumpUnit(dump: Dump): 1 | 2 {
  const units = new Set(
    dump.opcodes.flatMap(({ jump }) => (jump === undefined ? [] : [Math.abs(jump.unit)])),
  );
  const [unit] = units;
  if (units.size !== 1 || (unit !== 1 && unit !== 2))
    throw new Error(`${dump.version}: jumps in units of ${[...units]}`);
  return unit;
}

/** A value as source text on one line: single quotes, bare keys. */
function source(value: unknown): string {
  if (typeof value === 'string') return `'${value.replace(/[\\']/g, '\\$&')}'`;
  if (Array.isArray(value)) return `[${value.map(source).join(', ')}]`;
  if (typeof value !== 'object' || value === null) return String(value);
  return `{ ${Object.entries(value)
    .map(([key, item]) => `${key}: ${source(item)}`)
    .join(', ')} }`;
}

/** One property per line; one opcode per line, so that a diff of two versions reads like a change log. */
function writeTable(writer: CodeBlockWriter, dump: Dump): void {
  const { version, opcodes, ...header } = dump;
  const properties = Object.entries({ name: version, ...header, jumpUnit: jumpUnit(dump) });
  writer.inlineBlock(() => {
    for (const [key, value] of properties) writer.writeLine(`${key}: ${source(value)},`);
    writer.writeLine('opcodes: [').indent(() => {
      for (const dumped of opcodes.filter(isReal)) writer.writeLine(`${source(factsOf(version, dumped))},`);
    });
    writer.write('],');
  });
}

function moduleSource(project: Project, dump: Dump): string {
  const name = `CPYTHON_${dump.version.replace('.', '_')}`;
  const file = project.createSourceFile(`cpython-${dump.version}.ts`, '', { overwrite: true });
  file.addImportDeclaration({
    isTypeOnly: true,
    namedImports: ['OpcodeTable'],
    moduleSpecifier: '../types.ts',
  });
  file.addVariableStatement({
    isExported: true,
    declarationKind: VariableDeclarationKind.Const,
    docs: [`What CPython ${dump.version} says about its bytecode.`],
    declarations: [{ name, type: 'OpcodeTable', initializer: (writer) => writeTable(writer, dump) }],
  });
  const mark = `// @generated by tools/generate.ts from dumps/cpython-${dump.version}.json. Do not edit.`;
  return `${mark}\n${file.getFullText()}`;
}

/** Every generated file by its name, made in memory from the dumps. */
export function generateOpcodeTables(): ReadonlyMap<string, string> {
  const manipulationSettings = { indentationText: IndentationText.TwoSpaces, quoteKind: QuoteKind.Single };
  const project = new Project({ useInMemoryFileSystem: true, manipulationSettings });
  const files = new Map<string, string>();
  for (const name of readdirSync(DUMPS).sort()) {
    const dump = JSON.parse(readFileSync(join(DUMPS, name), 'utf8')) as Dump;
    files.set(`cpython-${dump.version}.ts`, moduleSource(project, dump));
  }
  return files;
}

/** Deletes what has no dump any more, writes the rest. */
function main(): void {
  const files = generateOpcodeTables();
  for (const name of readdirSync(GENERATED)) if (!files.has(name)) rmSync(join(GENERATED, name));
  for (const [name, text] of files) writeFileSync(join(GENERATED, name), text);
  console.log(`generated ${files.size} opcode tables`);
}

if (process.argv[1] === fileURLToPath(import.meta.url)) main();
