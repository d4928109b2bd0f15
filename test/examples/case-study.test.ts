import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { basename, join, resolve } from 'node:path';
import { afterAll, expect, test } from 'vitest';
import { applyEdits, FIXES } from '../../bench/case-study/fixes.ts';
import type { Finding } from '../../src/findings/finding.ts';
import { findFindings } from '../../src/findings/findings.ts';
import { divideTime } from '../../src/findings/taxes.ts';
import type { Profile } from '../../src/profile/profile.ts';
import { readProfile } from '../../src/profile/reader.ts';
import { addFiles, makeFolder, pyrewrite, start } from '../cli/cli.ts';
import { MEASURED, measured } from '../support/measured.ts';
import { describePythons } from '../support/pythons.ts';

const EXAMPLE = resolve(import.meta.dirname, '../../examples/sensors');
const FILES = ['app.py', 'aggregate.py', 'generate.py', 'measurement.py', 'report.py'];
const ROWS = '20000';
/** Of 20,000 rows, what the seeded generator gives. */
const KNOWN = 19_793;
const READS = 66_527;

const EXPECTED = FIXES.filter(({ rule }) => rule !== 'collections').map(
  (fix) => `${fix.edits[0].file} ${fix.function} ${fix.rule}`,
);

const profiles = mkdtempSync(join(tmpdir(), 'pyrewrite-case-'));
afterAll(() => rmSync(profiles, { recursive: true, force: true }));

/** What a finding says but for its figures. */
const nameOf = ({ rule, function: name, file }: Finding): string => `${basename(file)} ${name} ${rule}`;

interface Recorded {
  readonly profile: Profile;
  readonly findings: readonly Finding[];
}

describePythons(
  'the case study',
  (python) => {
    let latest: Recorded | undefined;

    /** What the other tests judge is what the last try recorded. */
    async function record(): Promise<Recorded> {
      const output = join(profiles, `${python.label}.prof`);
      const args = ['run', '--python', python.path, '-o', output, join(EXAMPLE, 'app.py'), ROWS];
      const { status, stderr } = await pyrewrite(args, { cwd: profiles });
      expect(status, stderr).toBe(0);
      const profile = readProfile(readFileSync(output));
      latest = {
        profile,
        findings: findFindings(profile, (file) => readFileSync(file, 'utf8').split('\n'), 0),
      };
      return latest;
    }

    test('each planted tax is named where it is', MEASURED, async () => {
      const { findings } = await record();
      const named = findings.map(nameOf);
      // A finding is made of times: what is small is not told from the noise of a machine that is busy with other tests.
      expect(named, measured('findings')).toEqual(expect.arrayContaining(EXPECTED));
      console.log(`case study: ${named.length} findings, Python ${python.label}`);
    });

    test('with exact counts', async () => {
      const { profile, findings } = latest ?? (await record());
      const of = (rule: string): Finding | undefined => findings.find((finding) => finding.rule === rule);
      const property = of('repeated-property');
      const counts = property?.sites.map((index) => profile.sites[index].count) ?? [];
      expect(counts).toHaveLength(5);
      expect([Math.max(...counts), counts.reduce((sum, count) => sum + count, 0)]).toEqual([KNOWN, READS]);
      const [lookup] = of('swallowed-error')?.sites ?? [];
      expect(profile.sites[lookup].count).toBe(READS);
      const [search] = of('linear-search')?.sites ?? [];
      expect(profile.sites[search].count).toBe(Number(ROWS));
      const [growth] = of('string-growth')?.sites ?? [];
      expect(profile.sites[growth].count).toBe(1000);
    });

    test('the taxes are in their categories, and all time is in one', async () => {
      const { profile } = latest ?? (await record());
      const { categories, wholeNs } = divideTime(profile);
      const ids = categories.map(({ id }) => id);
      expect(ids).toEqual(
        expect.arrayContaining(['property', 'native', 'containment', 'arithmetic', 'exception']),
      );
      expect(categories.reduce((sum, { ns }) => sum + ns, 0) / wholeNs).toBeCloseTo(1, 6);
      expect(wholeNs).toBe(profile.processes.reduce((sum, { durationNs }) => sum + durationNs, 0));
    });

    test('the program prints the same after each change', async () => {
      const plain = await start(python.path, [join(EXAMPLE, 'app.py'), '500']);
      for (const { edits, rule } of FIXES) {
        const texts = FILES.map((file) => [file, readFileSync(join(EXAMPLE, file), 'utf8')] as const);
        const folder = makeFolder();
        addFiles(
          folder,
          Object.fromEntries(texts.map(([file, text]) => [file, applyEdits(file, text, edits)])),
        );
        const changed = await start(python.path, [join(folder, 'app.py'), '500']);
        expect([changed.stdout, changed.stderr], rule).toEqual([plain.stdout, '']);
      }
    }, 120_000);
  },
  { names: ['3.8', '3.11', '3.13', '3.15'] },
);
