import { join, resolve } from 'node:path';
import { PyrewriteError } from '../../errors.ts';
import {
  type AnyFormat,
  type Chunks,
  type MetricName,
  OPERATIONS,
  operations,
  PROCESSES,
  processRows,
  type TableFormat,
} from '../../export/index.ts';
import type { Profile } from '../../profile/profile.ts';
import type { Io } from '../io.ts';
import { eachProfile, readProfileFiles } from '../profile-files.ts';
import { writeChunksAtomically } from '../rewrite/atomic.ts';
import { joined } from './joined.ts';
import { withLabels } from './labels.ts';
import { type PartitionKey, partitionOf, sumByPartition } from './partitions.ts';

/** What the command line of `export` asks for. */
export interface ExportRequest {
  readonly files: readonly string[];
  /** `-` for standard output. */
  readonly output: string;
  readonly format: AnyFormat;
  readonly metric: MetricName | undefined;
  readonly labels: Readonly<Record<string, string>>;
  /** A table with the rows of each process, not of the sum. */
  readonly each: boolean;
  readonly table: 'ops' | 'processes';
  readonly partition: readonly PartitionKey[];
}

/** Writes the file or the files; what is wrong with the profiles is added to `notes`. */
export function writeExport(request: ExportRequest, io: Io, notes: string[]): void {
  if (request.partition.length > 0) writePartitions(request, io, notes);
  else if (request.format.kind === 'table') {
    const profiles = request.each
      ? eachProfile(request.files, io.cwd, notes)
      : [readWhole(request, io, notes)];
    writeChunks(request.output, tableChunks(request, request.format.format, profiles), io);
  } else {
    const { metric, labels } = request;
    const options = { labels, ...(metric === undefined ? {} : { metric }) };
    writeChunks(request.output, request.format.format.write(readWhole(request, io, notes), options), io);
  }
}

function readWhole({ files }: ExportRequest, io: Io, notes: string[]): Profile {
  const profile = readProfileFiles(files, io.cwd);
  notes.push(...profile.notes);
  return profile;
}

/** One file for the sum of each partition, or for each process. Later exports add files beside those. */
function writePartitions(request: ExportRequest, io: Io, notes: string[]): void {
  const { format, files, partition, output, each } = request;
  if (format.kind !== 'table') {
    throw new PyrewriteError('usage', `--partition is for tables and not for ${format.name}`, {
      remedy: 'use --format parquet',
    });
  }
  const profiles = eachProfile(files, io.cwd, notes);
  const parts = each ? named(profiles, partition) : sumByPartition(profiles, partition);
  for (const [folder, profile] of parts) {
    const file = join(output, folder, `${partName(profile)}.${format.format.extensions[0]}`);
    writeChunks(file, tableChunks(request, format.format, [profile]), io);
  }
}

function* named(
  profiles: Iterable<Profile>,
  partition: readonly PartitionKey[],
): Generator<readonly [string, Profile]> {
  for (const profile of profiles) yield [partitionOf(profile, partition), profile];
}

/** The same profiles give the same name: an export that is repeated replaces its files. */
function partName({ processes }: Profile): string {
  const [first] = processes.toSorted((a, b) => a.startUnixNs - b.startUnixNs);
  return `${first?.startUnixNs ?? 0}-${first?.pid ?? 0}-${processes.length}`;
}

function tableChunks(request: ExportRequest, format: TableFormat, profiles: Iterable<Profile>): Chunks {
  const without = request.partition.map(({ name }) => name);
  if (request.table === 'processes') {
    return format.write(withLabels(PROCESSES, request.labels, without), rowsOf(profiles, processRows));
  }
  return format.write(withLabels(OPERATIONS, request.labels, without), rowsOf(profiles, operations));
}

function* rowsOf<Row>(
  profiles: Iterable<Profile>,
  rows: (profile: Profile) => Iterable<Row>,
): Generator<Row> {
  for (const profile of profiles) yield* rows(profile);
}

function writeChunks(file: string, chunks: Chunks, io: Io): void {
  if (file === '-') for (const piece of joined(chunks)) io.stdout.write(piece);
  else writeChunksAtomically(resolve(io.cwd, file), joined(chunks));
}
