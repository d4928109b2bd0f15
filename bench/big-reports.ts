/**
 * big-reports: what commands take for profiles of 100,000 operations and of 1,000 processes: time, CPU time of the command
 * itself, and its largest memory (maxRSS). The profiles are recorded: a made-up program runs with all operations measured.
 *
 *   npx tsx bench/big-reports.ts [--python 3.12] [--modules 66] [--processes 1000] [--only WORD] [--markdown]
 */
import { execFileSync, spawnSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync, statSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { FORMAT_NAMES } from '../src/export/index.ts';
import { builtMain } from '../test/cli/built.ts';
import { findPython } from '../test/support/pythons.ts';
import { type ProgramSize, writeProgram } from './big-reports/program.ts';

const { values } = parseArgs({
  options: {
    python: { type: 'string', default: '3.12' },
    modules: { type: 'string', default: '66' },
    processes: { type: 'string', default: '1000' },
    only: { type: 'string', default: '' },
    markdown: { type: 'boolean', default: false },
  },
});
const found = findPython(values.python);
if (found === undefined) throw new Error(`Python ${values.python} is not here`);
const python = found.path;
const main = builtMain();
const folder = mkdtempSync(join(tmpdir(), 'pyrewrite-big-'));
const usageFile = join(folder, 'usage.json');

/** Writes down what the process used when it ends. */
const HOOK = `data:text/javascript,${encodeURIComponent(
  `import { writeFileSync } from 'node:fs';
process.on('exit', () => writeFileSync(${JSON.stringify(usageFile)}, JSON.stringify(process.resourceUsage())));`,
)}`;

/** Records a made-up program; gives its profile. */
function record(name: string, size: ProgramSize, comment = ''): string {
  const script = writeProgram(join(folder, name), size, comment);
  const profile = join(folder, `${name}.prof`);
  const options = ['--python', python, '--opcodes', 'all', '--types', '-o', profile];
  execFileSync(process.execPath, [main, 'run', ...options, script], { stdio: 'ignore' });
  return profile;
}

/** Runs a command and tells what it took. */
function measure(...args: string[]): void {
  const name = args.map((arg) => arg.replaceAll(`${folder}/`, '')).join(' ');
  if (!name.includes(values.only)) return;
  const start = performance.now();
  const { status, stderr } = spawnSync(process.execPath, ['--import', HOOK, main, ...args], {
    cwd: folder,
    maxBuffer: 1 << 30,
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  const seconds = (performance.now() - start) / 1000;
  // A check that finds something ends with 1.
  if (status !== 0 && status !== 1) throw new Error(`${name}: ${status} ${stderr}`);
  const { userCPUTime, maxRSS } = JSON.parse(readFileSync(usageFile, 'utf8'));
  const [wall, user, memory] = [
    seconds.toFixed(1),
    (userCPUTime / 1e6).toFixed(1),
    (maxRSS / 1024).toFixed(0),
  ];
  console.log(
    values.markdown
      ? `| \`${name}\` | ${wall} | ${user} | ${memory} |`
      : `big-reports: ${name}: ${wall} s, CPU ${user} s, ${memory} MiB`,
  );
}

function describe(profile: string): void {
  const output = execFileSync(process.execPath, [main, 'query', '--csv', COUNTS, profile], {
    encoding: 'utf8',
  });
  const mib = (statSync(profile).size / 2 ** 20).toFixed(0);
  console.log(
    `\n${profile.slice(folder.length + 1)}: ${mib} MiB; sites, processes: ${output.split('\n')[1]}\n`,
  );
  if (values.markdown) console.log('| Command | s | CPU s | MiB |\n|---|---|---|---|');
}

const COUNTS = 'SELECT (SELECT count(DISTINCT file || site) FROM ops), (SELECT count(*) FROM processes)';

try {
  const large = { modules: Number(values.modules), functionsPerModule: 40, processes: 1 };
  const a = record('a', large);
  const b = record('b', large, '# one line more\n');
  describe(a);
  measure('report', a);
  measure('report', '--json', a);
  measure('report', '--html', 'a.html', a);
  measure('report', '--html', 'change.html', '--compare', a, b);
  measure('annotate', 'a/shop/module_3.py', a);
  measure('diff', a, b);
  measure('diff', '--json', a, b);
  measure('check', '--write', 'budget.toml', a);
  measure('check', '--budget', 'budget.toml', a);
  measure('check', '--baseline', a, b);
  measure('top', '--once', a);
  measure('merge', '-o', 'merged.prof', a, b);
  measure('query', 'SELECT sum(count) FROM ops', a);
  for (const format of FORMAT_NAMES) measure('export', '--format', format, '-o', `a.${format}`, a);
  const many = record('many', { modules: 1, functionsPerModule: 10, processes: Number(values.processes) });
  describe(many);
  measure('report', many);
  measure('report', '--json', many);
  measure('report', '--html', 'many.html', many);
  measure('merge', '-o', 'sum.prof', many);
  measure('query', 'SELECT sum(count) FROM ops', many);
  measure('query', '--each', 'SELECT sum(count) FROM ops', many);
  measure('export', '--each', '--format', 'parquet', '-o', 'many.parquet', many);
  measure('report', 'sum.prof');
} finally {
  rmSync(folder, { recursive: true, force: true });
}
