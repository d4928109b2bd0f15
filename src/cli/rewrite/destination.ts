import type { CompileResult } from '../../python/compiler.ts';
import type { RewrittenModule } from '../../service/rewriter.ts';
import type { TreeFile } from './collect.ts';

/** A source that compiled. */
export type Compiled = Extract<CompileResult, { kind: 'compiled' }>;

/** Where rewritten files go. Every file of the trees is handed to exactly one of these, folder by folder. */
export interface Destination {
  /** `co_filename` that a source's code gets. */
  filenameOf(file: TreeFile): string;
  /** A source: instrumented, or without any chosen operation. */
  source(file: TreeFile, compiled: Compiled, rewritten: RewrittenModule | undefined): void;
  /** The .pyc to instrument, as it was before any instrumentation; undefined: that is not known. */
  readPyc(file: TreeFile): Buffer | undefined;
  /** A .pyc: its new bytes, or undefined when it stays as it is. */
  pyc(file: TreeFile, original: Buffer, bytes: Uint8Array | undefined, sites: number): void;
  /** Anything else, and sources that do not compile. */
  other(file: TreeFile): void;
  /** After the last file. */
  finish(): void;
}

/** What is to be done with the files; plain data, so that it can be sent to a worker. */
export interface RewriteJob {
  readonly python: string;
  readonly release: string;
  readonly magic: number;
  readonly opcodes: readonly string[];
  readonly functions: readonly string[];
  readonly types: boolean;
  /** Garbage collections are recorded. */
  readonly gc: boolean;
  readonly callers: boolean;
  readonly sample: boolean;
  /** Part of the time that sampling may cost; null: as the runtime decides. */
  readonly overhead: number | null;
  /** 0, 1 (-O), 2 (-OO). */
  readonly optimize: number;
  readonly place:
    | { readonly kind: 'in-place' | 'nowhere' }
    | {
        readonly kind: 'tree';
        /** Where the tree is built. */
        readonly staging: string;
        /** Where it will lie. */
        readonly final: string;
        readonly sourceless: boolean;
      };
}
