/** Real programs, and what is known of each. */

/** One start of the interpreter. */
export interface Start {
  /** What stands behind `python`, its own options left out. */
  readonly args: readonly string[];
  /** Python's own options. */
  readonly flags?: readonly string[];
  readonly input?: string;
  /** How plain python ends (0), so that a program that fails on both sides is not taken for a success. */
  readonly end?: number | NodeJS.Signals | 'depends on the version';
  /** What of the output differs from run to run. */
  readonly filter?: (text: string) => string;
}

/** Executions of LOAD_ATTR of this name in files of this name. */
export interface KnownCount {
  readonly file: string;
  readonly name: string;
  readonly count: number;
}

export interface Program {
  readonly title: string;
  /** Files of the program's folder: a script of test/programs/scripts, under the same name; or its text. */
  readonly files?: readonly string[];
  readonly texts?: Readonly<Record<string, string>>;
  /** Started one after the other, in the same folder. */
  readonly starts: readonly Start[];
  /** For `--include`: modules of the standard library. */
  readonly include?: readonly string[];
  readonly env?: Readonly<Record<string, string>>;
  /** Versions that have it (all). */
  readonly versions?: readonly string[];
  /** A group of operations, for a second run whose counts must be those of the first. */
  readonly group: string;
  /** Files whose counts are the same in every run (all): schedulers decide on the others. */
  readonly steady?: (file: string) => boolean;
  /** Counts known from reading the program, added up over all starts. */
  readonly counts?: readonly KnownCount[];
  /** Fewest processes of the last start. */
  readonly processes?: number;
  /** Part of the short list, which CI runs. */
  readonly short?: boolean;
}
