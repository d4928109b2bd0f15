import { spawnSync } from 'node:child_process';
import {
  chmodSync,
  cpSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { delimiter, dirname, join, relative, resolve } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { type Block, matchesOutput, parseAnchors, parseBlocks, parseLinks } from './docs/blocks.ts';
import { MEASURED, measured } from './support/measured.ts';

const PROJECT = resolve(import.meta.dirname, '..');
const CLI = join(PROJECT, 'dist/cli/main.js');
const ACTIONS = ['run', 'fresh-clone'];

const pages = [
  ...['README.md', 'CONTRIBUTING.md', 'CHANGELOG.md'].map((name) => join(PROJECT, name)),
  ...markdownIn('docs'),
  ...markdownIn('examples'),
];
const scratchFolders: string[] = [];

afterAll(() => {
  for (const folder of scratchFolders) rmSync(folder, { recursive: true, force: true });
});

describe('documents', () => {
  test('links lead somewhere', () => {
    const broken: string[] = [];
    let checked = 0;
    for (const page of pages) {
      for (const link of parseLinks(readFileSync(page, 'utf8')).filter(
        (target) => !/^[a-z]+:/.test(target),
      )) {
        checked++;
        if (!leadsSomewhere(page, link)) broken.push(`${relative(PROJECT, page)}: ${link}`);
      }
    }
    console.log(`docs: ${checked} links on ${pages.length} pages`);
    expect(broken).toEqual([]);
    expect(checked).toBeGreaterThan(0);
  });

  test('docs/README.md leads to every page', () => {
    const map = join(PROJECT, 'docs/README.md');
    const reached = parseLinks(readFileSync(map, 'utf8')).map((link) => resolve(dirname(map), link));
    const missing = markdownIn('docs').filter((page) => page !== map && !reached.includes(page));
    expect(missing.map((page) => relative(PROJECT, page))).toEqual([]);
  });

  test('every command and every TypeScript block says what is done with it', () => {
    const unmarked = pages.flatMap((page) =>
      parseBlocks(readFileSync(page, 'utf8'))
        .filter(
          (block) =>
            ['sh', 'ts'].includes(block.language) && !block.words.some((word) => ACTIONS.includes(word)),
        )
        .map((block) => `${relative(PROJECT, page)}:${block.line}`),
    );
    expect(unmarked).toEqual([]);
  });

  test('the README has two commands for a fresh clone, and CI runs the second', () => {
    const commands = parseBlocks(readFileSync(join(PROJECT, 'README.md'), 'utf8')).filter((block) =>
      block.words.includes('fresh-clone'),
    );
    expect(commands).toHaveLength(2);
    for (const command of commands) expect(command.text.trim().split('\n')).toHaveLength(1);
    expect(readFileSync(join(PROJECT, '.ci/run'), 'utf8')).toContain(commands[1].text);
  });
});

describe('blocks of', () => {
  // Compiled here: pages show what is printed when that was done before.
  beforeAll(() => {
    const { status, stderr } = spawnSync(process.execPath, [CLI, 'runtime'], { encoding: 'utf8' });
    if (status !== 0) throw new Error(`pyrewrite runtime failed: ${stderr}`);
  });

  for (const page of pages) {
    const blocks = parseBlocks(readFileSync(page, 'utf8'));
    const marked = blocks.filter((block) => block.words.includes('run'));
    if (marked.length > 0) {
      const options = blocks.some(isMeasured) ? MEASURED : {};
      test(`${relative(PROJECT, page)} do as the page says`, options, () => {
        if (!existsSync(CLI)) throw new Error('the command line is not built: npm run build');
        runPage(page, blocks);
        console.log(`docs: ${marked.length} blocks of ${relative(PROJECT, page)} run`);
      });
    }
  }
});

/** Runs the blocks of a page in order, in one scratch folder with a copy of the examples. */
function runPage(page: string, blocks: readonly Block[]): void {
  const folder = mkdtempSync(join(tmpdir(), 'pyrewrite-docs-'));
  scratchFolders.push(folder);
  cpSync(join(PROJECT, 'examples'), join(folder, 'examples'), { recursive: true });
  mkdirSync(join(folder, '.bin'));
  writeFileSync(join(folder, '.bin/pyrewrite'), `#!/bin/sh\nexec '${process.execPath}' '${CLI}' "$@"\n`);
  chmodSync(join(folder, '.bin/pyrewrite'), 0o755);
  checkTypes(folder, page, blocks);
  let output = '';
  for (const block of blocks) {
    const place = `${relative(PROJECT, page)}:${block.line}`;
    const file = block.words.find((word) => word.startsWith('file='))?.slice('file='.length);
    if (file !== undefined) writeFileSync(join(folder, file), `${block.text}\n`);
    if (block.words.includes('run')) {
      output = runProgram(
        isTypeScript(block) ? typeScriptCommand(block) : shellCommand(block),
        folder,
        place,
      );
    }
    if (block.words.includes('output')) {
      const shown = `${place} shows\n${block.text}\nand it printed\n${output}`;
      expect(matchesOutput(block.text, output), isMeasured(block) ? measured(shown) : shown).toBe(true);
    }
  }
}

function isMeasured(block: Block): boolean {
  return block.words.includes('measured');
}

function isTypeScript(block: Block): boolean {
  return block.language === 'ts' && block.words.includes('run');
}

/** Writes the TypeScript blocks as modules of a project that has pyrewrite installed, and checks their types. */
function checkTypes(folder: string, page: string, blocks: readonly Block[]): void {
  const modules = blocks.filter(isTypeScript);
  if (modules.length === 0) return;
  const packages = join(folder, 'node_modules');
  mkdirSync(join(packages, '@types'), { recursive: true });
  symlinkSync(PROJECT, join(packages, 'pyrewrite'));
  symlinkSync(join(PROJECT, 'node_modules/@types/node'), join(packages, '@types/node'));
  writeFileSync(join(folder, 'package.json'), '{ "type": "module" }\n');
  for (const block of modules) writeFileSync(join(folder, moduleName(block)), `${block.text}\nexport {};\n`);
  const tsc = join(PROJECT, 'node_modules/typescript/bin/tsc');
  const options = [
    '--noEmit',
    '--strict',
    '--target',
    'es2023',
    '--module',
    'nodenext',
    '--types',
    'node',
    '--skipLibCheck',
  ];
  runProgram(
    [process.execPath, tsc, ...options, ...modules.map(moduleName)],
    folder,
    relative(PROJECT, page),
  );
}

function moduleName(block: Block): string {
  return `line-${block.line}.ts`;
}

function typeScriptCommand(block: Block): readonly string[] {
  return [process.execPath, '--import', join(PROJECT, 'node_modules/tsx/dist/loader.mjs'), moduleName(block)];
}

function shellCommand(block: Block): readonly string[] {
  // Standard error into the same pipe, as on a terminal.
  return ['bash', '-c', `exec 2>&1; set -euo pipefail\n${block.text}`];
}

function runProgram(command: readonly string[], folder: string, place: string): string {
  const path = [join(folder, '.bin'), process.env['PATH']].join(delimiter);
  const env = { ...process.env, PATH: path, NO_COLOR: '1' };
  const { status, stdout, stderr, error } = spawnSync(command[0], command.slice(1), {
    cwd: folder,
    env,
    encoding: 'utf8',
  });
  expect(status, `${place} ended with ${status ?? error}\n${stdout}\n${stderr}`).toBe(0);
  return stdout;
}

function markdownIn(folder: string): string[] {
  return readdirSync(join(PROJECT, folder), { recursive: true, encoding: 'utf8' })
    .filter((path) => path.endsWith('.md'))
    .map((path) => join(PROJECT, folder, path))
    .sort();
}

function leadsSomewhere(page: string, link: string): boolean {
  const [path, anchor] = link.split('#');
  const target = path === '' ? page : resolve(dirname(page), path);
  if (!existsSync(target)) return false;
  return anchor === undefined || parseAnchors(readFileSync(target, 'utf8')).includes(anchor);
}
