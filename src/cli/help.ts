import { allOptions } from './args.ts';
import type { Command } from './command.ts';

const GENERAL = `0  done
1  the input is bad, or there was nothing to do; the message tells which
2  the command line is wrong`;

function columns(rows: readonly (readonly [string, string])[]): string {
  const width = Math.max(...rows.map(([left]) => left.length));
  const indent = ' '.repeat(width + 4);
  return rows
    .map(([left, right]) => `  ${left.padEnd(width)}  ${right.replaceAll('\n', `\n${indent}`)}`)
    .join('\n');
}

function optionRows(command: Command): [string, string][] {
  return Object.entries(allOptions(command)).map(([name, spec]) => {
    const short = spec.short === undefined ? '    ' : `-${spec.short}, `;
    const value = spec.type === 'string' ? ` ${spec.value ?? 'VALUE'}` : '';
    return [`${short}--${name}${value}`, spec.help];
  });
}

function indent(text: string): string {
  return text.replaceAll(/^(?=.)/gm, '  ');
}

/** The whole help page of a command. */
export function commandHelp(command: Command): string {
  const examples = command.examples.map(({ line, what }) => `  ${line}\n      ${what}`).join('\n');
  const status = command.exitStatus === undefined ? GENERAL : `${GENERAL}\n${command.exitStatus}`;
  return `${command.summary}

Usage: ${command.usage}

${command.description.trim()}

Options:
${columns(optionRows(command))}

Examples:
${examples}

Exit status:
${indent(status)}
`;
}

/** The page of \`pyrewrite --help\`. */
export function generalHelp(commands: readonly (readonly [string, string])[], version: string): string {
  return `pyrewrite ${version}: times the operations of a Python program

Usage: pyrewrite COMMAND [OPTIONS] …
       pyrewrite [OPTIONS] PATH…          the same as pyrewrite rewrite

Commands:
${columns(commands)}

  pyrewrite COMMAND --help tells more about one of them.

Options:
  -h, --help     show this help
      --version  show the version

Examples:
  pyrewrite run app.py
      runs the program, then shows where the time of its operations went
  pyrewrite --opcodes attr,call src/
      instruments a tree; any later start of the program is recorded
  pyrewrite report app.prof
      shows a recorded profile again

Exit status:
${indent(GENERAL)}
`;
}
