/** What went wrong, as a word that programs can test. */
export type ErrorCode =
  | 'bad-magic'
  | 'bad-header'
  | 'bad-marshal'
  | 'bad-code'
  | 'bad-table'
  | 'bad-edit'
  | 'bad-profile'
  | 'bad-selection'
  | 'bad-budget'
  | 'python-failed'
  | 'python-not-found'
  | 'build-failed'
  | 'not-found'
  | 'usage';

/** Where and what to do: both end up in the message that a person reads. */
export interface ErrorDetails {
  /** Byte offset in the input, where there is one. */
  readonly offset?: number;
  /** File the error is about. */
  readonly file?: string;
  /** One sentence that tells what to do. */
  readonly remedy?: string;
  readonly cause?: unknown;
}

/**
 * The only error type that pyrewrite throws on bad input.
 * `message` is `what (at offset 0x…)`; `remedy` tells what to do about it.
 */
export class PyrewriteError extends Error {
  readonly code: ErrorCode;
  readonly offset: number | undefined;
  readonly file: string | undefined;
  readonly remedy: string | undefined;

  constructor(code: ErrorCode, what: string, details: ErrorDetails = {}) {
    const where = details.offset === undefined ? '' : ` (at offset 0x${details.offset.toString(16)})`;
    super(`${what}${where}`, details.cause === undefined ? undefined : { cause: details.cause });
    this.name = 'PyrewriteError';
    this.code = code;
    this.offset = details.offset;
    this.file = details.file;
    this.remedy = details.remedy;
  }
}
