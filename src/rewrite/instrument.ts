import { nestedCode } from '../code/code-object.ts';
import { bytesValue, type CodeObject, type Pyc, strValue } from '../marshal/index.ts';
import type { Selection } from '../opcodes/selection.ts';
import type { BytecodeVersion } from '../opcodes/types.ts';
import { type Plan, planCode } from './plan.ts';
import { childQualname } from './qualname.ts';
import { rebuildCode, rebuildModule } from './rebuild.ts';
import { shareConstants } from './shared-consts.ts';
import type { SkippedSite } from './site.ts';
import { encodeSiteTable, type SiteTableCode } from './site-table.ts';

export interface InstrumentOptions {
  /** Operations to time: see `selectOpcodes`. */
  readonly select: Selection;
  /** Functions to instrument, by qualified name (`<module>` for the module itself); default all. */
  readonly functions?: (qualname: string) => boolean;
  /** Looks at operands, too: their types, how attributes are found, what is called; default false. */
  readonly types?: boolean;
  /** Records garbage collections; default false. */
  readonly gc?: boolean;
  /** Puts probes into a second body of each function, which gates enter while a window is open; default false. */
  readonly sample?: boolean;
  /** With `sample`: part of the time that it may cost, where the program runs; default: as the runtime decides. */
  readonly overhead?: number | undefined;
  /** Counts each operation by the operations that are open around it, too; default false. */
  readonly callers?: boolean;
  /** Adds the module's prologue even where nothing is timed; default false. */
  readonly forcePrologue?: boolean;
}

/** What was rewritten, and what was not and why. */
export interface InstrumentReport {
  /** Code objects seen. */
  codeObjects: number;
  /** Code objects with at least one site. */
  instrumentedCodeObjects: number;
  sites: number;
  /** Sites by the version's own opcode name. */
  readonly sitesByOpcode: Map<string, number>;
  readonly skipped: SkippedSite[];
}

/** One code object of a module on the way to its new form. */
interface Node {
  readonly code: CodeObject;
  readonly qualname: string;
  readonly constIndex: number;
  readonly plan: Plan | undefined;
  /** Only those that lead to a site. */
  readonly children: Node[];
}

/**
 * Times the selected operations of a .pyc file.
 * The code objects without a selected operation, and a file without any, stay byte for byte.
 * @throws PyrewriteError 'bad-code' or 'bad-table' if the file's code is malformed
 */
export function instrument(pyc: Pyc, options: InstrumentOptions): { pyc: Pyc; report: InstrumentReport } {
  const { code, report } = instrumentCode(pyc.code, pyc.version, options);
  return { pyc: code === pyc.code ? pyc : { ...pyc, code }, report };
}

/** The same for a module's code object; returns the very same object if nothing was selected. */
export function instrumentCode(
  root: CodeObject,
  version: BytecodeVersion,
  options: InstrumentOptions,
): { code: CodeObject; report: InstrumentReport } {
  const report: InstrumentReport = {
    codeObjects: 0,
    instrumentedCodeObjects: 0,
    sites: 0,
    sitesByOpcode: new Map(),
    skipped: [],
  };
  const survey = { version, options, report, seen: new Set<CodeObject>() };
  const shared = shareConstants(root);
  const tree = surveyCode(survey, shared, '<module>', -1);
  if (tree === undefined && options.forcePrologue !== true) return { code: root, report };
  const module = tree ?? {
    code: shared,
    qualname: '<module>',
    constIndex: -1,
    plan: undefined,
    children: [],
  };
  const origins = new Map<Node, Int32Array>();
  const children = module.children.map((child) => rebuildTree(child, origins));
  const makeTable = (own: Int32Array): Uint8Array => {
    origins.set(module, own);
    const python = (version.number[0] << 8) | version.number[1];
    const { gc = false, callers = false, overhead } = options;
    return encodeSiteTable(tableCodes(module, origins), { python, gc, callers, overhead });
  };
  return { code: rebuildModule(module.code, version, module.plan, children, makeTable), report };
}

interface Survey {
  readonly version: BytecodeVersion;
  readonly options: InstrumentOptions;
  readonly report: InstrumentReport;
  readonly seen: Set<CodeObject>;
}

function surveyCode(
  survey: Survey,
  code: CodeObject,
  qualname: string,
  constIndex: number,
): Node | undefined {
  if (survey.seen.has(code)) return undefined;
  survey.seen.add(code);
  survey.report.codeObjects++;
  const plan = surveyInstructions(survey, code, qualname);
  const children: Node[] = [];
  for (const { index, code: nested } of nestedCode(code)) {
    const child = surveyCode(survey, nested, childQualname(code, qualname, nested), index);
    if (child !== undefined) children.push(child);
  }
  return plan === undefined && children.length === 0
    ? undefined
    : { code, qualname, constIndex, plan, children };
}

function surveyInstructions(survey: Survey, code: CodeObject, qualname: string): Plan | undefined {
  const { options, version, report } = survey;
  if (!hasSelected(bytesValue(code.co_code), options.select.opcodes)) return undefined;
  if (options.functions !== undefined && !options.functions(qualname)) return undefined;
  const plan = planCode(code, version, options.select, options);
  for (const { opname, lineno, reason } of plan.skipped)
    report.skipped.push({ opname, qualname, lineno, reason });
  if (plan.sites.length === 0) return undefined;
  report.instrumentedCodeObjects++;
  report.sites += plan.sites.length;
  for (const { opname } of plan.sites) {
    report.sitesByOpcode.set(opname, (report.sitesByOpcode.get(opname) ?? 0) + 1);
  }
  return plan;
}

/** A quick look at the opcodes, so that code without a selected one is not even decoded. */
function hasSelected(bytes: Uint8Array, opcodes: Uint8Array): boolean {
  for (let at = 0; at < bytes.length; at += 2) if (opcodes[bytes[at]] === 1) return true;
  return false;
}

/** The records of the site table, parents first. */
function tableCodes(module: Node, origins: ReadonlyMap<Node, Int32Array>): SiteTableCode[] {
  const records: SiteTableCode[] = [];
  const add = (node: Node, parent: number): void => {
    const number = records.length;
    records.push({
      parent,
      constIndex: Math.max(node.constIndex, 0),
      firstConst: node.code.co_consts.items.length,
      sites: node.plan?.sites ?? [],
      qualname: node.code.co_qualname === undefined ? node.qualname : strValue(node.code.co_qualname),
      firstlineno: node.code.co_firstlineno,
      origins: node.plan?.gates === undefined ? undefined : [...(origins.get(node) ?? [])],
      suspends: canSuspend(node.code),
    });
    for (const child of node.children) add(child, number);
  };
  add(module, -1);
  return records;
}

function rebuildTree(node: Node, origins: Map<Node, Int32Array>): { index: number; code: CodeObject } {
  const children = node.children.map((child) => rebuildTree(child, origins));
  const rebuilt = rebuildCode(node.code, node.plan, children);
  origins.set(node, rebuilt.origins);
  return { index: node.constIndex, code: rebuilt.code };
}

/** `CO_GENERATOR | CO_COROUTINE | CO_ITERABLE_COROUTINE | CO_ASYNC_GENERATOR`. */
const CO_SUSPENDS = 0x20 | 0x80 | 0x100 | 0x200;

function canSuspend(code: CodeObject): boolean {
  return (code.co_flags & CO_SUSPENDS) !== 0;
}
