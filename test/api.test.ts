import { existsSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { type ExportedDeclarations, Project, ts } from 'ts-morph';
import { expect, test } from 'vitest';

const PROJECT = resolve(import.meta.dirname, '..');
const INDEX = join(PROJECT, 'src/index.ts');
const COMPILER_OPTIONS = {
  module: ts.ModuleKind.NodeNext,
  target: ts.ScriptTarget.ES2023,
  isolatedDeclarations: true,
  allowImportingTsExtensions: true,
  noLib: true,
  types: [],
};

/**
 * What programs can rely on: a change of the public API shows as a change of api.txt, on purpose or not at all.
 * `npx vitest run test/api.test.ts -u` accepts it; the changelog tells it to the users.
 */
test('the public API is the one in api.txt', async () => {
  expect(existsSync(INDEX)).toBe(true);
  const declarations = publicDeclarations();
  console.log(`api: ${declarations.length} exported names`);
  expect(declarations.length).toBeGreaterThan(0);
  await expect(`${declarations.join('\n')}\n`).toMatchFileSnapshot('api.txt');
});

/** The declarations behind each exported name, without comments and bodies, in the order of the names. */
function publicDeclarations(): string[] {
  const sources = new Project({ skipAddingFilesFromTsConfig: true, compilerOptions: COMPILER_OPTIONS });
  sources.addSourceFileAtPath(INDEX);
  sources.resolveSourceFileDependencies();
  const declared = new Project({ useInMemoryFileSystem: true, compilerOptions: COMPILER_OPTIONS });
  for (const file of sources.getSourceFiles()) {
    // isolatedDeclarations: a file's declarations need no other file, and no check of types.
    const { outputText } = ts.transpileDeclaration(file.getFullText(), { compilerOptions: COMPILER_OPTIONS });
    declared.createSourceFile(file.getFilePath().replace(/\.ts$/, '.d.ts'), outputText);
  }
  const index = declared.getSourceFile(INDEX.replace(/\.ts$/, '.d.ts'));
  if (index === undefined) throw new Error('src/index.ts gave no declarations');
  return [...index.getExportedDeclarations()]
    .sort(([a], [b]) => (a < b ? -1 : 1))
    .map(([name, nodes]) => nodes.map((node) => declarationText(name, node)).join('\n'));
}

function declarationText(name: string, node: ExportedDeclarations): string {
  const printer = ts.createPrinter({ removeComments: true });
  const text = printer.printNode(
    ts.EmitHint.Unspecified,
    node.compilerNode,
    node.getSourceFile().compilerNode,
  );
  const plain = text.replace(/^export /, '').replace(/^declare /, '');
  return ts.isVariableDeclaration(node.compilerNode)
    ? `const ${plain}`
    : `${plain.includes(name) ? '' : `${name} = `}${plain}`;
}
