import { PyrewriteError } from '../../errors.ts';
import type { Table, TableColumn } from '../../export/index.ts';

/**
 * `service=web` as a pair.
 * @throws PyrewriteError 'usage' for anything else; names must be ones of SQL and of metrics
 */
export function parseLabel(text: string, option: string): readonly [name: string, value: string] {
  const [, name, value] = /^([A-Za-z_][A-Za-z0-9_]*)=(.*)$/s.exec(text) ?? [];
  if (name !== undefined && value !== undefined) return [name, value];
  throw new PyrewriteError('usage', `--${option} takes NAME=VALUE, not '${text}'`, {
    remedy: 'a NAME has letters, digits and _ only, e.g. service=web',
  });
}

/** Labels by name. */
export function parseLabels(texts: readonly string[], table: Table<never>): Record<string, string> {
  const labels = Object.fromEntries(texts.map((text) => parseLabel(text, 'label')));
  const taken = table.columns.find(({ name }) => Object.hasOwn(labels, name));
  if (taken === undefined) return labels;
  throw new PyrewriteError('usage', `--label ${taken.name}: the table has a column of this name`, {
    remedy: 'choose another name',
  });
}

/** The table with a column for each label, and without some. */
export function withLabels<Row>(
  table: Table<Row>,
  labels: Readonly<Record<string, string>>,
  without: readonly string[] = [],
): Table<Row> {
  const more = Object.entries(labels).map(
    ([name, value]): TableColumn<Row> => ({
      name,
      type: 'text',
      nullable: false,
      doc: 'Label, as given when the table was written',
      value: () => value,
    }),
  );
  return { ...table, columns: [...table.columns.filter(({ name }) => !without.includes(name)), ...more] };
}
