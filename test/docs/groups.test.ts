import { expect, test } from 'vitest';
import { resolveAtom } from '../../src/opcodes/atoms.ts';
import { GROUPS, whyUngrouped } from '../../src/opcodes/groups.ts';
import { selectOpcodes } from '../../src/opcodes/selection.ts';
import type { BytecodeVersion } from '../../src/opcodes/types.ts';
import { VERSIONS } from '../../src/opcodes/versions.ts';

const HEAD = `# Groups, opcode by opcode

The exact members of each group that \`--opcodes\` takes, made from \`src/opcodes\` by \`test/docs/groups.test.ts\`
(\`npx vitest run test/docs/groups.test.ts -u\` writes this page anew). [Opcodes and groups](opcodes-and-groups.md) explains
how to use them.

Behind an opcode stand the versions that have it, where these are not all. \`COMPARE_OP:contains\` is the part of the
instructions of \`COMPARE_OP\` that does what the word says.
`;

test('groups.md lists the groups as they are', async () => {
  const sections = GROUPS.map(({ name, about, members }) => {
    const rows = members.map(
      (member) => `- \`${member}\`${versionNote((version) => occurs(version, member))}`,
    );
    return `## ${name}\n\n${capital(about)}.\n\n${rows.join('\n')}\n`;
  });
  console.log(`groups: ${sections.length} groups`);
  expect(sections.length).toBeGreaterThan(0);
  await expect([HEAD, ...sections, ungrouped()].join('\n')).toMatchFileSnapshot(
    '../../docs/reference/groups.md',
  );
});

/** Whether a version can have an instruction of a group's member, with one of the operands that its versions know. */
function occurs(version: BytecodeVersion, member: string): boolean {
  const rule = resolveAtom(version, member);
  if (rule === undefined) return false;
  const { condition } = rule;
  const before = version.opmap.get('BUILD_SLICE') ?? -1;
  return (
    condition === undefined ||
    Array.from({ length: 1024 }, (_, oparg) => oparg).some((oparg) => condition(oparg, before))
  );
}

/** ` (3.8–3.11, 3.13)`, or nothing when all versions are meant. */
function versionNote(has: (version: BytecodeVersion) => boolean): string {
  const runs: string[][] = [];
  VERSIONS.forEach((version, i) => {
    if (!has(version)) return;
    if (i > 0 && has(VERSIONS[i - 1])) runs.at(-1)?.push(version.name);
    else runs.push([version.name]);
  });
  if (runs.flat().length === VERSIONS.length) return '';
  return ` (${runs.map((run) => (run.length > 1 ? `${run[0]}–${run.at(-1)}` : run[0])).join(', ')})`;
}

/** The opcodes that are in no group, by reason. */
function ungrouped(): string {
  const reasons = new Map<string, Set<string>>();
  for (const version of VERSIONS) {
    const grouped = selectOpcodes('all', version).opcodes;
    for (const [opname, opcode] of version.opmap) {
      if (grouped[opcode] === 1) continue;
      const reason = whyUngrouped(version, opcode, 0) ?? 'no reason given';
      reasons.set(reason, (reasons.get(reason) ?? new Set()).add(opname));
    }
  }
  const rows = [...reasons].map(
    ([reason, names]) =>
      `- ${reason}: ${[...names]
        .toSorted()
        .map((name) => `\`${name}\``)
        .join(', ')}`,
  );
  return `## In no group\n\n${rows.join('\n')}\n`;
}

function capital(text: string): string {
  return text.charAt(0).toUpperCase() + text.slice(1);
}
