import type { Io } from './io.ts';

/** One option of a command, as `node:util` parseArgs wants it, with its words for the help. */
export interface OptionSpec {
  readonly type: 'string' | 'boolean';
  readonly short?: string;
  readonly multiple?: boolean;
  /** What stands for the value in the help, e.g. `GLOB`. */
  readonly value?: string;
  readonly help: string;
}

export type OptionSpecs = Readonly<Record<string, OptionSpec>>;

/** Parsed command line of one command. */
export interface Args {
  readonly positionals: readonly string[];
  /** The last value of a string option. */
  string(name: string): string | undefined;
  /** All values of an option that may be repeated. */
  strings(name: string): readonly string[];
  flag(name: string): boolean;
}

/** What each file in commands/ exports as `command`. */
export interface Command {
  /** One line for the list of commands. */
  readonly summary: string;
  /** e.g. `pyrewrite report [OPTIONS] PROFILE…` */
  readonly usage: string;
  /** What it does, then examples, in plain text. */
  readonly description: string;
  readonly examples: readonly { readonly line: string; readonly what: string }[];
  readonly options: OptionSpecs;
  /** The first operand ends the options: the rest belongs to somebody else (`run`). */
  readonly operandsEndOptions?: boolean;
  /** What besides 0, 1 and 2 an exit status means here. */
  readonly exitStatus?: string;
  run(args: Args, io: Io): Promise<number>;
}
