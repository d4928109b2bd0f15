import { readdirSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { isInstrumented } from './is-instrumented.ts';
import { contentKey, type ModuleCache } from './module-cache.ts';
import type { InstrumentRequest } from './protocol.ts';
import type { ModuleReport, RewriteOptions, Rewriter } from './rewriter.ts';
import type { Scope } from './scope.ts';

/** What happened to a file that a process of the run asked for. */
export interface AnsweredFile {
  readonly filename: string;
  readonly report: ModuleReport | undefined;
  /** Why it runs as it is, although it is in scope. */
  readonly skipped: string | undefined;
}

export interface AnswererOptions extends RewriteOptions {
  readonly scope: Scope;
  readonly cache: ModuleCache;
}

interface Cached {
  readonly report: ModuleReport;
  readonly code: Uint8Array | undefined;
}

/** Newest change of the rewriting code: what an older rewriter made is not used again. */
function rewriterStamp(): string {
  const times = ['marshal', 'opcodes', 'code', 'rewrite', 'service'].flatMap((name) => {
    const folder = fileURLToPath(new URL(`../${name}/`, import.meta.url));
    return readdirSync(folder).map((file) => statSync(join(folder, file)).mtimeMs);
  });
  return String(Math.max(...times));
}

function encodeCached({ report, code }: Cached): Buffer {
  const json = Buffer.from(JSON.stringify(report));
  const head = Buffer.alloc(4);
  head.writeUInt32LE(json.length);
  return Buffer.concat([head, json, code ?? new Uint8Array(0)]);
}

function decodeCached(content: Buffer): Cached {
  const codeStart = 4 + content.readUInt32LE();
  const report = JSON.parse(content.toString('utf8', 4, codeStart)) as ModuleReport;
  return { report, code: codeStart < content.length ? content.subarray(codeStart) : undefined };
}

/** Answers the requests of one run: scope, cache, rewriter. */
export class Answerer {
  readonly files: Map<string, AnsweredFile> = new Map();
  readonly #options: AnswererOptions;
  readonly #stamp = rewriterStamp();
  #rewriter: Promise<Rewriter> | undefined;

  constructor(options: AnswererOptions) {
    this.#options = options;
  }

  /** Loads the rewriter before the first request comes: while Python starts, node has nothing to do. */
  async warmUp(): Promise<void> {
    await this.#load();
  }

  /** The instrumented code; undefined: leave it as it is. Whatever goes wrong with a file is noted, not thrown. */
  async answer(request: InstrumentRequest): Promise<Uint8Array | undefined> {
    const { filename, code } = request;
    if (!this.#options.scope.accepts(filename)) return undefined;
    if (isInstrumented(code)) {
      return this.#skip(filename, 'it is instrumented already, with the operations chosen then');
    }
    try {
      const result = await this.#rewritten(request);
      if (result === undefined)
        return this.#skip(filename, 'it was compiled by a Python that is not supported');
      this.files.set(filename, { filename, report: result.report, skipped: undefined });
      return result.code;
    } catch (error) {
      return this.#skip(filename, error instanceof Error ? error.message : String(error));
    }
  }

  #skip(filename: string, skipped: string): undefined {
    this.files.set(filename, { filename, report: undefined, skipped });
  }

  async #rewritten({ python, code }: InstrumentRequest): Promise<Cached | undefined> {
    const {
      cache,
      opcodes,
      functions,
      types = false,
      gc = false,
      callers = false,
      sample = false,
    } = this.#options;
    const choice = JSON.stringify([python, opcodes, functions, types, gc, callers, sample]);
    const key = contentKey([this.#stamp, choice, code]);
    const cached = cache.read(key);
    if (cached !== undefined) return decodeCached(cached);
    const { versionByNumber } = await import('./rewriter.ts');
    const version = versionByNumber(python);
    if (version === undefined) return undefined;
    const result = (await this.#load()).rewrite(code, version);
    cache.write(key, encodeCached(result));
    return result;
  }

  #load(): Promise<Rewriter> {
    this.#rewriter ??= import('./rewriter.ts').then(({ Rewriter }) => new Rewriter(this.#options));
    return this.#rewriter;
  }
}
