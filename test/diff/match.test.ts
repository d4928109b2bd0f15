import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { align } from '../../src/diff/align.ts';
import { matchSites } from '../../src/diff/index.ts';
import type { SiteStats } from '../../src/profile/profile.ts';
import { drawnSites, siteAt } from './sites.ts';

/** `name@line → name@line` of each pair, in the order of B. */
function pairsOf(a: readonly SiteStats[], b: readonly SiteStats[], options = {}): string[] {
  const { pairs } = matchSites(a, b, options);
  return pairs
    .toSorted((x, y) => x[1] - y[1])
    .map(([i, j]) => `${a[i].name}@${a[i].line} ${b[j].name}@${b[j].line}`);
}

const edited = (drawing: string, different: Partial<SiteStats> = {}): SiteStats[] =>
  drawnSites(drawing, { table: 'B', ...different });

describe('matching of sites', () => {
  test('lines that moved are no new sites', () => {
    const a = drawnSites('one two\nthree');
    const b = edited('\n\none two\n\nthree');
    expect(pairsOf(a, b)).toEqual(['one@1 one@3', 'two@1 two@3', 'three@2 three@5']);
    expect(matchSites(a, b)).toMatchObject({ onlyA: [], onlyB: [], functions: [] });
  });

  test('an inserted operation of another name is the only new one', () => {
    const { onlyA, onlyB } = matchSites(drawnSites('one\ntwo\nthree'), edited('one\nother\ntwo\nthree'));
    expect({ onlyA, onlyB }).toEqual({ onlyA: [], onlyB: [1] });
  });

  test('of equal operations those at the same columns go together', () => {
    expect(pairsOf(drawnSites('x\n    x'), edited('  x\nx\n    x'))).toEqual(['x@1 x@2', 'x@2 x@3']);
  });

  test('without columns lines are all there is: the distance from the first site decides', () => {
    const without = { column: null };
    const a = drawnSites('first\nx\n\n\nx', without);
    const b = edited('\nfirst\nx\n\nx\nx', without);
    expect(pairsOf(a, b)).toEqual(['first@1 first@2', 'x@2 x@3', 'x@5 x@6']);
  });

  test('the text of an expression decides where columns do not', () => {
    const textOf = (texts: readonly string[]) => (site: { readonly position: number }) =>
      texts[site.position];
    const a = drawnSites('x\nx');
    const b = edited('x\nx\nx');
    const options = { textA: textOf(['a.x', 'b.x']), textB: textOf(['a.x', 'new.x', 'b.x']) };
    expect(pairsOf(a, b, options)).toEqual(['x@1 x@1', 'x@2 x@3']);
  });

  test('the same table matches by position, whatever the functions are called', () => {
    const sites = ['<lambda>', '<lambda>', 'f'].map((name, position) => siteAt({ function: name, position }));
    expect(matchSites(sites, sites).pairs).toEqual([
      [0, 0],
      [1, 1],
      [2, 2],
    ]);
  });

  test('the kind of an operation is part of it', () => {
    const { pairs } = matchSites([siteAt()], [siteAt({ kind: 'await', table: 'B' })]);
    expect(pairs).toEqual([]);
  });

  test('opcodes of other versions go together by what the caller says they are', () => {
    const a = siteAt({ opcode: 'LOAD_METHOD' });
    const b = siteAt({ opcode: 'LOAD_ATTR', table: 'B' });
    expect(matchSites([a], [b]).pairs).toEqual([]);
    expect(matchSites([a], [b], { operation: () => 'attr' }).pairs).toEqual([[0, 0]]);
  });
});

describe('files', () => {
  const sites = (file: string, names = 'one two three four') => drawnSites(names, { file });

  test('are the same at the same place of the folder in which a process began', () => {
    const [a, b] = [sites('/old/src/app.py'), sites('/new/src/app.py')];
    const { files, pairs } = matchSites(a, b, { rootsA: ['/old'], rootsB: ['/new'] });
    expect(files).toEqual([{ a: '/old/src/app.py', b: '/new/src/app.py', how: 'relative' }]);
    expect(pairs).toHaveLength(4);
  });

  test('that moved are known by the end of their path', () => {
    const a = [...sites('/ci/1/app/db/models.py', 'a'), ...sites('/ci/1/app/web/models.py', 'b')];
    const b = [...sites('/ci/2/app/db/models.py', 'a'), ...sites('/ci/2/app/web/models.py', 'b')];
    expect(matchSites(a, b).files).toEqual([
      { a: '/ci/1/app/db/models.py', b: '/ci/2/app/db/models.py', how: 'moved' },
      { a: '/ci/1/app/web/models.py', b: '/ci/2/app/web/models.py', how: 'moved' },
    ]);
  });

  test('that share nothing but a common name are not the same', () => {
    const a = sites('/x/one/__init__.py', 'a b c');
    const b = sites('/y/two/__init__.py', 'd e f');
    expect(matchSites(a, b).files).toEqual([]);
  });

  test('that were renamed are known by what is in them, and told', () => {
    const { files, onlyB } = matchSites(sites('/p/old.py'), [
      ...sites('/p/new.py', 'one two three four five'),
      ...sites('/p/other.py', 'six'),
    ]);
    expect(files).toEqual([{ a: '/p/old.py', b: '/p/new.py', how: 'renamed' }]);
    expect(onlyB).toEqual([4, 5]);
  });

  test('of which two are equally alike are not guessed', () => {
    const { files } = matchSites(sites('/p/old.py'), [...sites('/p/new1.py'), ...sites('/p/new2.py')]);
    expect(files).toEqual([]);
  });
});

