import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { PyrewriteError } from '../../errors.ts';
import {
  OPERATIONS,
  type OperationRow,
  operations,
  PROCESSES,
  type ProcessRow,
  processRows,
  type Table,
} from '../../export/index.ts';
import { parquet } from '../../export/parquet.ts';
import type { Profile } from '../../profile/profile.ts';
import { joined } from '../export/joined.ts';
import { writeChunksAtomically } from '../rewrite/atomic.ts';

/** What a query gives: titles, and rows as they come. */
export interface QueryResult {
  readonly columns: readonly string[];
  readonly rows: AsyncIterable<readonly unknown[]>;
}

/** The tables that a query can ask. */
export const TABLES: readonly Table<never>[] = [OPERATIONS, PROCESSES];

/** DuckDB must not fetch anything by itself. */
const SETTINGS = ['SET autoinstall_known_extensions = false', 'SET autoload_known_extensions = false'];

/**
 * Runs a query over the tables of these profiles. The rows lie in temporary files, so that memory is needed for the
 * profile being read and for what the query itself needs.
 * @param profiles null when the query brings its own files
 * @throws PyrewriteError 'not-found' without DuckDB, 'usage' for what it does not understand
 */
export async function runQuery(
  sql: string,
  profiles: (() => Iterable<Profile>) | null,
  use: (result: QueryResult) => Promise<void>,
): Promise<void> {
  const { DuckDBInstance } = await loadDuckDb();
  const folder = mkdtempSync(join(tmpdir(), 'pyrewrite-query-'));
  try {
    const connection = await (await DuckDBInstance.create(':memory:')).connect();
    for (const setting of SETTINGS) await connection.run(setting);
    if (profiles !== null) {
      for (const [name, file] of writeTables(folder, profiles())) {
        await connection.run(
          `CREATE VIEW ${name} AS SELECT * FROM read_parquet('${file.replaceAll("'", "''")}')`,
        );
      }
    }
    try {
      const result = await connection.stream(sql);
      await use({ columns: result.deduplicatedColumnNames(), rows: rowsOf(result.yieldRowsJs()) });
    } catch (error) {
      throw explained(error);
    } finally {
      connection.closeSync();
    }
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

async function loadDuckDb(): Promise<typeof import('@duckdb/node-api')> {
  try {
    return await import('@duckdb/node-api');
  } catch (cause) {
    throw new PyrewriteError(
      'not-found',
      'query needs the package @duckdb/node-api, which cannot be loaded',
      {
        remedy:
          'Install it beside pyrewrite: npm install @duckdb/node-api (with -g where pyrewrite is installed so).',
        cause,
      },
    );
  }
}

/** Both tables of each profile, in one pass over them: of processes there are few. */
function writeTables(folder: string, profiles: Iterable<Profile>): [name: string, file: string][] {
  const processes: ProcessRow[] = [];
  const rows = function* (): Generator<OperationRow> {
    for (const profile of profiles) {
      for (const row of processRows(profile)) processes.push(row);
      yield* operations(profile);
    }
  };
  return [writeTable(folder, OPERATIONS, rows()), writeTable(folder, PROCESSES, processes)];
}

function writeTable<Row>(
  folder: string,
  table: Table<Row>,
  rows: Iterable<Row>,
): [name: string, file: string] {
  const file = join(folder, `${table.name}.parquet`);
  writeChunksAtomically(file, joined(parquet.write(table, rows)));
  return [table.name, file];
}

async function* rowsOf(chunks: AsyncIterable<unknown[][]>): AsyncGenerator<readonly unknown[]> {
  for await (const rows of chunks) yield* rows;
}

/** DuckDB's own words, whose first paragraph says what is wrong. */
function explained(error: unknown): unknown {
  if (!(error instanceof Error)) return error;
  const [, message] = /^(?:Failed to [a-z ]+: )?([A-Z][A-Za-z ]* Error: .*)$/s.exec(error.message) ?? [];
  if (message === undefined) return error;
  const [what] = message.split('\n\n');
  return new PyrewriteError('usage', `DuckDB: ${what.replace(/\s*\n\s*/g, ' ')}`, {
    remedy: 'pyrewrite query --explain lists tables and columns',
    cause: error,
  });
}
