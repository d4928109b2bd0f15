/**
 * Runs CPython's own test suite twice, as it is and with probes everywhere, and compares every test method.
 *
 *   npx tsx tools/cpython-suite/main.ts --python 3.12 [module ...] [--modules quick|sensitive|all] [--opcodes all]
 *     [--work FOLDER] [--seconds 120] [--again plain|probed|both] [--match PATTERN] [--show] [--report FILE]
 *
 * Results are kept in the work folder; a module is run again only if it has none, or for --again.
 */
import { existsSync, mkdirSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { findPython, type Python } from '../../test/support/pythons.ts';
import { compareModule, type Difference } from './compare.ts';
import { QUICK, SENSITIVE } from './modules.ts';
import { type ModuleResult, runModule } from './run-module.ts';
import { makeTree, probeTree, type Tree, type Variant } from './trees.ts';

const { values, positionals } = parseArgs({
  allowPositionals: true,
  options: {
    python: { type: 'string', default: '3.12' },
    modules: { type: 'string', default: 'quick' },
    opcodes: { type: 'string', default: 'all' },
    work: { type: 'string', default: join(tmpdir(), 'cpython-suite') },
    seconds: { type: 'string', default: '120' },
    again: { type: 'string', default: '' },
    match: { type: 'string', multiple: true, default: [] },
    env: { type: 'string', multiple: true, default: [] },
    show: { type: 'boolean', default: false },
    lines: { type: 'string', default: '6' },
    probe: { type: 'boolean', default: false },
  },
});

function required(label: string): Python {
  const python = findPython(label);
  if (python === undefined) throw new Error(`Python ${label} not found`);
  return python;
}

function testModules(tree: Tree): readonly string[] {
  const names = readdirSync(join(tree.stdlib, 'test'), { withFileTypes: true });
  const all = names
    .filter(({ name }) => name.startsWith('test_'))
    .filter((entry) =>
      entry.isDirectory()
        ? existsSync(join(entry.parentPath, entry.name, '__init__.py'))
        : entry.name.endsWith('.py'),
    )
    .map(({ name }) => name.replace(/\.py$/, ''))
    .sort();
  if (positionals.length > 0) return positionals;
  if (values.modules === 'all') return all;
  return (values.modules === 'quick' ? QUICK : SENSITIVE).filter((name) => all.includes(name));
}

async function resultOf(python: Python, tree: Tree, module: string): Promise<ModuleResult> {
  const results = join(values.work, python.label, `results-${tree.variant}`);
  const file = join(results, `${module}.json`);
  const again = values.again === tree.variant || values.again === 'both' || values.match.length > 0;
  if (!again && existsSync(file)) return JSON.parse(readFileSync(file, 'utf8'));
  const result = await runModule(python, tree, module, {
    seconds: Number(values.seconds),
    folder: join(values.work, python.label, `run-${tree.variant}`),
    args: values.match.flatMap((pattern) => ['-m', pattern]),
    env: Object.fromEntries(values.env.map((pair) => pair.split('=', 2))),
  });
  mkdirSync(results, { recursive: true });
  if (values.match.length === 0) writeFileSync(file, JSON.stringify(result, undefined, 1));
  else if (values.show) console.log(result.output);
  return result;
}

function describe({ id, plain, probed, text, allowed }: Difference): string {
  const first = `  ${allowed === undefined ? 'DIFFERENT' : 'allowed  '} ${id}: ${plain} -> ${probed}`;
  if (allowed !== undefined) return `${first}\n      (${allowed})`;
  return values.show && text !== ''
    ? `${first}\n${text.trimEnd().split('\n').slice(-Number(values.lines)).join('\n').replace(/^/gm, '      ')}`
    : first;
}

const python = required(values.python);
const trees: Record<Variant, Tree> = {
  plain: makeTree(python, 'plain', values.work),
  probed: makeTree(python, 'probed', values.work),
};
const stamp = join(values.work, python.label, `probed-${values.opcodes}`);
if (values.probe || !existsSync(stamp)) {
  const report = probeTree(trees.probed, values.opcodes);
  console.log(`${python.label}: ${report.files} files, ${report.sites} sites, ${report.skipped} not timed`);
  writeFileSync(stamp, '');
}

const totals = { modules: 0, methods: 0, allowed: 0, different: 0 };
for (const module of testModules(trees.plain)) {
  const plain = await resultOf(python, trees.plain, module);
  const probed = await resultOf(python, trees.probed, module);
  const differences = compareModule(python, module, plain, probed);
  const count = Object.keys(plain.methods).length;
  totals.modules++;
  totals.methods += count;
  for (const { allowed } of differences) totals[allowed === undefined ? 'different' : 'allowed']++;
  const times = `${plain.seconds.toFixed(1)} s, ${probed.seconds.toFixed(1)} s`;
  const what = `${count} methods, ${plain.status}, ${probed.status}, ${times}, ${probed.probes} probes`;
  console.log(`${python.label} ${module}: ${what}`);
  for (const difference of differences) console.log(describe(difference));
}
console.log(
  `${python.label}: ${totals.modules} modules, ${totals.methods} methods, ${totals.different} different, ${totals.allowed} allowed`,
);
process.exitCode = totals.different > 0 || totals.methods === 0 ? 1 : 0;
