import { mkdtempSync, readdirSync, rmSync, statSync, utimesSync, writeFileSync } from 'node:fs';
import { connect } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import fc from 'fast-check';
import { expect, onTestFinished, test } from 'vitest';
import { Answerer } from '../../src/service/answers.ts';
import { contentKey, openModuleCache } from '../../src/service/module-cache.ts';
import { encodeResponse, RequestReader } from '../../src/service/protocol.ts';
import { startService } from '../../src/service/server.ts';
import { describePythons, runPython } from '../support/pythons.ts';

function makeFolder(): string {
  const folder = mkdtempSync(join(tmpdir(), 'pyrewrite-service-'));
  onTestFinished(() => rmSync(folder, { recursive: true, force: true }));
  return folder;
}

function encodeRequest(python: number, filename: string, code: Uint8Array): Buffer {
  const name = Buffer.from(filename);
  const head = Buffer.alloc(8);
  head.writeUInt32LE(4 + name.length + code.length);
  head.writeUInt16LE(python, 4);
  head.writeUInt16LE(name.length, 6);
  return Buffer.concat([head, name, code]);
}

/** Sends bytes, gives the first so many bytes of the answer, or all until the other side closes. */
async function ask(path: string, request: Uint8Array, until = Number.POSITIVE_INFINITY): Promise<Buffer> {
  const socket = connect(path);
  socket.on('error', () => undefined);
  socket.write(request);
  let answer = Buffer.alloc(0);
  for await (const chunk of socket) {
    answer = Buffer.concat([answer, chunk]);
    if (answer.length >= until || (answer.length >= 4 && answer.length >= 4 + answer.readUInt32LE())) break;
  }
  socket.destroy();
  return answer;
}

function answerer(folder: string, accepts: (filename: string) => boolean = () => true): Answerer {
  const cache = openModuleCache(join(folder, 'cache'));
  return new Answerer({ opcodes: ['attr'], functions: [], scope: { accepts, rules: [] }, cache });
}

test('requests are read from pieces of any size', () => {
  const request = fc.record({
    python: fc.integer({ min: 0, max: 0xffff }),
    filename: fc.string({ unit: 'grapheme', maxLength: 20 }),
    code: fc.uint8Array({ maxLength: 300 }),
  });
  let checked = 0;
  fc.assert(
    fc.property(
      fc.array(request, { maxLength: 5 }),
      fc.infiniteStream(fc.integer({ min: 1, max: 50 })),
      (sent, sizes) => {
        const bytes = Buffer.concat(
          sent.map(({ python, filename, code }) => encodeRequest(python, filename, code)),
        );
        const reader = new RequestReader();
        const read = [];
        for (let at = 0; at < bytes.length; ) {
          const size = sizes.next().value ?? 1;
          read.push(...reader.push(Buffer.from(bytes.subarray(at, at + size))));
          at += size;
        }
        expect(read.map(({ code, ...rest }) => ({ ...rest, code: new Uint8Array(code) }))).toEqual(sent);
        checked += sent.length;
      },
    ),
  );
  expect(checked).toBeGreaterThan(50);
});

test('an answer of no code says: leave it', () => {
  expect([...encodeResponse()]).toEqual([0, 0, 0, 0]);
  expect([...encodeResponse(Uint8Array.of(7))]).toEqual([1, 0, 0, 0, 7]);
});

test('what does not speak the protocol, and what is no code, does not disturb the service', async () => {
  const folder = makeFolder();
  const answers = answerer(folder);
  const service = await startService(join(folder, 's'), answers);
  onTestFinished(() => service.close());
  expect(await ask(service.path, Buffer.from('GET / HTTP/1.1\r\n\r\n'))).toHaveLength(0);
  expect(await ask(service.path, Buffer.from([3, 0, 0, 0, 1, 2, 3]))).toHaveLength(0);
  const garbage = encodeRequest(0x30c, '/a.py', Buffer.from('garbage'));
  expect([...(await ask(service.path, garbage))]).toEqual([0, 0, 0, 0]);
  expect(answers.files.get('/a.py')?.skipped).toContain('offset');
  const unknown = encodeRequest(0x3ff, '/b.py', Buffer.from('garbage'));
  expect([...(await ask(service.path, unknown))]).toEqual([0, 0, 0, 0]);
  expect(answers.files.get('/b.py')?.skipped).toContain('not supported');
});

describePythons('the service', (python) => {
  test('instruments code once, then takes it from its cache; refuses what is out of scope', async () => {
    const folder = makeFolder();
    const source =
      'import marshal, sys; sys.stdout.write(marshal.dumps(compile("a.b", "/a.py", "exec")).hex())';
    const code = Buffer.from(runPython(python, ['-c', source]), 'hex');
    const [major, second] = python.name.split('.').map(Number);
    const number = (major << 8) | second;
    const results: Buffer[] = [];
    for (let round = 0; round < 2; round++) {
      const answers = answerer(folder, (filename) => filename === '/a.py');
      const service = await startService(join(folder, `s${round}`), answers);
      results.push(await ask(service.path, encodeRequest(number, '/a.py', code)));
      expect([...(await ask(service.path, encodeRequest(number, '/b.py', code)))]).toEqual([0, 0, 0, 0]);
      expect(answers.files.get('/a.py')?.report?.sites).toBe(1);
      expect([...answers.files.keys()]).toEqual(['/a.py']);
      // Its own output comes back as it is.
      const again = encodeRequest(number, '/a.py', results[round].subarray(4));
      expect([...(await ask(service.path, again))]).toEqual([0, 0, 0, 0]);
      await service.close();
      expect(readdirSync(join(folder, 'cache'))).toHaveLength(1);
    }
    expect(results[0].includes('PYRWSITE')).toBe(true);
    expect(results[1]).toEqual(results[0]);
  });
});

test('the cache stays below its limit; what was not used for longest goes first', () => {
  const folder = makeFolder();
  const cache = openModuleCache(folder, 1000);
  for (let k = 0; k < 12; k++) {
    cache.write(`k${k}`, new Uint8Array(100));
    utimesSync(join(folder, `k${k}`), 1e9 + k, 1e9 + k);
  }
  expect(cache.read('k0')).toHaveLength(100);
  cache.trim();
  const left = readdirSync(folder).sort();
  expect(left.reduce((sum, name) => sum + statSync(join(folder, name)).size, 0)).toBeLessThanOrEqual(750);
  expect(left).toContain('k0');
  expect(left).not.toContain('k1');
  expect(left).toContain('k11');
  writeFileSync(join(folder, 'k11'), '');
  cache.trim();
  expect(readdirSync(folder)).toEqual(expect.arrayContaining(left));
});

test('keys tell parts apart', () => {
  expect(contentKey(['ab', 'c'])).not.toBe(contentKey(['a', 'bc']));
  expect(contentKey(['ab', Uint8Array.of(99)])).toBe(contentKey(['ab', 'c']));
});
