import { PyrewriteError } from '../errors.ts';
import type { Args, OptionSpec, OptionSpecs } from './command.ts';

/** What is timed when nothing is said: the operations behind which most hidden cost lies. */
const DEFAULT_OPCODES = 'attr,call';

/** What `run` times when nothing is said: all that its report can explain, but for what costs less than its probe. */
export const RUN_OPCODES = 'attr,call,arith,contains,iter,raise,import,await,LOAD_NAME';

/** What the tree of contexts needs besides: without them a chain ends at each function. */
const CALLERS_OPCODES = 'call,await';

/** The option of all commands that instrument, with what is timed without it. */
export function opcodesSpec(otherwise: string): OptionSpec {
  return {
    type: 'string',
    value: 'LIST',
    help: `operations to time: names and groups, separated by commas\n(default: ${otherwise};\npyrewrite opcodes lists them)`,
  };
}

/** Options of all commands that instrument. */
export const SELECTION_OPTIONS: OptionSpecs = {
  opcodes: opcodesSpec(DEFAULT_OPCODES),
  functions: {
    type: 'string',
    multiple: true,
    value: 'GLOB',
    help: 'only functions whose qualified name matches, e.g. "Order.*";\nmay be repeated',
  },
  types: {
    type: 'boolean',
    help: 'look at operands, too: their types, how attributes are found,\nwhat is called',
  },
  callers: {
    type: 'boolean',
    help: 'count each operation by the operations around it, too, and by\nthread and task; times calls and awaits besides --opcodes',
  },
  sample: {
    type: 'boolean',
    help: 'time operations in short windows of time only, at a few percent of\nthe run; the report shows estimates with their intervals',
  },
  overhead: {
    type: 'string',
    value: 'PART',
    help: 'with --sample: what it may cost, e.g. 3% (the default)',
  },
  python: {
    type: 'string',
    value: 'PY',
    help: 'interpreter: a path, a name on PATH, a version, or the folder of\na virtual environment (default: $VIRTUAL_ENV, then python3)',
  },
};

/** The operations to time: the chosen ones, and those that other options need. */
export function opcodesOption(args: Args, otherwise: string = DEFAULT_OPCODES): string {
  const chosen = args.string('opcodes') ?? otherwise;
  return args.flag('callers') ? `${chosen},${CALLERS_OPCODES}` : chosen;
}

/**
 * Part of the time that sampling may cost, from `3%` or `0.03`; undefined where nothing is said.
 * @throws PyrewriteError `usage`
 */
export function overheadOption(args: Args): number | undefined {
  const text = args.string('overhead');
  if (text === undefined) return undefined;
  const match = /^(\d+(?:\.\d+)?)(%?)$/.exec(text);
  const value = match === null ? Number.NaN : Number(match[1]) / (match[2] === '%' ? 100 : 1);
  if (!args.flag('sample')) throw new PyrewriteError('usage', '--overhead says nothing without --sample');
  if (value > 0 && value <= 1) return value;
  throw new PyrewriteError('usage', `--overhead ${text}: a part of the time is wanted, such as 3% or 0.03`);
}

/**
 * Tells a misspelt name before anything is read or started.
 * @throws PyrewriteError `bad-selection`
 */
export async function checkSelection(opcodes: string, release: string): Promise<void> {
  const { selectOpcodes } = await import('../opcodes/selection.ts');
  const { versionByName } = await import('../opcodes/versions.ts');
  selectOpcodes(opcodes, versionByName(release));
}

/** Values of an option that may be repeated or hold a list separated by commas. */
export function listOption(args: Args, name: string): string[] {
  return args
    .strings(name)
    .flatMap((value) => splitOutsideBraces(value))
    .filter((value) => value !== '');
}

/** Commas inside braces belong to a glob. */
function splitOutsideBraces(text: string): string[] {
  const parts = [''];
  let depth = 0;
  for (const letter of text) {
    if (letter === '{') depth++;
    if (letter === '}') depth--;
    if (letter === ',' && depth === 0) parts.push('');
    else parts[parts.length - 1] += letter;
  }
  return parts;
}
