/** What coverage.py reports of a program's lines and branches is the same with probes, exact and sampled. */
import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterAll, beforeAll, expect } from 'vitest';
import { readPyc, writePyc } from '../../src/marshal/index.ts';
import { selectOpcodes } from '../../src/opcodes/selection.ts';
import { instrument } from '../../src/rewrite/instrument.ts';
import { CONSUMERS_PYTHON, testWith } from '../export/consumers.ts';
import { nativeRuntime } from '../native/runtime.ts';
import { everySecond } from '../support/full.ts';
import { describePythons, minorOf, type Python, runPython } from '../support/pythons.ts';
import { fits, readProgram } from './read-program.ts';

const HERE = dirname(fileURLToPath(import.meta.url));
const COVERAGE = join(dirname(CONSUMERS_PYTHON), '../coverage');

const BEHAVIOUR = [
  'async_code',
  'comprehensions',
  'finally_flow',
  'generators',
  'jumps_out',
  'match_statements',
].concat(['fstrings', 'operators', 'with_statements', 'type_parameters']);
const BENCHMARKS = ['async_tree', 'errors', 'lexer', 'parser', 'template'];

/** What measure_coverage.py prints. */
interface Seen {
  readonly core: string;
  readonly output: string;
  /** Of each file: lines executed and not, branches taken and not. */
  readonly files: Readonly<Record<string, readonly (readonly unknown[])[]>>;
}

/** A way to look: by the trace function, or by sys.monitoring, which tells of branches from 3.14 on. */
type Way = readonly [core: 'ctrace' | 'sysmon', what: 'lines' | 'branches'];

function waysOf(minor: number): readonly Way[] {
  if (minor >= 14)
    return [
      ['ctrace', 'branches'],
      ['sysmon', 'branches'],
    ];
  return minor >= 12
    ? [
        ['ctrace', 'branches'],
        ['sysmon', 'lines'],
      ]
    : [['ctrace', 'branches']];
}

const COMPILE = `import json, py_compile, sys
print(json.dumps([py_compile.compile(name, doraise=True) for name in sys.argv[1:]]))`;

/** Writes the programs into a folder and compiles them; gives the caches' paths. */
function compile(python: Python, folder: string): readonly string[] {
  mkdirSync(join(folder, 'profiles'));
  mkdirSync(join(folder, 'modules'));
  const names: string[] = [];
  const add = (name: string, source: string): void => {
    names.push(join(folder, 'modules', `${name}.py`));
    writeFileSync(names[names.length - 1], source);
  };
  for (const name of BEHAVIOUR) {
    const program = readProgram(`${name}.py`);
    if (fits(python, program)) add(name, program.source);
  }
  for (const name of BENCHMARKS)
    add(`bench_${name}`, readFileSync(join(HERE, `../../bench/programs/${name}.py`), 'utf8'));
  return JSON.parse(runPython(python, ['-c', COMPILE, ...names])) as string[];
}

function look(python: Python, folder: string, [core, what]: Way, gate = ''): Seen {
  const env = {
    COVERAGE_CORE: core,
    PYTHONPATH: [join(COVERAGE, python.name), nativeRuntime(python).folder].join(':'),
    PYTHONHASHSEED: '0',
    PYREWRITE_OUT: `${join(folder, 'profiles')}/`,
    PYREWRITE_GATE: gate,
  };
  const output = runPython(python, [join(HERE, 'measure_coverage.py'), 'modules', what], {
    cwd: folder,
    env,
  });
  return JSON.parse(output) as Seen;
}

describePythons('coverage.py', (python) => {
  let folder = '';
  let caches: readonly string[] = [];
  let originals: readonly Buffer[] = [];
  beforeAll(() => {
    folder = mkdtempSync(join(tmpdir(), 'pyrewrite-coverage-'));
    caches = compile(python, folder);
    originals = caches.map((path) => readFileSync(path));
  });
  afterAll(() => rmSync(folder, { recursive: true, force: true }));

  const write = (sample: boolean): number => {
    let sites = 0;
    originals.forEach((bytes, k) => {
      const pyc = readPyc(bytes);
      const { pyc: probed, report } = instrument(pyc, { select: selectOpcodes('all', pyc.version), sample });
      writeFileSync(caches[k], writePyc(probed));
      sites += report.sites;
    });
    return sites;
  };

  testWith(join(COVERAGE, python.name), 'reports the same lines and branches', () => {
    const ways = waysOf(minorOf(python));
    const plain = ways.map((way) => look(python, folder, way));
    const seen = everySecond([false, true], python).map((isSampled) => {
      const sites = write(isSampled);
      return { sites, all: ways.map((way) => look(python, folder, way, isSampled ? 'open' : '')) };
    });
    expect(plain.map(({ core }) => core)).toEqual(
      ways.map(([core]) => (core === 'ctrace' ? 'CTracer' : 'SysMonitor')),
    );
    for (const { sites, all } of seen) {
      expect(sites).toBeGreaterThan(2000);
      expect(all).toEqual(plain);
    }
    const facts = plain.flatMap(({ files }) => Object.values(files).flat(2)).length;
    expect(facts).toBeGreaterThan(800);
    console.log(
      `coverage.py, ${python.label}: ${facts} lines and branches, ${seen[0].sites} sites, ${ways.length} ways`,
    );
  });
});
