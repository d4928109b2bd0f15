import { bytesValue, type CodeObject, isBytes, isCode } from '../marshal/index.ts';
import { isSiteTable, readSiteTable, type SiteTableCode } from './read-site-table.ts';

/** A record of a module's site table. */
export interface ProbedCode {
  readonly record: SiteTableCode;
  /** The code object that it is about; undefined where the table does not fit the module. */
  readonly code: CodeObject | undefined;
  /** Number of its first site in the whole table. */
  readonly firstSite: number;
}

/**
 * What an instrumented module's site table is about.
 * @returns undefined for a module without a site table
 */
export function probedCodes(module: CodeObject): readonly ProbedCode[] | undefined {
  const table = module.co_consts.items.findLast((item) => isBytes(item) && isSiteTable(bytesValue(item)));
  if (table === undefined) return undefined;
  const found: ProbedCode[] = [];
  let firstSite = 0;
  for (const record of readSiteTable(bytesValue(table))) {
    const code = record.parent < 0 ? module : nestedAt(found[record.parent]?.code, record.constIndex);
    found.push({ record, code, firstSite });
    firstSite += record.sites.length;
  }
  return found;
}

function nestedAt(parent: CodeObject | undefined, constIndex: number): CodeObject | undefined {
  const item = parent?.co_consts.items[constIndex];
  return item !== undefined && isCode(item) ? item : undefined;
}
