import type { Profile } from '../profile/profile.ts';
import type { Chunks, ExportOptions } from './format.ts';
import { formatByName } from './formats.ts';
import { OPERATIONS, operations } from './operations-table.ts';

/**
 * A profile in a format of other tools, as `pyrewrite export` writes it: the pieces of a file, in order. Tables have a
 * row for each operation and each kind of operands; their labels are columns of the command line only.
 * @param format a name of {@link FORMAT_NAMES}
 * @throws PyrewriteError 'usage' for a format that does not exist
 */
export async function exportProfile(
  profile: Profile,
  format: string,
  options: ExportOptions = {},
): Promise<Chunks> {
  const found = await formatByName(format);
  return found.kind === 'table'
    ? found.format.write(OPERATIONS, operations(profile))
    : found.format.write(profile, options);
}
