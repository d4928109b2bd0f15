/**
 * Compares random programs with their instrumented forms.
 *
 *     npx tsx test/random/run.ts [--seed S] [--first K] [--count N] [--python LABEL]… [--save FOLDER] [--show K]
 *
 * Prints what was compared; a program that differs is shrunk and printed, and kept where --save says.
 */
import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { findPython, minorOf, PYTHONS, type Python } from '../support/pythons.ts';
import { type Failure, generate, runCampaign } from './campaign.ts';
import { render } from './render.ts';
import { shrink } from './shrink.ts';

const { values } = parseArgs({
  options: {
    seed: { type: 'string', default: String(Date.now() % 1_000_000) },
    first: { type: 'string', default: '0' },
    count: { type: 'string', default: '200' },
    python: { type: 'string', multiple: true },
    save: { type: 'string' },
    show: { type: 'string' },
    shrinks: { type: 'string', default: '3' },
  },
});

const seed = Number(values.seed);

function pythons(): readonly Python[] {
  if (values.python === undefined) return PYTHONS;
  return values.python.map((label) => {
    const found = findPython(label);
    if (found === undefined) throw new Error(`Python ${label} is not here`);
    return found;
  });
}

/** The first lines that differ. */
function firstDifference(plain: string, probed: string): string {
  const [a, b] = [plain.split('\n'), probed.split('\n')];
  const at = a.findIndex((line, k) => line !== b[k]);
  const from = Math.max(0, at - 2);
  return `  as it is:    ${a.slice(from, at + 3).join(' | ')}\n  with probes: ${b.slice(from, at + 3).join(' | ')}`;
}

function report(python: Python, failure: Failure): void {
  const { source, difference } = shrink(python, failure.value, failure.difference);
  const { plain, probed, selection, what } = difference;
  console.log(
    `\n--- program ${failure.number} of seed ${seed}, Python ${python.label}, --opcodes ${selection}: ${what}`,
  );
  console.log(source.trim());
  console.log(firstDifference(plain.stdout + plain.stderr, probed.stdout + probed.stderr));
  if (values.save === undefined) return;
  mkdirSync(values.save, { recursive: true });
  const name = `random_${seed}_${failure.number}.py`;
  writeFileSync(join(values.save, name), `# requires ${python.name}\n${source.trim()}\n`);
}

function main(): number {
  let differing = 0;
  for (const python of pythons()) {
    if (values.show !== undefined) {
      console.log(render(generate(seed, Number(values.show)).value, minorOf(python)));
      continue;
    }
    const started = Date.now();
    const count = Number(values.count);
    const result = runCampaign({ python, seed, first: Number(values.first), count, tossed: true });
    const seconds = ((Date.now() - started) / 1000).toFixed(1);
    console.log(
      `Python ${python.label}, seed ${seed}: ${result.programs} programs, ${result.compared} instrumented forms, ` +
        `${result.sites} sites, ${result.lines} lines of output, ${result.failures.length} differ, ${seconds} s`,
    );
    for (const message of result.invalid) console.log(`  does not compile: ${message}`);
    const kinds = new Map<string, Failure[]>();
    for (const failure of result.failures) {
      console.log(`  ${failure.number}: ${failure.difference.what} (${failure.difference.selection})`);
      const kind = failure.difference.what.split(' ')[0];
      kinds.set(kind, [...(kinds.get(kind) ?? []), failure]);
    }
    for (const failures of kinds.values()) {
      for (const failure of failures.slice(0, Number(values.shrinks))) report(python, failure);
    }
    differing += result.failures.length + result.invalid.length;
  }
  return differing === 0 ? 0 : 1;
}

process.exitCode = main();
