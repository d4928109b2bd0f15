export { exportProfile } from './export-profile.ts';
export type {
  Cell,
  Chunks,
  ColumnType,
  ExportOptions,
  MetricName,
  ProfileFormat,
  Table,
  TableColumn,
  TableFormat,
} from './format.ts';
export { type AnyFormat, FORMAT_NAMES, formatByName, formatForFile } from './formats.ts';
export type { OperationRow } from './operation-rows.ts';
export { OPERATIONS, operations } from './operations-table.ts';
export { PROCESSES, type ProcessRow, processRows } from './processes-table.ts';
export { METRIC_NAMES } from './stacks.ts';
