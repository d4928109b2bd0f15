/**
 * Law: loading modules again and threads that come and go leave nothing behind. PYREWRITE_FULL=1 runs a million cycles
 * on all versions, else it is a part of them on the oldest and the newest.
 */
import { existsSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { writePyc } from '../../src/marshal/index.ts';
import { FULL } from '../support/full.ts';
import { compileOne, probe } from '../support/programs.ts';
import { describePythons, PYTHONS } from '../support/pythons.ts';
import { runScript } from './runtime.ts';

const CYCLES = FULL ? 1_000_000 : 20_000;

/** A module of many kinds of operations; one raises, and one generator is dropped while operations in it are open. */
const MODULE = `
class Point:
    def __init__(self, x):
        self.x = x

    def __getattr__(self, name):
        raise AttributeError(name)

def numbers(n):
    with_items = [[i, str(i)] for i in range(n)]
    for first, second in with_items:
        yield first + len(second)

async def wait(value):
    return value

async def main(value):
    return await wait(value)

def work(n):
    point = Point(n)
    total = sum(numbers(3)) + point.x
    try:
        point.missing
    except AttributeError as error:
        total += len(str(error))
    next(numbers(2))
    try:
        main(total).send(None)
    except StopIteration as stop:
        total = stop.value
    return total
`;

interface Held {
  readonly resident: number;
  readonly maps: number;
  readonly descriptors: number;
  readonly blocks: number;
  readonly file: number;
}

const NAMES = PYTHONS.filter(({ debug }) => !debug).map(({ name }) => name);

describePythons(
  `${CYCLES} threads that load a module`,
  (python) => {
    test.skipIf(!existsSync('/proc/self/statm'))('leave nothing behind', () => {
      const folder = mkdtempSync(join(tmpdir(), 'pyrewrite-leaks-'));
      try {
        const { pyc, report } = probe(compileOne(python, MODULE), 'all');
        writeFileSync(join(folder, 'cycled.pyc'), writePyc(pyc));
        // One arena: how many there are else depends on how late threads end.
        const env = { MALLOC_ARENA_MAX: '1' };
        const run = runScript(python, ['leaks.py', String(CYCLES), folder], { env, timeout: 3_600_000 });
        expect({ status: run.status, stderr: run.stderr }).toEqual({ status: 0, stderr: '' });
        const { early, late }: { early: Held; late: Held } = JSON.parse(run.stdout);
        const growth = late.resident - early.resident;
        const sites = run.profile?.sites ?? [];
        const executions = sites.reduce((sum, { count }) => sum + count, 0);
        console.log(
          `Python ${python.label}: ${CYCLES} cycles, ${executions} executions; resident memory ` +
            `${early.resident >> 10} KiB, then ${growth >> 10} KiB more, ${late.blocks - early.blocks} blocks more`,
        );
        // Threads' stacks and arenas of malloc come and go.
        expect(growth).toBeLessThan(1 << 20);
        expect(late.maps - early.maps).toBeLessThan(20);
        expect(late.blocks - early.blocks).toBeLessThan(1000);
        expect({ descriptors: late.descriptors, file: late.file }).toEqual({
          descriptors: early.descriptors,
          file: early.file,
        });
        // Two names, as code and as an import: the table is known again each time.
        expect(sites.length).toBeLessThanOrEqual(2 * report.sites);
        expect(executions).toBeGreaterThan(10 * CYCLES);
        expect(run.profile?.lost).toMatchObject({
          unrecordedSites: 0,
          unrecordedDurations: 0,
          unrecordedContexts: 0,
          refusedTables: 0,
        });
      } finally {
        rmSync(folder, { recursive: true, force: true });
      }
    });
  },
  { names: FULL ? NAMES : [NAMES[0], NAMES.at(-1) ?? ''] },
);
