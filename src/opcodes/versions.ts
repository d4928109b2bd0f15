import { PyrewriteError } from '../errors.ts';
import { CPYTHON_3_8 } from './generated/cpython-3.8.ts';
import { CPYTHON_3_9 } from './generated/cpython-3.9.ts';
import { CPYTHON_3_10 } from './generated/cpython-3.10.ts';
import { CPYTHON_3_11 } from './generated/cpython-3.11.ts';
import { CPYTHON_3_12 } from './generated/cpython-3.12.ts';
import { CPYTHON_3_13 } from './generated/cpython-3.13.ts';
import { CPYTHON_3_14 } from './generated/cpython-3.14.ts';
import { CPYTHON_3_15 } from './generated/cpython-3.15.ts';
import { describeMagic } from './magic.ts';
import { canRaise, terminates } from './properties.ts';
import type { BytecodeVersion, CodeField, OpcodeInfo, OpcodeTable } from './types.ts';

/** What an interpreter does not print about itself; each one is checked by test/opcodes/traits.test.ts. */
type Traits = Omit<BytecodeVersion, keyof OpcodeTable | 'number' | 'opmap'>;

const CODE_FIELDS_3_8: readonly CodeField[] = [
  'co_argcount',
  'co_posonlyargcount',
  'co_kwonlyargcount',
  'co_nlocals',
  'co_stacksize',
  'co_flags',
  'co_code',
  'co_consts',
  'co_names',
  'co_varnames',
  'co_freevars',
  'co_cellvars',
  'co_filename',
  'co_name',
  'co_firstlineno',
  'co_lnotab',
];

const CODE_FIELDS_3_10: readonly CodeField[] = [...CODE_FIELDS_3_8.slice(0, -1), 'co_linetable'];

const CODE_FIELDS_3_11: readonly CodeField[] = [
  'co_argcount',
  'co_posonlyargcount',
  'co_kwonlyargcount',
  'co_stacksize',
  'co_flags',
  'co_code',
  'co_consts',
  'co_names',
  'co_localsplusnames',
  'co_localspluskinds',
  'co_filename',
  'co_name',
  'co_qualname',
  'co_firstlineno',
  'co_linetable',
  'co_exceptiontable',
];

/** 3.8 and 3.9: blocks on a stack, lnotab. */
const BLOCKS: Traits = {
  codeFields: CODE_FIELDS_3_8,
  locationFormat: 'lnotab',
  sourceHash: 'siphash24',
  mergesEqualLocations: true,
  hasExceptionTable: false,
  generatorEntryDepth: 0,
  returnConstSlots: 0,
  handlerPushes: 6,
  maxBlocks: 20,
  looksUpCallerBeforeInstruction: false,
  takesIterForLoop: false,
  takesLineSplitsForLines: false,
  callableBelowSelf: false,
  reportsSteppingBack: true,
  repeatsLineBehindCallee: false,
  repeatsFarLines: false,
  recordsFreeThreaded: false,
};

const TRAITS_3_9: Traits = { ...BLOCKS, takesIterForLoop: true, takesLineSplitsForLines: true };

const TRAITS_3_10: Traits = {
  ...TRAITS_3_9,
  takesLineSplitsForLines: false,
  codeFields: CODE_FIELDS_3_10,
  locationFormat: 'linetable',
  // the sent value lies on the stack and GEN_START pops it
  generatorEntryDepth: 1,
};

const TRAITS_3_11: Traits = {
  codeFields: CODE_FIELDS_3_11,
  locationFormat: 'locations',
  sourceHash: 'siphash13',
  mergesEqualLocations: false,
  hasExceptionTable: true,
  generatorEntryDepth: 1,
  returnConstSlots: 0,
  handlerPushes: 1,
  maxBlocks: 0,
  looksUpCallerBeforeInstruction: false,
  takesIterForLoop: false,
  takesLineSplitsForLines: false,
  callableBelowSelf: false,
  reportsSteppingBack: true,
  repeatsLineBehindCallee: false,
  repeatsFarLines: false,
  recordsFreeThreaded: false,
};

const TRAITS_3_12: Traits = {
  ...TRAITS_3_11,
  mergesEqualLocations: true,
  reportsSteppingBack: false,
  repeatsLineBehindCallee: true,
};

/** 3.13 and later: RETURN_GENERATOR itself pushes the sent value. */
const TRAITS_3_13: Traits = {
  ...TRAITS_3_12,
  generatorEntryDepth: 0,
  returnConstSlots: 1,
  callableBelowSelf: true,
  repeatsLineBehindCallee: false,
  looksUpCallerBeforeInstruction: true,
  repeatsFarLines: true,
};

const TRAITS_3_14: Traits = { ...TRAITS_3_13, repeatsFarLines: false };

function defineVersion(table: OpcodeTable, traits: Traits): BytecodeVersion {
  const [major = 0, minor = 0] = table.name.split('.').map(Number);
  const opcodes: (OpcodeInfo | undefined)[] = new Array(256).fill(undefined);
  const opmap = new Map<string, number>();
  for (const facts of table.opcodes) {
    const { opcode, opname } = facts;
    opcodes[opcode] = { ...facts, terminates: terminates(opname), canRaise: canRaise(opname, minor) };
    opmap.set(opname, opcode);
  }
  return { ...table, ...traits, number: [major, minor], opcodes, opmap };
}

/** Every version that pyrewrite knows, oldest first. */
export const VERSIONS: readonly BytecodeVersion[] = [
  defineVersion(CPYTHON_3_8, BLOCKS),
  defineVersion(CPYTHON_3_9, TRAITS_3_9),
  defineVersion(CPYTHON_3_10, TRAITS_3_10),
  defineVersion(CPYTHON_3_11, TRAITS_3_11),
  defineVersion(CPYTHON_3_12, TRAITS_3_12),
  defineVersion(CPYTHON_3_13, { ...TRAITS_3_13, recordsFreeThreaded: true }),
  defineVersion(CPYTHON_3_14, TRAITS_3_14),
  defineVersion(CPYTHON_3_15, TRAITS_3_14),
];

function supported(): string {
  return VERSIONS.map(({ name, magic }) => `${name} (${magic})`).join(', ');
}

/**
 * The version whose released interpreters write this magic number (u16, the first two bytes of a .pyc).
 * @throws PyrewriteError 'bad-magic' that names the magic, what it probably is, and what is supported.
 */
export function versionForMagic(magic: number): BytecodeVersion {
  const version = VERSIONS.find((candidate) => candidate.magic === magic);
  if (version !== undefined) return version;
  const what = `magic number ${magic} (${describeMagic(magic)}) is not supported; supported: ${supported()}`;
  throw new PyrewriteError('bad-magic', what, {
    remedy: 'compile the source with a released CPython 3.8 to 3.15, for example python3 -m compileall',
  });
}

/**
 * The version of a name such as '3.12' (a micro version as in '3.12.1' is ignored).
 * @throws PyrewriteError 'not-found' for any other.
 */
export function versionByName(name: string): BytecodeVersion {
  const short = /^\d+\.\d+/.exec(name)?.[0];
  const version = VERSIONS.find((candidate) => candidate.name === short);
  if (version !== undefined) return version;
  throw new PyrewriteError('not-found', `Python ${name} is not supported; supported: ${supported()}`, {
    remedy: 'use CPython 3.8 to 3.15',
  });
}
