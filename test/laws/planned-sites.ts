import { nestedCode } from '../../src/code/index.ts';
import { type CodeObject, type Pyc, strValue } from '../../src/marshal/index.ts';
import type { Selection } from '../../src/opcodes/selection.ts';
import { planCode } from '../../src/rewrite/plan.ts';

export interface PlannedSite {
  /** As exact_counts.py names the instruction, by its opcode and by its first prefix. */
  readonly keys: readonly string[];
  readonly opname: string;
}

/** The sites in the order of the site table: a code object's own, then those nested in it. */
export function plannedSites(code: CodeObject, pyc: Pyc, select: Selection): PlannedSite[] {
  const { list, units, sites } = planCode(code, pyc.version, select);
  const own = sites.map(({ opname, offset }, k) => {
    const place = `${code.co_firstlineno} ${strValue(code.co_name)}`;
    // 3.11 reports an instruction at its EXTENDED_ARG.
    const prefix = offset - list.width[units[k].site] + 1;
    return { keys: [`${place} ${offset * 2}`, `${place} ${prefix * 2}`], opname };
  });
  return [...own, ...nestedCode(code).flatMap((nested) => plannedSites(nested.code, pyc, select))];
}