describe('functions', () => {
  test('that were renamed are known by what is in them, and told', () => {
    const a = drawnSites('one two three four', { function: 'old' });
    const b = edited('one two three four', { function: 'new' });
    const { functions, pairs } = matchSites(a, b);
    expect(pairs).toHaveLength(4);
    const file = '/work/app.py';
    expect(functions).toEqual([{ fileA: file, functionA: 'old', fileB: file, functionB: 'new' }]);
  });

  test('that moved to another file are known by their name', () => {
    const stays = { function: 'stays', file: '/work/a.py' };
    const a = [
      ...drawnSites('one two three', { ...stays, table: 'A' }),
      ...drawnSites('p q r', { function: 'goes', file: '/work/a.py', table: 'A' }),
    ];
    const b = [
      ...drawnSites('one two three', { ...stays, table: 'B' }),
      ...drawnSites('p q r', { function: 'goes', file: '/work/b.py', table: 'C' }),
    ];
    const match = matchSites(a, b);
    expect(match.pairs).toHaveLength(6);
    expect(match.functions).toMatchObject([{ fileA: '/work/a.py', fileB: '/work/b.py', functionB: 'goes' }]);
  });

  test('of one or two sites are not evident', () => {
    const a = drawnSites('one two', { function: 'old' });
    expect(matchSites(a, edited('one two', { function: 'new' })).pairs).toEqual([]);
  });
});

describe('alignment', () => {
  const texts = (a: readonly string[], b: readonly string[]): [number, number][] => {
    const score = (i: number, j: number): number => (a[i] === b[j] ? 100 : 0);
    const [lengthA, lengthB] = [a.length, b.length];
    return align({ lengthA, lengthB, score, exactA: a, exactB: b, keysA: a, keysB: b });
  };

  test('keeps the order, pairs equals only, and as many as the longest common subsequence', () => {
    let checked = 0;
    const sequence = fc.array(fc.constantFrom('p', 'q', 'r', 's'), { maxLength: 12 });
    fc.assert(
      fc.property(sequence, sequence, (a, b) => {
        const pairs = texts(a, b);
        expect(pairs.every(([i, j]) => a[i] === b[j])).toBe(true);
        for (let k = 1; k < pairs.length; k++) {
          expect(pairs[k][0]).toBeGreaterThan(pairs[k - 1][0]);
          expect(pairs[k][1]).toBeGreaterThan(pairs[k - 1][1]);
        }
        expect(pairs.length).toBe(longestCommon(a, b));
        checked++;
      }),
      { numRuns: 300 },
    );
    console.log(`alignment: ${checked} pairs of sequences`);
    expect(checked).toBeGreaterThan(0);
  });

  test('functions of ten thousand sites are cut where a site occurs once', () => {
    const a = Array.from({ length: 10_000 }, (_, i) => (i % 10 === 0 ? `once ${i}` : `often ${i % 7}`));
    const b = ['new', ...a.slice(0, 4000), 'new', ...a.slice(4000, 9999), 'last'];
    const { user } = process.cpuUsage();
    const pairs = texts(a, b);
    expect(pairs.length).toBeGreaterThan(9_990);
    expect((process.cpuUsage().user - user) / 1e6).toBeLessThan(10);
  });

  test('and without such sites each goes with the next one of its kind', () => {
    const a = Array.from({ length: 3000 }, (_, i) => `often ${i % 7}`);
    const b = ['other', ...a.map((text) => text.replace('often 3', 'often 4')), 'other'];
    expect(texts(a, b).length).toBeGreaterThan(1000);
  });
});

function longestCommon(a: readonly string[], b: readonly string[]): number {
  const table = Array.from({ length: a.length + 1 }, () => new Array<number>(b.length + 1).fill(0));
  for (let i = 1; i <= a.length; i++) {
    for (let j = 1; j <= b.length; j++) {
      table[i][j] =
        a[i - 1] === b[j - 1] ? table[i - 1][j - 1] + 1 : Math.max(table[i - 1][j], table[i][j - 1]);
    }
  }
  return table[a.length][b.length];
}
