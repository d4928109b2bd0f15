/** The command line compiled as the build compiles it, once per state of the sources, in a temporary folder. */
import { createHash } from 'node:crypto';
import {
  copyFileSync,
  existsSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  renameSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import ts from 'typescript';
import { bundlePage } from '../../tools/bundle-page.mjs';

const PROJECT = fileURLToPath(new URL('../..', import.meta.url));

interface Source {
  /** Relative to src. */
  readonly name: string;
  readonly text: string;
}

function readSources(): Source[] {
  return readdirSync(join(PROJECT, 'src'), { recursive: true, encoding: 'utf8' })
    .filter(
      (name) =>
        (name.endsWith('.ts') && !name.endsWith('.d.ts')) ||
        name.endsWith('.css') ||
        /^runtime-py\/[^/]+\.py$/.test(name),
    )
    .sort()
    .map((name) => ({ name, text: readFileSync(join(PROJECT, 'src', name), 'utf8') }));
}

/** Types are checked by `npm run check`; here they are taken away. */
function compile({ name, text }: Source): Source {
  if (!name.endsWith('.ts')) return { name, text };
  const compilerOptions: ts.CompilerOptions = {
    target: ts.ScriptTarget.ES2023,
    module: ts.ModuleKind.ESNext,
    verbatimModuleSyntax: true,
    rewriteRelativeImportExtensions: true,
  };
  const { outputText } = ts.transpileModule(text, { fileName: name, compilerOptions });
  return { name: name.replace(/\.ts$/, '.js'), text: outputText };
}

function write(folder: string, sources: readonly Source[]): void {
  for (const { name, text } of sources.map(compile)) {
    mkdirSync(join(folder, 'dist', dirname(name)), { recursive: true });
    writeFileSync(join(folder, 'dist', name), text);
  }
  bundlePage(PROJECT, join(folder, 'dist/html/page'));
  copyFileSync(join(PROJECT, 'package.json'), join(folder, 'package.json'));
  for (const name of ['native', 'node_modules']) symlinkSync(join(PROJECT, name), join(folder, name));
}

/** Path of the compiled src/cli/main.ts. */
export function builtMain(): string {
  const sources = readSources();
  const hash = createHash('sha256').update(PROJECT);
  for (const { name, text } of sources) hash.update(`${name}\0${text}\0`);
  const parent = join(tmpdir(), `pyrewrite-test-build-${process.getuid?.() ?? 0}`);
  const folder = join(parent, hash.digest('hex').slice(0, 16));
  const main = join(folder, 'dist/cli/main.js');
  if (existsSync(main)) return main;
  const temporary = `${folder}.${process.pid}.tmp`;
  try {
    write(temporary, sources);
    renameSync(temporary, folder);
  } catch (error) {
    // Another test file was faster.
    if (!existsSync(main)) throw error;
  } finally {
    rmSync(temporary, { recursive: true, force: true });
  }
  return main;
}
