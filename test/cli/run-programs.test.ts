/** Real programs of the standard library under `pyrewrite run --opcodes all`, against plain python. */
import { expect, test } from 'vitest';
import { everyNth } from '../support/full.ts';
import { describePythons, type Python } from '../support/pythons.ts';
import { makeFolder, type Options, pyrewrite, start } from './cli.ts';

const SERVER = `import asyncio
async def handle(reader, writer):
    writer.write((await reader.readline()).upper())
    await writer.drain()
    writer.close()
async def ask(port, text):
    reader, writer = await asyncio.open_connection("127.0.0.1", port)
    writer.write(text.encode() + b"\\n")
    answer = await reader.read()
    writer.close()
    return answer
async def main():
    server = await asyncio.start_server(handle, "127.0.0.1", 0)
    port = server.sockets[0].getsockname()[1]
    print(await asyncio.gather(*(ask(port, "text %d" % n) for n in range(20))))
    server.close()
asyncio.run(main())
`;

const TESTS = `import unittest
class T(unittest.TestCase):
    def test_equal(self): self.assertEqual([1, 2], [1, 2])
    def test_raises(self):
        with self.assertRaises(KeyError): {}["x"]
    @unittest.skip("why")
    def test_skipped(self): pass
    def test_fails(self): self.assertEqual({"a": 1}, {"a": 2})
`;

const FILES = {
  'data.json': '{"b": [1, 2.5, null, "\\u00fc"], "a": {"x": true}}',
  'bad.json': '{"b": [1, }',
  'server.py': SERVER,
  'tests.py': TESTS,
  'sample.py': `"""doc"""
from dataclasses import dataclass
import enum
@dataclass
class Point:
    """A point."""
    x: int = 0
    def norm(self, *, p=2): return abs(self.x) ** p
class Color(enum.Enum):
    RED = 1
print(Point(3), Point(3).norm(), Color.RED)
`,
  'table.csv': 'a,b\n1,2\n3,4\n',
};

interface Program {
  readonly args: readonly string[];
  /** Modules of the standard library to instrument with it. */
  readonly include: string;
  readonly input?: string;
}

const PROGRAMS: readonly Program[] = [
  { args: ['-m', 'json.tool', 'data.json'], include: 'json,argparse' },
  { args: ['-m', 'json.tool', 'bad.json'], include: 'json,argparse' },
  { args: ['-m', 'ast', 'sample.py'], include: 'ast,argparse' },
  { args: ['-m', 'tokenize', 'sample.py'], include: 'tokenize,token' },
  { args: ['-m', 'pydoc', 'sample'], include: 'pydoc,inspect' },
  { args: ['-m', 'zipfile', '-c', 'out.zip', 'sample.py', 'data.json'], include: 'zipfile,shutil' },
  { args: ['-m', 'zipfile', '-l', 'out.zip'], include: 'zipfile,shutil' },
  { args: ['-m', 'unittest', 'discover', '-p', 'tests.py'], include: 'unittest,difflib,traceback' },
  { args: ['-m', 'timeit', '-n', '10', '-r', '1', 'x = 1', 'assert x'], include: 'timeit' },
  { args: ['-m', 'compileall', '-f', 'sample.py'], include: 'compileall,py_compile,filecmp' },
  { args: ['-m', 'calendar', '2024', '2'], include: 'calendar,datetime' },
  { args: ['-m', 'base64', '-e', 'table.csv'], include: 'base64,getopt' },
  { args: ['-m', 'dis', 'sample.py'], include: 'dis,opcode,inspect' },
  { args: ['-m', 'pickletools'], include: 'pickletools' },
  { args: ['-m', 'textwrap'], include: 'textwrap,re' },
  { args: ['server.py'], include: 'asyncio,selectors' },
  { args: ['sample.py'], include: 'dataclasses,enum,functools' },
  { args: ['-m', 'doctest', 'sample.py'], include: 'doctest,unittest' },
  {
    args: [
      '-c',
      'import csv, sys, decimal; print([decimal.Decimal(x) / 3 for r in csv.reader(sys.stdin) for x in r])',
    ],
    include: 'csv,_pydecimal',
    input: '1,2\n3,4\n',
  },
];

/** Times are the only thing that may differ. */
function withoutTimes(text: string): string {
  return text.replaceAll(/\d+(\.\d+)? ?([mun]?sec|s\b)/g, 'TIME').replaceAll(/0x[0-9a-f]+/g, '0x');
}

async function compare(python: Python, { args, include, input }: Program, options: Options): Promise<number> {
  const own = input === undefined ? options : { ...options, input };
  const plain = await start(python.path, args, own);
  const flags = ['--python', python.path, '--opcodes', 'all', '--include', include, '-o', 'p.prof', '--json'];
  const ours = await pyrewrite(['run', ...flags, ...args], own);
  expect(withoutTimes(ours.stdout)).toBe(withoutTimes(plain.stdout));
  expect(ours.status).toBe(plain.status);
  // What pyrewrite itself says comes first (frozen modules) and last (the report).
  const words = ours.stderr
    .split('\n')
    .filter((line) => !/^(pyrewrite: |profile: |\{"schema"| {2}instrument)/.test(line));
  expect(withoutTimes(words.join('\n').trim())).toBe(withoutTimes(plain.stderr.trim()));
  const report = ours.stderr.split('\n').find((line) => line.startsWith('{"schema"'));
  return report === undefined
    ? 0
    : JSON.parse(report).sites.filter((site: { count: number }) => site.count > 0).length;
}

// Each on every fourth version: many are in test/programs as well, where more is compared.
describePythons('real programs', (python) => {
  const programs = everyNth(4, PROGRAMS, python);
  test(`${programs.length} programs of the standard library print and end as without`, async () => {
    const cwd = makeFolder(FILES);
    let sites = 0;
    for (const program of programs) sites += await compare(python, program, { cwd });
    console.log(`programs ${python.label}: ${programs.length} programs, ${sites} sites executed`);
    expect(sites).toBeGreaterThan(2_000);
  });
});
