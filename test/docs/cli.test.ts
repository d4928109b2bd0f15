import { readdirSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { expect, test } from 'vitest';
import type { Command } from '../../src/cli/command.ts';
import { commandHelp } from '../../src/cli/help.ts';

const COMMANDS = resolve(import.meta.dirname, '../../src/cli/commands');
const FIRST = ['run', 'rewrite', 'clean', 'report'];

const HEAD = `# Command line

\`\`\`text
pyrewrite COMMAND [OPTIONS] …
pyrewrite [OPTIONS] PATH…          the same as pyrewrite rewrite
\`\`\`

The pages of \`pyrewrite COMMAND --help\`, written here by \`test/docs/cli.test.ts\`
(\`npx vitest run test/docs/cli.test.ts -u\` writes this page anew).

Data goes to standard output, words about it to standard error; \`run\` leaves standard output to the program and prints its
report on standard error. Colours and progress are for terminals only, and \`NO_COLOR\` turns colours off. A reader that goes
away (\`| head\`) is no error.

| Variable | Meaning |
|---|---|
| \`VIRTUAL_ENV\` | its Python is the default of \`--python\`; otherwise \`python3\` on \`PATH\` |
| \`PYREWRITE=off\` | instrumented code does not record and runs as the original |
| \`PYREWRITE_OUT\` | where instrumented processes write their profiles: a folder, or a name, with \`%p\` for the process id |
| \`NO_COLOR\` | no colours |
`;

test('cli.md has the help of every command', async () => {
  const names = readdirSync(COMMANDS)
    .filter((file) => file.endsWith('.ts'))
    .map((file) => file.replace(/\.ts$/, ''));
  const order = [
    ...FIRST.filter((name) => names.includes(name)),
    ...names.filter((name) => !FIRST.includes(name)).sort(),
  ];
  const sections: string[] = [];
  for (const name of order) {
    const { command }: { command: Command } = await import(join(COMMANDS, `${name}.ts`));
    sections.push(`## ${name}\n\n\`\`\`text\n${commandHelp(command).trimEnd()}\n\`\`\`\n`);
  }
  console.log(`cli: ${sections.length} commands`);
  expect(sections.length).toBeGreaterThan(0);
  await expect([HEAD, ...sections].join('\n')).toMatchFileSnapshot('../../docs/reference/cli.md');
});
