import { readdirSync, readFileSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { expect, test } from 'vitest';
import { GROUP_NAMES } from '../../src/opcodes/selection.ts';
import { VERSIONS } from '../../src/opcodes/versions.ts';

const PROJECT = resolve(import.meta.dirname, '../..');

/** Cells of the rows of all tables of a page, without the backquotes. */
function tableRows(page: string): string[][] {
  return readFileSync(join(PROJECT, page), 'utf8')
    .split('\n')
    .filter((line) => line.startsWith('|'))
    .map((line) =>
      line
        .slice(1, -1)
        .split(/(?<!\\)\|/)
        .map((cell) => cell.replaceAll('`', '').trim()),
    );
}

test('errors.md explains every error code and no other', () => {
  const source = readFileSync(join(PROJECT, 'src/errors.ts'), 'utf8');
  const union = /type ErrorCode =([^;]*);/.exec(source)?.[1] ?? '';
  const codes = [...union.matchAll(/'([a-z-]+)'/g)].map((match) => match[1]);
  const rows = tableRows('docs/reference/errors.md').filter((row) => row.length === 3);
  const explained = rows
    .map(([code]) => code)
    .filter((code) => /^[a-z-]+$/.test(code) && code !== 'code' && !/^-+$/.test(code));
  expect(explained.toSorted()).toEqual(codes.toSorted());
  expect(codes.length).toBeGreaterThan(0);
});

test('supported-versions.md and the README have the versions of src/opcodes', () => {
  const expected = VERSIONS.map((version) => [
    version.name,
    String(version.magic),
    version.cacheTag,
    String(version.marshalVersion),
  ]);
  const page = tableRows('docs/reference/supported-versions.md')
    .filter(([name]) => /^3\.\d+$/.test(name))
    .map((row) => row.slice(0, 4));
  expect(page).toEqual(expected);
  const readme = tableRows('README.md');
  expect(readme.find(([title]) => title === 'CPython')?.slice(1)).toEqual(VERSIONS.map(({ name }) => name));
  expect(readme.find(([title]) => title === 'Magic number')?.slice(1)).toEqual(
    VERSIONS.map(({ magic }) => String(magic)),
  );
  expect(expected.length).toBeGreaterThan(0);
});

test('opcodes-and-groups.md and the README have every group', () => {
  const page = tableRows('docs/reference/opcodes-and-groups.md');
  const start = page.findIndex(([title]) => title === 'Group');
  const listed = page.slice(start + 2, start + 2 + GROUP_NAMES.length).map(([name]) => name);
  expect(listed.toSorted()).toEqual(GROUP_NAMES.toSorted());
  const readme = readFileSync(join(PROJECT, 'README.md'), 'utf8').replace(/\s+/g, ' ');
  const words = /groups: `([^`]*)`/.exec(readme)?.[1].split(' ') ?? [];
  expect(words.toSorted()).toEqual(GROUP_NAMES.toSorted());
});

test('dependencies.md names packages that package.json has, and the ones at run time are imported', () => {
  const { dependencies, devDependencies } = JSON.parse(readFileSync(join(PROJECT, 'package.json'), 'utf8'));
  const listed = tableRows('docs/explanation/dependencies.md').flatMap(([names]) =>
    names.split(', ').filter((name) => /^@?[a-z][a-z/-]*$/.test(name)),
  );
  expect(listed.filter((name) => !(name in dependencies) && !(name in devDependencies))).toEqual([]);
  const sources = readdirSync(join(PROJECT, 'src'), { recursive: true, encoding: 'utf8' })
    .filter((path) => path.endsWith('.ts'))
    .map((path) => readFileSync(join(PROJECT, 'src', path), 'utf8'))
    .join('\n');
  const atRunTime = listed.filter((name) => name in dependencies);
  expect(atRunTime.filter((name) => !sources.includes(`from '${name}'`))).toEqual([]);
  expect(atRunTime.length).toBeGreaterThan(0);
});

test('library.md names functions that exist, and the library has no other', async () => {
  const library = Object.keys(await import('../../src/index.ts'));
  const page = readFileSync(join(PROJECT, 'docs/reference/library.md'), 'utf8');
  const named = new Set([...page.matchAll(/`(\w+)/g)].map((match) => match[1]));
  const missing = library.filter((name) => !named.has(name));
  const functions = tableRows('docs/reference/library.md').flatMap(
    ([cell]) => cell.match(/\b[a-zA-Z]+(?=\()/g) ?? [],
  );
  expect(functions.filter((name) => !library.includes(name))).toEqual([]);
  expect(missing).toEqual([]);
  expect(library.length).toBeGreaterThan(30);
});
