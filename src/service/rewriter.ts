import { PyrewriteError } from '../errors.ts';
import type { Pyc } from '../marshal/pyc.ts';
import { readMarshal } from '../marshal/reader.ts';
import { isCode } from '../marshal/types.ts';
import { writeMarshal } from '../marshal/writer.ts';
import { type Selection, selectOpcodes } from '../opcodes/selection.ts';
import type { BytecodeVersion } from '../opcodes/types.ts';
import { VERSIONS } from '../opcodes/versions.ts';
import {
  type InstrumentOptions,
  type InstrumentReport,
  instrument,
  instrumentCode,
} from '../rewrite/instrument.ts';
import { matchNames } from './globs.ts';

/** What is to be instrumented; the same for all files of a run. */
export interface RewriteOptions {
  /** As the user gave them: names and groups. */
  readonly opcodes: readonly string[];
  /** Globs of qualified names; none: all functions. */
  readonly functions: readonly string[];
  /** Whether operands are looked at; default false. */
  readonly types?: boolean;
  /** Whether garbage collections are recorded; default false. */
  readonly gc?: boolean;
  /** Whether operations are counted in their contexts; default false. */
  readonly callers?: boolean;
  /** Whether operations are timed in windows of time only; default false. */
  readonly sample?: boolean;
  /** Part of the time that this may cost; null: as the runtime decides, which is the default. */
  readonly overhead?: number | null;
}

/** An operation that was asked for and left as it was. */
export interface RefusedOperation {
  readonly opname: string;
  readonly qualname: string;
  readonly lineno: number | null;
  readonly reason: string;
}

/** What was done to one module, as plain data. */
export interface ModuleReport {
  readonly codeObjects: number;
  readonly instrumentedCodeObjects: number;
  readonly sites: number;
  /** By the version's own name. */
  readonly sitesByOpcode: Readonly<Record<string, number>>;
  readonly refused: readonly RefusedOperation[];
}

export interface RewrittenModule {
  /** marshal bytes; undefined when there is nothing to instrument in it. */
  readonly code: Uint8Array | undefined;
  readonly report: ModuleReport;
}

/** The version of `major << 8 | minor`, if pyrewrite knows it. */
export function versionByNumber(number: number): BytecodeVersion | undefined {
  return VERSIONS.find(({ number: [major, second] }) => ((major << 8) | second) === number);
}

/** Instruments the modules of one run, each from marshal bytes to marshal bytes. */
export class Rewriter {
  readonly #options: RewriteOptions;
  readonly #selections = new Map<BytecodeVersion, Selection>();
  readonly #isFunction: (qualname: string) => boolean;

  constructor(options: RewriteOptions) {
    this.#options = options;
    this.#isFunction = matchNames(options.functions);
  }

  /** @throws PyrewriteError `bad-selection` */
  selection(version: BytecodeVersion): Selection {
    let selection = this.#selections.get(version);
    if (selection === undefined) {
      selection = selectOpcodes(this.#options.opcodes, version);
      this.#selections.set(version, selection);
    }
    return selection;
  }

  /** @throws PyrewriteError when the bytes are no code object of that version */
  rewrite(bytes: Uint8Array, version: BytecodeVersion): RewrittenModule {
    const root = readMarshal(bytes, version);
    if (!isCode(root))
      throw new PyrewriteError('bad-marshal', 'the data holds no code object', { offset: 0 });
    const { code, report } = instrumentCode(root, version, this.#instrumentOptions(version));
    return { code: code === root ? undefined : writeMarshal(code, version), report: plainReport(report) };
  }

  /** The same for a .pyc of any version; `pyc` is undefined when there is nothing to instrument in it. */
  rewritePyc(pyc: Pyc): { readonly pyc: Pyc | undefined; readonly report: ModuleReport } {
    const { pyc: instrumented, report } = instrument(pyc, this.#instrumentOptions(pyc.version));
    return { pyc: instrumented === pyc ? undefined : instrumented, report: plainReport(report) };
  }

  #instrumentOptions(version: BytecodeVersion): InstrumentOptions {
    const select = this.selection(version);
    const { types = false, gc = false, callers = false, sample = false, overhead } = this.#options;
    const choice = { select, types, gc, callers, sample, overhead: overhead ?? undefined };
    return this.#options.functions.length > 0 ? { ...choice, functions: this.#isFunction } : choice;
  }
}

function plainReport(report: InstrumentReport): ModuleReport {
  return {
    codeObjects: report.codeObjects,
    instrumentedCodeObjects: report.instrumentedCodeObjects,
    sites: report.sites,
    sitesByOpcode: Object.fromEntries(report.sitesByOpcode),
    refused: report.skipped.map((skipped) => ({ ...skipped, lineno: skipped.lineno ?? null })),
  };
}
