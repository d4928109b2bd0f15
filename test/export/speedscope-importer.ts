/** The importer of speedscope, out of the program that its package ships: it reads several formats of ours. */
import { readdirSync, readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { dirname, join } from 'node:path';
import vm from 'node:vm';

/** A profile as speedscope has it. */
export interface Imported {
  readonly name: string;
  readonly totalWeight: number;
  /** Names and own weights of all frames. */
  readonly frames: readonly { readonly name: string; readonly file: string; readonly weight: number }[];
}

interface SpeedscopeFrame {
  readonly name: string;
  readonly file?: string;
  getSelfWeight(): number;
}

interface SpeedscopeProfile {
  getName(): string;
  getTotalNonIdleWeight(): number;
  forEachFrame(visit: (frame: SpeedscopeFrame) => void): void;
}

type Importer = (
  name: string,
  bytes: ArrayBuffer,
) => Promise<{ readonly profiles: readonly SpeedscopeProfile[] } | null>;

/** What the importer complained of. */
export const complaints: string[] = [];

const importer = loadImporter();

/** What speedscope shows of a file; null where it does not know the format. */
export async function importBySpeedscope(name: string, bytes: Uint8Array): Promise<Imported[] | null> {
  const copy = new Uint8Array(bytes).buffer;
  const group = await importer(name, copy);
  if (group === null) return null;
  return group.profiles.map((profile) => {
    const frames: { name: string; file: string; weight: number }[] = [];
    profile.forEachFrame((frame) => {
      frames.push({ name: frame.name, file: frame.file ?? '', weight: frame.getSelfWeight() });
    });
    return { name: profile.getName(), totalWeight: profile.getTotalNonIdleWeight(), frames };
  });
}

/**
 * The program is one script for browsers. The function that imports files is found where it is called with a file that
 * was fetched; everything of the browser that the rest touches is a thing that does nothing.
 */
function loadImporter(): Importer {
  const folder = join(
    dirname(createRequire(import.meta.url).resolve('speedscope/package.json')),
    'dist/release',
  );
  const script = readdirSync(folder).find((name) => /^speedscope-.*\.js$/.test(name));
  if (script === undefined) throw new Error('the package speedscope has no program');
  const source = readFileSync(join(folder, script), 'utf8');
  const name = /await ([\w$]+)\(\w+,await \w+\.arrayBuffer\(\)\)/.exec(source)?.[1];
  if (name === undefined) throw new Error('speedscope has another shape now');
  const definition = `async function ${name}(`;
  const opened = source.replace(definition, `globalThis.importFile=(...a)=>${name}(...a);${definition}`);
  const nothing: object = new Proxy(class {}, {
    get: (_, key) => {
      if (key === Symbol.toPrimitive) return () => '';
      // Libraries ask whether somebody else brought these.
      return key === 'dcodeIO' || key === 'Long' ? undefined : nothing;
    },
    apply: () => nothing,
    construct: () => nothing,
    set: () => true,
  });
  const say = (...words: unknown[]): void => void complaints.push(words.join(' '));
  const quiet = { log: () => {}, info: () => {}, debug: () => {}, warn: say, error: say };
  const world: Record<string, unknown> = {
    ...{
      self: nothing,
      window: nothing,
      document: nothing,
      localStorage: nothing,
      navigator: {},
      console: quiet,
    },
    ...{ TextDecoder, TextEncoder, URL, Response, Blob, ReadableStream, DecompressionStream },
    ...{ setTimeout, clearTimeout, performance, Uint8Array, ArrayBuffer, DataView },
    requestAnimationFrame: () => {},
  };
  vm.createContext(world);
  try {
    vm.runInContext(opened, world);
  } catch (error) {
    // Its user interface does not start: the importer is there by then.
    if (world['importFile'] === undefined) throw error;
  }
  const found = world['importFile'];
  if (typeof found !== 'function') throw new Error('the importer of speedscope was not found');
  return found as Importer;
}
