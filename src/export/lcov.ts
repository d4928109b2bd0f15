import type { Profile } from '../profile/profile.ts';
import type { ProfileFormat } from './format.ts';

/** Coverage data in which a line's count is the number of operations that were executed on it. */
export const lcov: ProfileFormat = {
  summary: 'LCOV: coverage gutters of editors, genhtml; operations executed on each line',
  extensions: ['lcov', 'info'],
  binary: false,
  *write(profile) {
    for (const [file, lines] of linesByFile(profile)) {
      const sorted = [...lines].sort(([a], [b]) => a - b);
      yield `TN:\nSF:${file.replace(/[\r\n]/g, ' ')}\n`;
      for (const [line, count] of sorted) yield `DA:${line},${count}\n`;
      yield `LF:${sorted.length}\nLH:${sorted.filter(([, count]) => count > 0).length}\nend_of_record\n`;
    }
  },
};

/** Operations without a line are in no file. */
function linesByFile({ sites }: Profile): Map<string, Map<number, number>> {
  const files = new Map<string, Map<number, number>>();
  for (const { file, line, count } of sites) {
    if (line === null || line < 1) continue;
    const lines = files.get(file) ?? new Map<number, number>();
    files.set(file, lines);
    lines.set(line, (lines.get(line) ?? 0) + count);
  }
  return files;
}
