import type { ProcessInfo, Profile } from '../profile/profile.ts';
import type { Table } from './format.ts';
import { runOf } from './run-columns.ts';

/** A process of a run. */
export interface ProcessRow {
  readonly run: string;
  readonly process: ProcessInfo;
}

/** One row for each process. */
export const PROCESSES: Table<ProcessRow> = {
  name: 'processes',
  doc: 'One row for each process that left a profile.',
  columns: [
    text('run', 'The run that it is a part of, as in `ops`', ({ run }) => run),
    integer('pid', 'Process', ({ process }) => process.pid),
    integer('parent_pid', 'Its parent', ({ process }) => process.parentPid),
    text('host', 'Machine', ({ process }) => process.host),
    text('python', 'Version of its Python', ({ process }) => process.python),
    text('command', 'Its command line, with blanks between the arguments', ({ process }) =>
      process.command.join(' '),
    ),
    text('executable', 'Its interpreter', ({ process }) => process.executable),
    text('cwd', 'The folder in which it began', ({ process }) => process.cwd),
    integer('started_ns', 'When it began: Unix time', ({ process }) => process.startUnixNs),
    {
      ...{ name: 'duration_ns', type: 'number', nullable: false, unit: 'ns' },
      doc: 'How long it ran, as far as it was recorded',
      value: ({ process }) => process.durationNs,
    },
    {
      ...{ name: 'off_ns', type: 'number', nullable: false, unit: 'ns' },
      doc: 'Part of it in which recording was switched off',
      value: ({ process }) => process.offNs,
    },
    integer('threads', 'Threads that executed a measured operation', ({ process }) => process.threads),
    flag(
      'finished',
      'False when it was killed, crashed or left through `os._exit`',
      ({ process }) => process.finished,
    ),
    flag('coarse', 'Recorded by Python code instead of C', ({ process }) => process.coarse),
  ],
};

/** The rows of one profile. */
export function processRows(profile: Profile): ProcessRow[] {
  const run = runOf(profile);
  return profile.processes.map((process) => ({ run, process }));
}

type Column = Table<ProcessRow>['columns'][number];

function text(name: string, doc: string, value: (row: ProcessRow) => string): Column {
  return { name, type: 'text', nullable: false, doc, value };
}

function integer(name: string, doc: string, value: (row: ProcessRow) => number): Column {
  return { name, type: 'integer', nullable: false, doc, value };
}

function flag(name: string, doc: string, value: (row: ProcessRow) => boolean): Column {
  return { name, type: 'flag', nullable: false, doc, value };
}
