import type { BytecodeVersion } from '../../opcodes/types.ts';
import type { Args, Command } from '../command.ts';
import type { Io } from '../io.ts';

export const command: Command = {
  summary: 'lists the operations and groups that --opcodes takes',
  usage: 'pyrewrite opcodes [OPTIONS] [NAME…]',
  description: `
Lists every group with the opcodes of one version behind it, and the opcodes that are in no group. With NAMEs it
shows what exactly these select: names of any version are understood, LOAD_METHOD or BINARY_ADD too.
A leading minus takes away: all,-store.`,
  examples: [
    { line: 'pyrewrite opcodes', what: 'groups and opcodes of the Python that python3 is' },
    {
      line: 'pyrewrite opcodes --python-version 3.x',
      what: 'the same for another version; it need not be installed',
    },
    { line: 'pyrewrite opcodes attr CALL', what: 'what --opcodes attr,CALL selects' },
  ],
  options: {
    'python-version': {
      type: 'string',
      value: 'V',
      help: 'version of Python (default: that of the python found)',
    },
    json: { type: 'boolean', help: 'print the lists as JSON' },
  },
  run,
};

const WRAP_COLUMN = 78;

async function run(args: Args, io: Io): Promise<number> {
  const version = await versionOf(args, io);
  if (args.positionals.length > 0) await printSelection(args, io, version);
  else if (args.flag('json')) io.stdout.write(`${JSON.stringify(await allGroups(version))}\n`);
  else await printGroups(io, version);
  return 0;
}

async function versionOf(args: Args, io: Io): Promise<BytecodeVersion> {
  const { VERSIONS, versionByName } = await import('../../opcodes/versions.ts');
  const asked = args.string('python-version');
  if (asked !== undefined) return versionByName(asked);
  const { findInterpreter } = await import('../../python/discover.ts');
  const python = await findInterpreter(undefined, io.env, io.cwd).catch(() => undefined);
  return python === undefined ? VERSIONS[VERSIONS.length - 1] : versionByName(python.release);
}

/** Words with blanks between them, broken into indented lines. */
function wrap(words: readonly string[], indent: string): string {
  const lines: string[] = [];
  let line = indent;
  for (const word of words) {
    if (line.length + word.length > WRAP_COLUMN && line.trim() !== '') {
      lines.push(line.trimEnd());
      line = indent;
    }
    line += `${word} `;
  }
  return [...lines, line.trimEnd()].join('\n');
}

interface GroupList {
  readonly python: string;
  readonly groups: readonly {
    readonly name: string;
    readonly about: string;
    readonly opcodes: readonly string[];
  }[];
  readonly ungrouped: readonly string[];
}

async function allGroups(version: BytecodeVersion): Promise<GroupList> {
  const { GROUPS } = await import('../../opcodes/groups.ts');
  const { selectOpcodes } = await import('../../opcodes/selection.ts');
  const groups = GROUPS.map(({ name, about }) => ({
    name,
    about,
    opcodes: selectOpcodes(name, version).names,
  }));
  const grouped = new Set(groups.flatMap(({ opcodes }) => opcodes));
  const ungrouped = [...version.opmap.keys()].filter((opname) => !grouped.has(opname));
  const all = { name: 'all', about: 'every group', opcodes: selectOpcodes('all', version).names };
  return { python: version.name, groups: [...groups, all], ungrouped };
}

async function printGroups(io: Io, version: BytecodeVersion): Promise<void> {
  const { groups, ungrouped } = await allGroups(version);
  const blocks = groups
    .filter(({ name }) => name !== 'all')
    .map(({ name, about, opcodes }) => `${name.padEnd(10)} ${about}\n${wrap(opcodes, '    ')}`);
  io.stdout.write(
    `groups and their opcodes, Python ${version.name}\n\n${blocks.join('\n')}\nall        every group\n\n` +
      `in no group, to be asked for by name where they can be timed at all:\n${wrap(ungrouped, '    ')}\n`,
  );
}

async function printSelection(args: Args, io: Io, version: BytecodeVersion): Promise<void> {
  const { selectOpcodes } = await import('../../opcodes/selection.ts');
  const { names, unmatched } = selectOpcodes(args.positionals, version);
  if (args.flag('json')) {
    io.stdout.write(`${JSON.stringify({ python: version.name, opcodes: names, unmatched })}\n`);
    return;
  }
  if (names.length > 0) io.stdout.write(`${names.join('\n')}\n`);
  if (unmatched.length > 0) {
    io.stderr.write(`pyrewrite: Python ${version.name} has nothing for ${unmatched.join(', ')}\n`);
  }
}
