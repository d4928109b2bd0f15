import { PyrewriteError } from '../../errors.ts';
import { readPyc, writePyc } from '../../marshal/pyc.ts';
import type { BytecodeVersion } from '../../opcodes/types.ts';
import { versionByName } from '../../opcodes/versions.ts';
import { type CompileRequest, compileSources } from '../../python/compiler.ts';
import { type ModuleReport, Rewriter, type RewrittenModule } from '../../service/rewriter.ts';
import type { TreeFile } from './collect.ts';
import type { Destination, RewriteJob } from './destination.ts';
import { InPlace, Nowhere } from './in-place.ts';
import { Tree } from './tree.ts';

/** What became of one file. */
export interface FileOutcome {
  readonly path: string;
  readonly named: boolean;
  /** excluded: by --include or --exclude; skipped: it could not be rewritten. */
  readonly status: 'instrumented' | 'no-sites' | 'excluded' | 'skipped';
  /** Why it was skipped. */
  readonly reason?: string;
  readonly report?: ModuleReport;
}

function destinationOf(job: RewriteJob): Destination {
  if (job.place.kind === 'tree') return new Tree(job, job.place);
  return job.place.kind === 'in-place' ? new InPlace(job) : new Nowhere();
}

interface SourceRequest extends CompileRequest {
  readonly file: TreeFile;
}

/** Rewrites the files of one lane, one after the other. */
class Engine {
  readonly #job: RewriteJob;
  readonly #rewriter: Rewriter;
  readonly #version: BytecodeVersion;
  readonly #destination: Destination;

  constructor(job: RewriteJob) {
    this.#job = job;
    this.#rewriter = new Rewriter(job);
    this.#version = versionByName(job.release);
    this.#destination = destinationOf(job);
  }

  async *rewrite(files: readonly TreeFile[]): AsyncGenerator<FileOutcome> {
    const inTree = this.#job.place.kind === 'tree';
    for (const file of files) {
      if (file.kind === 'pyc') yield this.#pyc(file);
      else if (file.kind !== 'source') this.#destination.other(file);
    }
    const sources = files.filter((file) => file.kind === 'source' && (file.instrument || inTree));
    for (const file of files) {
      if (file.kind === 'source' && !file.instrument && !inTree) yield outcome(file, 'excluded');
    }
    yield* this.#sources(sources);
    this.#destination.finish();
  }

  async *#sources(files: readonly TreeFile[]): AsyncGenerator<FileOutcome> {
    if (files.length === 0) return;
    const { optimize, python } = this.#job;
    const requests = files.map(
      (file): SourceRequest => ({
        file,
        path: file.path,
        filename: this.#destination.filenameOf(file),
        optimize,
      }),
    );
    for await (const [{ file }, result] of compileSources(python, requests, process.env)) {
      if (result.kind === 'compiled') {
        yield this.#guarded(file, () => {
          const rewritten = file.instrument ? this.#rewriter.rewrite(result.code, this.#version) : undefined;
          this.#destination.source(file, result, rewritten);
          return rewritten;
        });
      } else {
        this.#destination.other(file);
        const reason = result.kind === 'syntax-error' ? `syntax error, ${result.message}` : result.message;
        yield outcome(file, 'skipped', reason);
      }
    }
  }

  #pyc(file: TreeFile): FileOutcome {
    return this.#guarded(file, () => {
      const original = this.#destination.readPyc(file);
      if (original === undefined) {
        throw new PyrewriteError('bad-code', 'it is instrumented already, and its original is not known');
      }
      const pyc = readPyc(original);
      const rewritten = file.instrument ? this.#rewriter.rewritePyc(pyc) : undefined;
      const bytes = rewritten?.pyc === undefined ? undefined : writePyc(rewritten.pyc);
      this.#destination.pyc(file, original, bytes, rewritten?.report.sites ?? 0);
      return rewritten;
    });
  }

  /** What is wrong with one file skips that file; a full disk or a wrong selection ends the whole command. */
  #guarded(file: TreeFile, rewrite: () => Pick<RewrittenModule, 'report'> | undefined): FileOutcome {
    try {
      const rewritten = rewrite();
      if (rewritten === undefined) return outcome(file, 'excluded');
      const status = rewritten.report.sites > 0 ? 'instrumented' : 'no-sites';
      return { path: file.path, named: file.named, status, report: rewritten.report };
    } catch (error) {
      const reason = whySkip(error);
      if (reason === undefined) throw error;
      return outcome(file, 'skipped', reason);
    }
  }
}

/** Begins the reason of a file that should have worked. */
export const INTERNAL_ERROR = 'internal error';

const FORBIDDEN = ['EACCES', 'EPERM', 'EROFS', 'ENOENT'];

/** What concerns this file alone; undefined for what ends the command. */
function whySkip(error: unknown): string | undefined {
  if (error instanceof PyrewriteError) return error.code === 'bad-selection' ? undefined : error.message;
  if (!(error instanceof Error)) return undefined;
  // A mistake of ours in one file is no reason to leave all the others.
  if (!('code' in error)) return `${INTERNAL_ERROR}: ${error.message}`;
  return FORBIDDEN.includes(String(error.code)) ? error.message : undefined;
}

function outcome(file: TreeFile, status: FileOutcome['status'], reason?: string): FileOutcome {
  const { path, named } = file;
  return { path, named, status, ...(reason === undefined ? {} : { reason }) };
}

/**
 * Compiles, instruments and writes files, in one process and one interpreter.
 * Only a few files are in memory at any time.
 */
export function rewriteFiles(files: readonly TreeFile[], job: RewriteJob): AsyncGenerator<FileOutcome> {
  return new Engine(job).rewrite(files);
}
