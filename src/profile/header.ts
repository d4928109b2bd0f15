import { PyrewriteError } from '../errors.ts';
import { HEADER, PROFILE_CONSTANTS, PROFILE_MAGIC, SITE } from './format.ts';
import { type StructValues, structReader } from './struct-reader.ts';

const readHeader = structReader(HEADER);

/** A shorter interval gives no better frequency than the process measured itself. */
const LEAST_ANCHOR_NS = 1_000_000;

/** Hz. No clock that we read is slower or faster; with these, no duration is infinite. */
const SLOWEST_CLOCK = 1;
const FASTEST_CLOCK = 1e12;

/**
 * The header of a profile.
 * @param bytes its first bytes
 * @param offset where it lies in the file
 * @throws PyrewriteError 'bad-profile' for what is no profile that this version reads
 */
export function checkedHeader(bytes: Uint8Array, offset: number): StructValues {
  const magic = Buffer.from(bytes.subarray(0, PROFILE_MAGIC.length)).toString('latin1');
  if (magic !== PROFILE_MAGIC) throw new PyrewriteError('bad-profile', 'not a pyrewrite profile', { offset });
  if (bytes.length < HEADER.size) {
    throw new PyrewriteError('bad-profile', 'the profile ends inside of its header', { offset });
  }
  const header = readHeader(bytes, 0);
  const version = header.number('version');
  if (version !== PROFILE_CONSTANTS.FORMAT_VERSION) {
    const what =
      version === 1 << 24 ? 'was written on a big-endian machine' : `has format version ${version}`;
    throw new PyrewriteError(
      'bad-profile',
      `the profile ${what}; this pyrewrite reads version 1, little endian`,
      {
        offset: offset + PROFILE_MAGIC.length,
        remedy: 'Read it with the pyrewrite that recorded it.',
      },
    );
  }
  for (const [name, value] of SHAPE) {
    if (header.number(name) !== value) {
      throw new PyrewriteError('bad-profile', `${name} is ${header.number(name)} and not ${value}`, {
        offset,
      });
    }
  }
  return header;
}

/** Fields of a header whose values this version knows. */
const SHAPE = [
  ['header_size', HEADER.size],
  ['site_size', SITE.size],
  ['octaves', PROFILE_CONSTANTS.OCTAVES],
  ['sub_buckets', PROFILE_CONSTANTS.SUB_BUCKETS],
] as const;

/** Ticks in a second, from the anchors at the start and at the latest event; a process that was short knew it only roughly. */
export function frequency(header: StructValues): number {
  const ticks = Number(header.big('latest_ticks') - header.big('start_ticks'));
  const ns = Number(header.big('latest_ns') - header.big('start_ns'));
  const seen = ns >= LEAST_ANCHOR_NS && ticks > 0 ? (ticks * 1e9) / ns : header.number('ticks_per_second');
  return seen >= SLOWEST_CLOCK && seen <= FASTEST_CLOCK ? seen : 1e9;
}

/** Nanoseconds in a tick of the process's clock. */
export function nsPerTick(header: StructValues): number {
  return 1e9 / frequency(header);
}
