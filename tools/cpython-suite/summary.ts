/** What the results that are committed say of each interpreter. */
import type { Difference } from './compare.ts';
import { comparisonOf, isCompared, type Line } from './line.ts';
import { parseLabel, readStored, storedLabels } from './store.ts';

/** All that is known of one interpreter. */
export interface Summary {
  /** '3.12', '3.14d' for a debug build, '3.13t' without the GIL. */
  readonly label: string;
  /** '3.12.1', or several if the results are of several. */
  readonly title: string;
  /** Modules that there are. */
  readonly available: number;
  /** Modules that were compared. */
  readonly compared: readonly Line[];
  /** Modules that took too long as they are. */
  readonly long: readonly Line[];
  readonly differences: readonly Difference[];
}

function summarize(folder: string, label: string): Summary {
  const { name, build } = parseLabel(label);
  const { available, lines } = readStored(folder, label);
  const all = [...lines.values()];
  const compared = all.filter(isCompared);
  const versions = [...new Set(all.map(({ python }) => python))].sort().join(', ');
  return {
    label,
    title: `${versions}${build && ` (${build})`}`,
    available,
    compared,
    long: all.filter((line) => !isCompared(line)),
    differences: compared.flatMap((line) => comparisonOf({ name }, line).differences),
  };
}

/** Of the interpreters that there are results of, in the order of their labels. */
export function summaries(folder: string): readonly Summary[] {
  return storedLabels(folder)
    .map((label) => summarize(folder, label))
    .filter(({ compared, long }) => compared.length + long.length > 0);
}

/** All lines. */
export function linesOf(all: readonly Summary[]): readonly Line[] {
  return all.flatMap(({ compared, long }) => [...compared, ...long]);
}

/** Labels of the interpreters for which something holds, with blanks between them. */
export function labelsWhere(all: readonly Summary[], holds: (summary: Summary) => boolean): string {
  return all
    .filter(holds)
    .map(({ label }) => label)
    .join(' ');
}
