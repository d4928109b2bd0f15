import { parseArgs } from 'node:util';
import { PyrewriteError } from '../errors.ts';
import { nearestWord } from '../opcodes/nearest-word.ts';
import type { Args, Command, OptionSpec, OptionSpecs } from './command.ts';

const HELP: OptionSpec = { type: 'boolean', short: 'h', help: 'show this help' };

/** What was probably meant, as a remedy. */
export function didYouMean(word: string, known: readonly string[]): string | undefined {
  const meant = nearestWord(word, known);
  return meant === undefined ? undefined : `did you mean ${meant}?`;
}

/** The options of a command and the ones that all commands have. */
export function allOptions(command: Command): OptionSpecs {
  return { ...command.options, help: HELP };
}

function usageError(command: Command, what: string, remedy?: string): PyrewriteError {
  return new PyrewriteError('usage', what, { remedy: remedy ?? `usage: ${command.usage}` });
}

/** The spec of `--name`, `--name=value` or `-n`, and whether its value is the next argument. */
function optionAt(argument: string, options: OptionSpecs): { takesNext: boolean } | undefined {
  if (argument.startsWith('--')) {
    const [name, value] = argument.slice(2).split('=', 2);
    const spec = options[name];
    return spec && { takesNext: spec.type === 'string' && value === undefined };
  }
  const spec = Object.values(options).find((option) => option.short === argument[1]);
  return spec && { takesNext: spec.type === 'string' && argument.length === 2 };
}

/**
 * Index of the first argument that belongs to the program that `run` starts:
 * the script, or python's own `-m`/`-c`, as on python's command line.
 */
function operandIndex(argv: readonly string[], options: OptionSpecs): number {
  for (let index = 0; index < argv.length; index++) {
    const argument = argv[index];
    if (argument === '-' || !argument.startsWith('-') || /^-[mc]/.test(argument)) return index;
    if (argument === '--') return index + 1;
    if (optionAt(argument, options)?.takesNext) index++;
  }
  return argv.length;
}

/** `--name value` as `--name=value`: parseArgs refuses a value that begins with a dash, such as `-O`. */
function joinValues(argv: readonly string[], options: OptionSpecs): string[] {
  const joined: string[] = [];
  for (let index = 0; index < argv.length; index++) {
    const argument = argv[index];
    if (argument === '--') return [...joined, ...argv.slice(index)];
    const takesNext = argument.startsWith('-') && optionAt(argument, options)?.takesNext === true;
    if (!takesNext || index + 1 >= argv.length) joined.push(argument);
    else joined.push(`${argument}${argument.startsWith('--') ? '=' : ''}${argv[++index]}`);
  }
  return joined;
}

function explainParseError(command: Command, error: unknown, argv: readonly string[]): PyrewriteError {
  const message = error instanceof Error ? error.message : String(error);
  const names = Object.keys(allOptions(command)).map((name) => `--${name}`);
  const unknown = /^Unknown option '([^']*)'/.exec(message)?.[1];
  if (unknown !== undefined) {
    const word = argv.find((argument) => argument.startsWith(unknown)) ?? unknown;
    return usageError(command, `unknown option ${unknown}`, didYouMean(word.split('=', 1)[0], names));
  }
  return usageError(command, message.replace(/\.?\s*To specify.*$/s, '').replaceAll("'", ''));
}

/**
 * Parses the command line of one command.
 * @throws PyrewriteError `usage`, with what was probably meant
 */
export function parseCommandLine(command: Command, argv: readonly string[]): Args {
  const options = allOptions(command);
  const split = command.operandsEndOptions ? operandIndex(argv, options) : argv.length;
  const own = argv.slice(0, split);
  if (own.at(-1) === '--') own.pop();
  let parsed: { values: Record<string, unknown>; positionals: string[] };
  try {
    parsed = parseArgs({
      args: joinValues(own, options),
      options: Object.fromEntries(Object.entries(options).map(([name, spec]) => [name, parseSpec(spec)])),
      allowPositionals: true,
    });
  } catch (error) {
    throw explainParseError(command, error, argv);
  }
  return argsOf(parsed.values, [...parsed.positionals, ...argv.slice(split)]);
}

function parseSpec(spec: OptionSpec) {
  const { type, short, multiple } = spec;
  return { type, ...(short === undefined ? {} : { short }), multiple: multiple ?? false };
}

function argsOf(values: Record<string, unknown>, positionals: readonly string[]): Args {
  const strings = (name: string): string[] => {
    const value = values[name];
    return [value].flat().filter((item): item is string => typeof item === 'string');
  };
  return {
    positionals,
    strings,
    string: (name) => strings(name).at(-1),
    flag: (name) => values[name] === true,
  };
}

/** A whole number in a range, from an option's text. */
export function integerOption(text: string, option: string, least: number, most: number): number {
  const value = Number(text);
  if (!Number.isInteger(value) || value < least || value > most || text.trim() === '') {
    throw new PyrewriteError(
      'usage',
      `--${option} takes a whole number from ${least} to ${most}, not '${text}'`,
    );
  }
  return value;
}

/** Seconds in a range, from an option's text. */
export function secondsOption(text: string, option: string, least: number, most: number): number {
  const seconds = Number(text);
  if (!(seconds >= least && seconds <= most) || text.trim() === '') {
    throw new PyrewriteError('usage', `--${option} takes seconds from ${least} to ${most}, not '${text}'`);
  }
  return seconds;
}
