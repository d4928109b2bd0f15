import type { PageCode } from './data.ts';

/** What was found of a source file when the report was made. */
export interface SourceText {
  /** Null where it cannot be shown. */
  readonly text: string | null;
  /** Why there is no text, or why it may not be what ran; empty where all is well. */
  readonly note: string;
  /** Bytecode by function, in the order of the code. */
  readonly codes: readonly PageCode[];
  /** Why there is no bytecode; empty where there is. */
  readonly codeNote: string;
}
