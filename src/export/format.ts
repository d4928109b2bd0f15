import type { Profile } from '../profile/profile.ts';

/** Pieces of a file, in order. */
export type Chunks = Iterable<string | Uint8Array>;

/** What an export can be told. */
export interface ExportOptions {
  /** Columns of a table with the same text in each row, such as `service`: by name. */
  readonly labels?: Readonly<Record<string, string>>;
  /** What the weights of collapsed stacks are. Default `self`. */
  readonly metric?: MetricName;
}

/** What can be shown as the width of a stack. */
export type MetricName = 'self' | 'await' | 'count' | 'raised' | 'gc' | 'off-cpu' | 'suspended';

/** A format that shows one profile. */
export interface ProfileFormat {
  /** One line: who opens it. */
  readonly summary: string;
  /** Ends of file names that ask for it, without the dot. */
  readonly extensions: readonly string[];
  /** Not to be printed on a terminal. */
  readonly binary: boolean;
  write(profile: Profile, options: ExportOptions): Chunks;
}

/** A format of tables, which can hold the rows of many profiles. */
export interface TableFormat extends Omit<ProfileFormat, 'write'> {
  write<Row>(table: Table<Row>, rows: Iterable<Row>): Chunks;
}

/** What a cell can hold. Integers are exact; lists have no nulls in them. */
export type ColumnType = 'text' | 'integer' | 'number' | 'flag' | 'numbers' | 'integers';

/** A value of a cell. */
export type Cell = string | number | boolean | readonly number[] | null;

/** A column of a table: its entry in the data dictionary, and how it is got. */
export interface TableColumn<Row> {
  readonly name: string;
  readonly type: ColumnType;
  /** Whether cells can be null. */
  readonly nullable: boolean;
  readonly unit?: 'ns' | 'executions' | 'bytes';
  readonly doc: string;
  readonly value: (row: Row) => Cell;
}

/** A table and what its rows are. */
export interface Table<Row> {
  readonly name: string;
  readonly doc: string;
  readonly columns: readonly TableColumn<Row>[];
}
