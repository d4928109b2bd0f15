import { PyrewriteError } from '../errors.ts';
import type { ProfileFormat, TableFormat } from './format.ts';

/** A format, loaded when it is asked for. */
export type AnyFormat =
  | { readonly kind: 'profile'; readonly name: string; readonly format: ProfileFormat }
  | { readonly kind: 'table'; readonly name: string; readonly format: TableFormat };

type Loader =
  | { readonly kind: 'profile'; readonly load: () => Promise<ProfileFormat> }
  | { readonly kind: 'table'; readonly load: () => Promise<TableFormat> };

const LOADERS: Readonly<Record<string, Loader>> = {
  speedscope: { kind: 'profile', load: async () => (await import('./speedscope.ts')).speedscope },
  collapsed: { kind: 'profile', load: async () => (await import('./collapsed.ts')).collapsed },
  pprof: { kind: 'profile', load: async () => (await import('./pprof.ts')).pprof },
  firefox: { kind: 'profile', load: async () => (await import('./gecko.ts')).gecko },
  'chrome-trace': { kind: 'profile', load: async () => (await import('./chrome-trace.ts')).chromeTrace },
  callgrind: { kind: 'profile', load: async () => (await import('./callgrind.ts')).callgrind },
  pstats: { kind: 'profile', load: async () => (await import('./pstats.ts')).pstats },
  lcov: { kind: 'profile', load: async () => (await import('./lcov.ts')).lcov },
  openmetrics: { kind: 'profile', load: async () => (await import('./openmetrics.ts')).openMetrics },
  csv: { kind: 'table', load: async () => (await import('./csv.ts')).csv },
  jsonl: { kind: 'table', load: async () => (await import('./jsonl.ts')).jsonl },
  parquet: { kind: 'table', load: async () => (await import('./parquet.ts')).parquet },
  arrow: { kind: 'table', load: async () => (await import('./arrow.ts')).arrow },
};

/** Names of all formats. */
export const FORMAT_NAMES: readonly string[] = Object.keys(LOADERS);

/**
 * A format by its name.
 * @throws PyrewriteError 'usage' when there is none
 */
export async function formatByName(name: string): Promise<AnyFormat> {
  if (!Object.hasOwn(LOADERS, name)) {
    throw new PyrewriteError('usage', `there is no format '${name}'`, {
      remedy: `there are ${FORMAT_NAMES.join(', ')}`,
    });
  }
  const loader = LOADERS[name];
  return loader.kind === 'profile'
    ? { kind: 'profile', name, format: await loader.load() }
    : { kind: 'table', name, format: await loader.load() };
}

/**
 * The format that a file name asks for by its end: the longest that fits.
 * @throws PyrewriteError 'usage' when none does
 */
export async function formatForFile(file: string): Promise<AnyFormat> {
  const all = await Promise.all(FORMAT_NAMES.map(formatByName));
  const fitting = all
    .flatMap((one) => one.format.extensions.map((extension) => ({ one, extension })))
    .filter(({ extension }) => file.endsWith(`.${extension}`))
    .sort((a, b) => b.extension.length - a.extension.length);
  const [best] = fitting;
  if (best !== undefined) return best.one;
  throw new PyrewriteError('usage', `the name ${file} does not tell the format`, {
    remedy: `give --format, one of ${FORMAT_NAMES.join(', ')}`,
  });
}
