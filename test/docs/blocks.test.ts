import { expect, test } from 'vitest';
import { matchesOutput, parseAnchors, parseBlocks, parseLinks } from './blocks.ts';

const PAGE = `# A page: with \`code\`

See [another](other.md#here) and [this](#second-part).

\`\`\`sh run
echo [no](link)
\`\`\`

- in a list:

  \`\`\`ts
  const a = 1;
    const b = 2;
  \`\`\`

## Second part
`;

test('fenced blocks are found with their words and without their indentation', () => {
  expect(parseBlocks(PAGE)).toEqual([
    { line: 5, language: 'sh', words: ['run'], text: 'echo [no](link)' },
    { line: 11, language: 'ts', words: [], text: 'const a = 1;\n  const b = 2;' },
  ]);
  expect(() => parseBlocks('```sh\nnever closed')).toThrow('line 1');
});

test('links outside of code are found, and what they can point to', () => {
  expect(parseLinks(PAGE)).toEqual(['other.md#here', '#second-part']);
  expect(parseAnchors(PAGE)).toEqual(['a-page-with-code', 'second-part']);
});

test.each([
  ['a\nb', 'a\nb\n', true],
  ['a\nb', 'a\nc\n', false],
  ['a\nb', 'a\n', false],
  ['took … ms', 'took 12.5 ms', true],
  ['took … ms', 'took 12.5 s', false],
  ['a\n…\nz', 'a\nb\nc\nz', true],
  ['a\n…\nz', 'a\nz', true],
  ['a\n…', 'a', true],
  ['a', 'a\nb', false],
  ['(a|b)', 'a', false],
  ['a  b', 'a      b', true],
  ['a b', 'a      b', false],
])('%j shows %j: %s', (shown, output, expected) => {
  expect(matchesOutput(shown, output)).toBe(expected);
});
