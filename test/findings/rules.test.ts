import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { basename, join, resolve } from 'node:path';
import { afterAll, expect, test } from 'vitest';
import { RUN_OPCODES } from '../../src/cli/selection-options.ts';
import type { Finding } from '../../src/findings/finding.ts';
import { findFindings, RULES } from '../../src/findings/findings.ts';
import type { Profile } from '../../src/profile/profile.ts';
import { readProfile } from '../../src/profile/reader.ts';
import { pyrewrite } from '../cli/cli.ts';
import { MEASURED, measured } from '../support/measured.ts';
import { describePythons } from '../support/pythons.ts';

const PROGRAM = resolve(import.meta.dirname, 'programs/main.py');

/** Where each rule finds something in the programs, on every version. */
const FOUND: readonly string[] = [
  'containers.py fault_list linear-search',
  'containers.py fault_tuple linear-search',
  'errors.py fault_control_flow exceptions-as-control-flow',
  'errors.py fault_hasattr swallowed-error',
  'growth.py fault_string string-growth',
  'namespaces.py add_steps looped-global',
  'temporaries.py fault_list string-growth',
  'temporaries.py fault_set temporary-container',
  'temporaries.py fault_slices consumed-slices',
  'imports.py parse_with_import local-import',
  'properties.py fault_getattr repeated-property',
  'properties.py fault_property repeated-property',
  'regexes.py fault_compile regex-compile',
];

/** Where the version has columns, which tell what addition is inside of which. */
const BY_COLUMNS: readonly string[] = [
  'temporaries.py fault_rows concatenation',
  'temporaries.py fault_text concatenation',
];

/**
 * What depends on the version, and on what else runs on the machine: names and attributes take a few nanoseconds. Since
 * comprehensions are inlined, those at the top level of a module are loops there.
 */
const MAYBE: readonly string[] = [
  'asyncs.py ready await-never-suspends',
  'lookups.py fault_types megamorphic',
  ...['containers', 'errors', 'lookups', 'properties', 'regexes', 'strangers', 'temporaries'].map(
    (name) => `${name}.py <module> module-level-loop`,
  ),
];

/** What `run` asks for, and what some rules need besides. */
const OPCODES = `${RUN_OPCODES},slice,subscript,global`;

const folder = mkdtempSync(join(tmpdir(), 'pyrewrite-findings-'));
afterAll(() => rmSync(folder, { recursive: true, force: true }));

const seen = new Set<string>();

interface Recorded {
  readonly profile: Profile;
  readonly findings: readonly Finding[];
}

describePythons(
  'findings',
  (python) => {
    let latest: Recorded | undefined;

    /** What is found is made of times, so that each try records anew; the other tests judge what the last one recorded. */
    async function record(): Promise<Recorded> {
      const output = join(folder, `${python.label}.prof`);
      const run = ['run', '--python', python.path, '--opcodes', OPCODES, '-o', output, PROGRAM];
      const { status, stderr } = await pyrewrite(run, { cwd: folder });
      expect(status, stderr).toBe(0);
      const profile = readProfile(readFileSync(output));
      // however little it saves: what is right must not be found at all
      latest = { profile, findings: findFindings(profile, sourceOf, 0) };
      return latest;
    }

    test('every fault is found where it is, and nothing where there is none', MEASURED, async () => {
      const { profile, findings } = await record();
      // Where the collector strikes is chance; what is found of it is tested with profiles made by hand.
      const judged = findings.filter(({ rule }) => rule !== 'collections');
      const found = [...new Set(judged.map(placeOf))];
      for (const place of found) seen.add(place);
      console.log(`findings: ${found.length} in ${profile.sites.length} sites, Python ${python.label}`);
      const isPlaced = profile.sites.some(({ column }) => column !== null);
      const expected = isPlaced ? [...FOUND, ...BY_COLUMNS] : FOUND;
      expect(
        expected.filter((place) => !found.includes(place)),
        measured('not found'),
      ).toEqual([]);
      const wrong = found.filter((place) => !expected.includes(place) && !MAYBE.includes(place));
      expect(wrong, measured('found')).toEqual([]);
    });

    test('the numbers of a finding are those of the profile', async () => {
      const { profile, findings } = latest ?? (await record());
      expect(findings.length).toBeGreaterThan(0);
      for (const { sites, gainNs, title, evidence, remedy, file, line } of findings) {
        expect(sites.length, title).toBeGreaterThan(0);
        const costs = sites.map((index) => profile.sites[index]);
        expect(costs.some((site) => site.file === file && site.line === line)).toBe(true);
        expect(gainNs.low).toBeGreaterThan(0);
        expect(gainNs.low).toBeLessThanOrEqual(gainNs.value);
        expect(gainNs.value).toBeLessThanOrEqual(gainNs.high);
        for (const text of [title, remedy, ...evidence]) expect(text).not.toMatch(/undefined|NaN|null|\n/);
      }
    });

    test('properties are counted as they were read', async () => {
      const { findings } = latest ?? (await record());
      const found = findings.find((finding) => placeOf(finding).endsWith('fault_property repeated-property'));
      expect(found?.title).toMatch(/celsius is a property and is read 4\.0 times on the same object/);
      expect(found?.evidence[0]).toMatch(/^24,001 reads at 5 places, .* 6,000 would do$/);
    });
  },
  { names: ['3.8', '3.11', '3.13', '3.15'] },
);

test('each rule is proven on a program, or by hand', () => {
  // Collections and suspensions are tested with profiles made by hand in by-hand.test.ts.
  const rules = RULES.map(({ name }) => name).filter(
    (name) => ![...FOUND, ...BY_COLUMNS, ...MAYBE].some((place) => place.endsWith(` ${name}`)),
  );
  expect(rules).toEqual(['collections']);
  if (process.env['CI'] === 'true')
    expect([...seen].some((place) => place.endsWith(' megamorphic'))).toBe(true);
});

function placeOf({ file, function: name, rule }: Finding): string {
  return `${basename(file)} ${name} ${rule}`;
}

function sourceOf(file: string): readonly string[] | undefined {
  return file.startsWith('/') ? readFileSync(file, 'utf8').split('\n') : undefined;
}
