import { PyrewriteError } from '../errors.ts';
import { type Rule, resolveAtom } from './atoms.ts';
import { GROUPS } from './groups.ts';
import { FALLBACKS, NAMES } from './names.ts';
import { nearestWord } from './nearest-word.ts';
import type { BytecodeVersion } from './types.ts';
import { VERSIONS } from './versions.ts';

/** Which instructions of one version are to be timed. */
export interface Selection {
  /** The version's own opnames, in the order of their opcodes. */
  readonly names: readonly string[];
  /** By opcode, 256 entries: 1 where instructions of that opcode may be selected. */
  readonly opcodes: Uint8Array;
  /** Names that were asked for and select nothing in this version, in the order given. */
  readonly unmatched: readonly string[];
  /**
   * Whether an instruction is selected.
   * @param oparg its oparg, EXTENDED_ARG included
   * @param previous opcode of the instruction before it (tells slices from other subscripts); -1 where there is none
   */
  has(opcode: number, oparg: number, previous?: number): boolean;
}

/** One word of a list: what it selects or takes away again. */
interface Term {
  readonly word: string;
  readonly excludes: boolean;
  readonly atoms: readonly string[];
}

const ALL = 'all';

/** Every group name, `all` included. */
export const GROUP_NAMES: readonly string[] = [...GROUPS.map(({ name }) => name), ALL];

/** Every opcode name of any version, sorted: all may be asked for with every version. */
export const OPCODE_NAMES: readonly string[] = [
  ...new Set(VERSIONS.flatMap(({ opmap }) => [...opmap.keys()])),
].sort();

/** Instructions that a group, or the group `all`, stands for. */
function groupAtoms(name: string): readonly string[] | undefined {
  if (name === ALL) return GROUPS.flatMap(({ members }) => members);
  return GROUPS.find((group) => group.name === name)?.members;
}

function unknownName(word: string): never {
  const near = nearestWord(word, [...GROUP_NAMES, ...OPCODE_NAMES]);
  throw new PyrewriteError('bad-selection', `no opcode or group is named ${word}`, {
    remedy: `${near === undefined ? '' : `did you mean ${near}? `}\`pyrewrite opcodes\` lists all names`,
  });
}

/** What a name stands for in a version: itself and its counterparts, else the nearest that the version has. */
function nameAtoms(name: string, version: BytecodeVersion): readonly string[] {
  const own = NAMES[name] ?? [name];
  if (own.some((atom) => resolveAtom(version, atom) !== undefined)) return own;
  return FALLBACKS[name] ?? [];
}

function parseTerm(text: string, version: BytecodeVersion): Term {
  const excludes = /^[-!]/.test(text);
  const word = excludes ? text.slice(1).trim() : text;
  const group = groupAtoms(word.toLowerCase());
  if (group !== undefined) return { word, excludes, atoms: group };
  const name = word.toUpperCase();
  if (!OPCODE_NAMES.includes(name)) unknownName(word);
  return { word, excludes, atoms: nameAtoms(name, version) };
}

function parseList(list: string | readonly string[], version: BytecodeVersion): readonly Term[] {
  const texts = (typeof list === 'string' ? [list] : list).flatMap((text) => text.split(/[,\s]+/));
  const terms = texts.filter((text) => text !== '').map((text) => parseTerm(text, version));
  const [first] = terms;
  if (first === undefined) {
    const remedy =
      'name opcodes or groups, for example LOAD_ATTR or attr,call; `pyrewrite opcodes` lists them';
    throw new PyrewriteError('bad-selection', 'the list of opcodes is empty', { remedy });
  }
  // a list that only takes away starts from everything
  return first.excludes ? [parseTerm(ALL, version), ...terms] : terms;
}

/** A term's rules and whether they select; the last one that fits an instruction decides. */
type Decision = Rule & { readonly selects: boolean };

function decide(terms: readonly Term[], version: BytecodeVersion): readonly Decision[] {
  return terms.flatMap(({ atoms, excludes }) =>
    atoms.flatMap((atom) => {
      const rule = resolveAtom(version, atom);
      return rule === undefined ? [] : { ...rule, selects: !excludes };
    }),
  );
}

/** The decisions of each opcode, last first. */
function byOpcode(decisions: readonly Decision[]): ReadonlyMap<number, readonly Decision[]> {
  const map = new Map<number, Decision[]>();
  for (const decision of decisions) {
    const others = map.get(decision.opcode);
    if (others === undefined) map.set(decision.opcode, [decision]);
    else if (decision.condition === undefined) others.splice(0, others.length, decision);
    else others.unshift(decision);
  }
  return map;
}

function unmatchedWords(terms: readonly Term[], version: BytecodeVersion): readonly string[] {
  const matches = (atoms: readonly string[]): boolean =>
    atoms.some((atom) => resolveAtom(version, atom) !== undefined);
  return terms.filter(({ excludes, atoms }) => !excludes && !matches(atoms)).map(({ word }) => word);
}

/**
 * Reads a list such as 'LOAD_ATTR,call' or 'all,-store': opcode names of any version and groups, in any case,
 * between commas or spaces; a leading '-' or '!' takes away what the names before it selected.
 * Names mean the same operation in every version: BINARY_OP selects BINARY_ADD, INPLACE_ADD … up to 3.10,
 * and BINARY_ADD selects BINARY_OP's addition from 3.11 on.
 * @throws PyrewriteError 'bad-selection' for an unknown name or an empty list
 */
export function selectOpcodes(list: string | readonly string[], version: BytecodeVersion): Selection {
  const terms = parseList(list, version);
  const decisions = byOpcode(decide(terms, version));
  const opcodes = new Uint8Array(256);
  // most opcodes are selected whatever the oparg: no need to ask for each instruction
  const always = new Uint8Array(256);
  for (const [opcode, own] of decisions) {
    opcodes[opcode] = own.some(({ selects }) => selects) ? 1 : 0;
    always[opcode] = own[0].selects && own[0].condition === undefined ? 1 : 0;
  }
  const names = [...version.opmap].filter(([, opcode]) => opcodes[opcode] === 1).map(([name]) => name);
  const has = (opcode: number, oparg: number, previous = -1): boolean => {
    if (always[opcode] === 1 || opcodes[opcode] !== 1) return always[opcode] === 1;
    const fits = ({ condition }: Decision): boolean => condition === undefined || condition(oparg, previous);
    return decisions.get(opcode)?.find(fits)?.selects === true;
  };
  return { names, opcodes, unmatched: unmatchedWords(terms, version), has };
}
