import { fileURLToPath } from 'node:url';
import { expect, test } from 'vitest';
import { stackEffect } from '../../src/opcodes/stack-effect.ts';
import type { BytecodeVersion, LocationFormat } from '../../src/opcodes/types.ts';
import { versionByName } from '../../src/opcodes/versions.ts';
import { describePythons, pythonJson, runPython } from '../support/pythons.ts';

const TRAITS = fileURLToPath(new URL('traits.py', import.meta.url));

/** What traits.py prints. */
interface Printed {
  readonly locationFormat: LocationFormat;
  readonly mergesEqualLocations: readonly [merges: boolean | 'neither', codeObjects: number];
  readonly hasExceptionTable: boolean;
  readonly handlerPushes: number | null;
  readonly nestedBlocks: readonly number[];
  readonly caughtFromCall: number | null;
  readonly caughtFromBefore: number | null;
  readonly linesWhenSteppingBack: number;
  readonly fields: number | string;
}

/** The lists of the dis module, by name, with the opnames in each. */
const LISTS = `
import dis, json, opcode
entries = getattr(opcode, "_inline_cache_entries", {})
caches = {name: count for name, count in (entries.items() if hasattr(entries, "items")
    else ((opcode.opname[i], count) for i, count in enumerate(entries))) if count}
arguments = getattr(dis, "hasarg", None)
found = {name: [dis.opname[i] for i in getattr(dis, name)]
    for name in ("hasconst", "hasname", "hasjrel", "hasjabs", "haslocal", "hasfree", "hascompare")}
found["hasarg"] = [name for name, i in dis.opmap.items()
    if (i >= dis.HAVE_ARGUMENT if arguments is None else i in arguments)]
print(json.dumps({"caches": caches, "opmap": dis.opmap, "lists": found}))
`;

interface Lists {
  readonly caches: Readonly<Record<string, number>>;
  readonly opmap: Readonly<Record<string, number>>;
  readonly lists: Readonly<Record<string, readonly string[]>>;
}

function effectOf(version: BytecodeVersion, opname: string): number {
  const info = version.opcodes[version.opmap.get(opname) ?? -1];
  if (info === undefined) throw new Error(`${version.name} has no ${opname}`);
  return stackEffect(info, 0, false);
}

describePythons(
  'the traits',
  (python) => {
    const version = versionByName(python.name);

    test('count the stack of a constant return as the compiler does', () => {
      const script = 'def f(): return 1\nprint(f.__code__.co_stacksize)';
      const slots = Number(runPython(python, ['-c', script]));
      if (version.opmap.has('RETURN_CONST')) expect(slots).toBe(version.returnConstSlots);
      else expect(slots).toBe(1);
    });

    test('are what the interpreter does', () => {
      const printed = JSON.parse(runPython(python, [TRAITS, ...version.codeFields])) as Printed;
      expect(printed.locationFormat).toBe(version.locationFormat);
      expect(printed.mergesEqualLocations[0]).toBe(version.mergesEqualLocations);
      expect(printed.hasExceptionTable).toBe(version.hasExceptionTable);
      if (printed.handlerPushes !== null) expect(printed.handlerPushes).toBe(version.handlerPushes);
      // where the interpreter has no blocks the compiler's limit is another one
      expect(version.maxBlocks > 0).toBe(version.opmap.has('SETUP_FINALLY'));
      if (version.maxBlocks > 0) expect(Math.max(...printed.nestedBlocks)).toBe(version.maxBlocks);
      expect(printed.linesWhenSteppingBack).toBe(version.reportsSteppingBack ? 2 : 1);
      expect(printed.fields).toBeGreaterThanOrEqual(version.codeFields.length - 3);
      console.log(
        `traits: ${python.label} ${printed.mergesEqualLocations[1]} tables, ${printed.fields} fields`,
      );
    });

    test('say where an exception out of a callee is looked up', () => {
      const { caughtFromCall, caughtFromBefore } = JSON.parse(runPython(python, [TRAITS])) as Printed;
      if (version.hasExceptionTable) {
        expect(caughtFromBefore).toBe(60);
        expect(caughtFromCall).toBe(version.looksUpCallerBeforeInstruction ? 0 : 60);
      } else {
        expect(caughtFromCall).toBeNull();
        expect(version.looksUpCallerBeforeInstruction).toBe(false);
      }
    });

    test('leave an empty stack behind the start of a generator', () => {
      if (version.opmap.has('RETURN_GENERATOR')) {
        const started = version.generatorEntryDepth + effectOf(version, 'RETURN_GENERATOR');
        expect(started + effectOf(version, 'POP_TOP')).toBe(0);
      } else {
        const start = version.opmap.has('GEN_START') ? effectOf(version, 'GEN_START') : 0;
        expect(version.generatorEntryDepth + start).toBe(0);
      }
    });
  },
  { debug: true },
);

describePythons('the opcode table', (python) => {
  const version = versionByName(python.name);
  const { caches, opmap, lists } = pythonJson<Lists>(python, LISTS);
  const infos = version.opcodes.filter((info) => info !== undefined);
  const excluded =
    /^(INSTRUMENTED_|CACHE$|RESERVED$|INTERPRETER_EXIT$|EXIT_INIT_CHECK$|ENTER_EXECUTOR$|TRACE_RECORD$)/;
  const real = Object.keys(opmap).filter((opname) => (opmap[opname] ?? 256) < 256 && !excluded.test(opname));

  /** Names of the table with a property, and of the interpreter's lists, both sorted. */
  function compare(ours: (info: (typeof infos)[number]) => boolean, ...theirs: readonly string[]): void {
    const expected = new Set(
      theirs.flatMap((name) => lists[name] ?? []).filter((opname) => real.includes(opname)),
    );
    expect(new Set(infos.filter(ours).map(({ opname }) => opname))).toEqual(expected);
  }

  test('has exactly the real opcodes', () => {
    expect([...version.opmap].sort()).toEqual(real.map((opname) => [opname, opmap[opname]]).sort());
    console.log(`opcodes: ${python.label} ${real.length} real opcodes`);
  });

  test('has exactly the inline caches', () => {
    for (const { opname, caches: count } of infos) expect(count, opname).toBe(caches[opname] ?? 0);
  });

  test('knows every jump, and every oparg that is an index', () => {
    compare(({ jump, refers }) => jump !== 'none' || refers !== 'none', 'hasjrel', 'hasjabs');
    compare(({ jump }) => jump === 'absolute', 'hasjabs');
    compare(({ oparg }) => oparg !== 'none', 'hasarg');
    compare(({ oparg }) => oparg === 'const', 'hasconst');
    compare(({ oparg }) => oparg === 'name', 'hasname');
    compare(({ oparg }) => oparg === 'compare', 'hascompare');
    compare(
      ({ oparg }) => oparg === 'local' || oparg === 'local-pair' || oparg === 'free',
      'haslocal',
      'hasfree',
    );
  });
});
