/**
 * Runs the tests of other people's projects twice, as they are and with probes at every operation of the project, its
 * tests, pytest and all that they need, and compares every test.
 *
 *   npx tsx tools/projects/main.ts [NAME ...] [--python 3.12 ...] [--rounds 2] [--seconds 600] [--again] [--show]
 *     [--none] [--work FOLDER] [--write] [-- MORE ARGUMENTS OF PYTEST]
 *
 * Needs the built command line (npm run build) and a package index. Environments and results are kept in the work
 * folder; a project is run again only for --again, or up to --rounds times where it differs, to tell flaky tests apart.
 * With arguments for pytest nothing is kept. --write then writes docs/reference/projects.md from all that is kept; with
 * --none, nothing is run before.
 */
import { spawnSync } from 'node:child_process';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { userCacheFolder } from '../../src/python/user-cache.ts';
import { findPython } from '../../test/support/pythons.ts';
import { describeDifference, isOpen } from '../compare/difference.ts';
import { compareRuns, emptiness } from './compare.ts';
import { writeDocument } from './document.ts';
import { type Environment, prepareEnvironment } from './environments.ts';
import { addProbes, type Rewritten, removeProbes, runtimeFolder } from './probes.ts';
import { PROJECTS } from './projects.ts';
import { type ProjectResult, type Run, readResult, writeResult } from './results.ts';
import { runTests } from './run-tests.ts';
import type { Project } from './types.ts';

const separator = process.argv.indexOf('--');
const more = separator < 0 ? [] : process.argv.slice(separator + 1);
const { values, positionals } = parseArgs({
  args: process.argv.slice(2, separator < 0 ? undefined : separator),
  allowPositionals: true,
  options: {
    python: { type: 'string', multiple: true },
    rounds: { type: 'string', default: '2' },
    seconds: { type: 'string', default: '600' },
    again: { type: 'boolean', default: false },
    show: { type: 'boolean', default: false },
    none: { type: 'boolean', default: false },
    work: { type: 'string', default: join(userCacheFolder(process.env), 'projects') },
    write: { type: 'boolean', default: false },
  },
});

async function runPlain(environment: Environment): Promise<Run> {
  removeProbes(environment);
  return runTests(environment, { seconds: Number(values.seconds), more });
}

async function runProbed(environment: Environment, known: Run): Promise<{ run: Run; rewritten: Rewritten }> {
  const rewritten = addProbes(environment);
  const seconds = Math.min(Number(values.seconds) * 3, known.seconds * 8 + 60);
  const run = await runTests(environment, { seconds, runtime: runtimeFolder(environment), more });
  removeProbes(environment);
  return { run, rewritten };
}

async function runProject(project: Project, label: string): Promise<ProjectResult> {
  const environment = prepareEnvironment(project, label, values.work);
  const plain = [await runPlain(environment)];
  if (plain[0]?.status === 'timeout')
    throw new Error(`${project.name} takes more than ${values.seconds} s as it is`);
  const first = await runProbed(environment, plain[0] as Run);
  const probed = [first.run];
  const { stdout } = spawnSync(environment.executable, ['-V'], { encoding: 'utf8' });
  const result = (): ProjectResult => ({
    version: project.version,
    python: stdout.trim().split(' ').at(-1) ?? label,
    date: new Date().toISOString().slice(0, 10),
    rewritten: first.rewritten,
    plain,
    probed,
  });
  for (let round = 0; round < Number(values.rounds); round++) {
    if (!isOpen(compareRuns(project, label, result()))) break;
    plain.push(await runPlain(environment));
    probed.push((await runProbed(environment, plain[0] as Run)).run);
  }
  const worthless = emptiness(result(), compareRuns(project, label, result()));
  if (more.length === 0 && worthless === undefined) writeResult(values.work, label, project.name, result());
  return result();
}

/** Prints what became of a project; whether it is good. */
function tell(project: Project, label: string, result: ProjectResult): boolean {
  const { name } = project;
  const comparison = compareRuns(project, label, result);
  const [plain, probed] = [result.plain[0], result.probed[0]];
  const times = [plain, probed].map((run) => `${run?.status}, ${run?.seconds.toFixed(1)} s`).join('; ');
  console.log(
    `${label} ${name} ${result.version}: ${comparison.run} tests; ${times}; ${JSON.stringify(result.rewritten)}`,
  );
  console.log(`  ${JSON.stringify(probed?.executed)}`);
  for (const difference of comparison.differences)
    if (difference.kind !== 'allowed' || values.show)
      console.log(describeDifference(difference, values.show ? Number.POSITIVE_INFINITY : 0));
  const empty = emptiness(result, comparison);
  if (empty !== undefined) console.log(`  EMPTY: ${empty}\n${plain?.output.slice(-3000)}`);
  return empty === undefined && comparison.differences.every(({ kind }) => kind !== 'different');
}

let good = true;
const selected = PROJECTS.filter(({ name }) => positionals.length === 0 || positionals.includes(name));
for (const project of values.none ? [] : selected) {
  const labels = values.python ?? project.pythons.filter((label) => findPython(label) !== undefined);
  for (const label of labels) {
    try {
      const kept = values.again || more.length > 0 ? undefined : readResult(values.work, label, project.name);
      good = tell(project, label, kept ?? (await runProject(project, label))) && good;
    } catch (error) {
      console.log(`${label} ${project.name}: ${error instanceof Error ? error.message : error}`);
      good = false;
    }
  }
}
if (values.write) writeDocument(values.work);
process.exitCode = good ? 0 : 1;
