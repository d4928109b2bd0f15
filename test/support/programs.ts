/** Small programs for the tests: compiled by an interpreter, taken apart, or run there with probes and the runtime. */
import { spawnSync } from 'node:child_process';
import { mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { disassemble, type InstructionList, NO_LABEL, walkCode } from '../../src/code/index.ts';
import { type CodeObject, type Pyc, readPyc, strValue, writePyc } from '../../src/marshal/index.ts';
import { idiomsOf } from '../../src/opcodes/idioms.ts';
import { selectOpcodes } from '../../src/opcodes/selection.ts';
import type { Profile, SiteStats } from '../../src/profile/profile.ts';
import { readProfile } from '../../src/profile/reader.ts';
import { type InstrumentReport, instrument } from '../../src/rewrite/instrument.ts';
import { nativeRuntime } from '../native/runtime.ts';
import { type Python, runPython } from './pythons.ts';

const COMPILE = `
import json, sys, warnings
from importlib._bootstrap_external import _code_to_timestamp_pyc
warnings.simplefilter("ignore")
print(json.dumps([_code_to_timestamp_pyc(compile(source, "program.py", "exec", dont_inherit=True)).hex()
                  for source in json.load(sys.stdin)]))
`;

/** Compiles programs, all in one process. Their file is `program.py`. */
export function compileAll(python: Python, sources: readonly string[]): Pyc[] {
  const printed: string[] = JSON.parse(
    runPython(python, ['-c', COMPILE], { input: JSON.stringify(sources) }),
  );
  return printed.map((hex) => readPyc(new Uint8Array(Buffer.from(hex, 'hex'))));
}

/** Compiles one program. */
export function compileOne(python: Python, source: string): Pyc {
  return compileAll(python, [source])[0];
}

/** The first code object of that `co_name`; '<module>' for the module. */
export function codeNamed(root: CodeObject, name: string): CodeObject {
  for (const code of walkCode(root)) if (strValue(code.co_name) === name) return code;
  throw new Error(`no code object is named ${name}`);
}

/** Times what a list selects; the program's own code is the default. */
export function probe(
  pyc: Pyc,
  select: string,
  functions?: (qualname: string) => boolean,
): { pyc: Pyc; report: InstrumentReport } {
  const selection = selectOpcodes(select, pyc.version);
  return instrument(pyc, { select: selection, ...(functions === undefined ? {} : { functions }) });
}

/** An instruction of a woven list, or a probe: `begin 0`, `end 0`, `raised 0` with the site's number in its code object. */
export interface WovenItem {
  /** Index in the list. */
  readonly at: number;
  /** Instructions. */
  readonly count: number;
  readonly text: string;
}

/** The instructions of a rewritten code object, with each probe as one item. `original` is what it was made from. */
export function wovenItems(list: InstructionList, original: CodeObject): WovenItem[] {
  const idioms = idiomsOf(list.version);
  const operators = new Map([
    [idioms.begin, 'begin'],
    [idioms.raised, 'raised'],
    ...idioms.ends.map((opcode) => [opcode, 'end'] as const),
  ]);
  const items: WovenItem[] = [];
  for (let i = 0; i < list.count; i++) {
    const site = list.oparg[i] - original.co_consts.items.length;
    const kind = operators.get(list.opcode[i + 1]);
    if (list.opcode[i] === idioms.loadConst && site >= 0 && kind !== undefined && i + 1 < list.count) {
      const count = isJump(list, i + 1) ? 2 : 3;
      items.push({ at: i, count, text: `${kind} ${site}` });
      i += count - 1;
    } else items.push({ at: i, count: 1, text: list.version.opcodes[list.opcode[i]]?.opname ?? '?' });
  }
  return items;
}

function isJump(list: InstructionList, i: number): boolean {
  return list.target[i] !== NO_LABEL;
}

/** Names of the instructions and probes of a function after instrumenting. */
export function wovenNames(pyc: Pyc, select: string, name: string): string[] {
  const original = codeNamed(pyc.code, name);
  const probed = codeNamed(probe(pyc, select).pyc.code, name);
  return wovenItems(disassemble(probed, pyc.version), original).map(({ text }) => text);
}

/** Name of the instruction that instruction `i` jumps or refers to; undefined where it does not. */
export function targetOf(list: InstructionList, i: number): number | undefined {
  return list.target[i] === NO_LABEL ? undefined : list.labels[list.target[i]];
}

/** How a program ended, and what it recorded. */
export interface ProgramRun {
  readonly status: number | null;
  readonly signal: NodeJS.Signals | null;
  readonly stdout: string;
  readonly stderr: string;
  /** Undefined where it has no probe. */
  readonly profile: Profile | undefined;
}

/** Runs a compiled program, with the runtime on its path. */
export function runProgram(
  python: Python,
  pyc: Pyc,
  env: Readonly<Record<string, string>> = {},
  args: readonly string[] = [],
): ProgramRun {
  const folder = mkdtempSync(join(tmpdir(), 'pyrewrite-program-'));
  try {
    const file = join(folder, 'program.pyc');
    writeFileSync(file, writePyc(pyc));
    const { status, signal, stdout, stderr } = spawnSync(python.path, [...args, file], {
      cwd: folder,
      encoding: 'utf8',
      timeout: 300_000,
      maxBuffer: 1 << 28,
      env: {
        PATH: process.env['PATH'],
        PYTHONDONTWRITEBYTECODE: '1',
        PYTHONPATH: nativeRuntime(python).folder,
        PYREWRITE_OUT: `${folder}/`,
        ...env,
      },
    });
    const [file1] = readdirSync(folder).filter((name) => name.endsWith('.prof'));
    const profile = file1 === undefined ? undefined : readProfile(readFileSync(join(folder, file1)));
    return { status, signal, stdout, stderr, profile };
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

/** Runs a script with the path of a compiled program as its argument; returns what it prints. */
export function inspect(python: Python, pyc: Pyc, script: string): string {
  const folder = mkdtempSync(join(tmpdir(), 'pyrewrite-inspect-'));
  try {
    const file = join(folder, 'program.pyc');
    writeFileSync(file, writePyc(pyc));
    return runPython(python, ['-c', script, file]);
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

/** Runs a program as it is and with probes: it must behave the same. Returns the probed run's sites. */
export function runBoth(
  python: Python,
  pyc: Pyc,
  select: string,
): { stdout: string; sites: readonly SiteStats[] } {
  const plain = runProgram(python, pyc);
  if (plain.status !== 0) throw new Error(`the program itself fails: ${plain.stderr}`);
  const probed = runProgram(python, probe(pyc, select).pyc);
  const { status, signal, stderr, profile } = probed;
  if (status !== 0 || signal !== null)
    throw new Error(`with probes it ends with ${signal ?? status}: ${stderr}`);
  if (probed.stdout !== plain.stdout)
    throw new Error(`with probes it prints ${probed.stdout}, not ${plain.stdout}`);
  if (profile === undefined) throw new Error('nothing was recorded');
  const { spans, ends } = profile.lost;
  if (spans + ends > 0) throw new Error(`${spans} operations did not end, ${ends} did not begin`);
  return { stdout: plain.stdout, sites: profile.sites };
}

/** Sums of the sites of a function: how often they ran and how often they raised. */
export function totals(
  sites: readonly SiteStats[],
  functionName: string,
  opcode: RegExp = /^/,
): { count: number; raised: number; sites: number } {
  const chosen = sites.filter((site) => site.function === functionName && opcode.test(site.opcode));
  const sum = (pick: (site: SiteStats) => number): number =>
    chosen.reduce((total, site) => total + pick(site), 0);
  return { count: sum(({ count }) => count), raised: sum(({ raised }) => raised), sites: chosen.length };
}
