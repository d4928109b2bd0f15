/** Gates of sampled code without the runtime: what they test are constants. */
import { replaceCode } from '../../src/code/index.ts';
import { type CodeObject, isCode, newInt, newTuple } from '../../src/marshal/index.ts';
import { type ProbedCode, probedCodes } from '../../src/rewrite/probed-codes.ts';

/** Index in co_consts of what the gates of a code object test first; the next one is what they test then. */
export function gateConst({ record }: ProbedCode): number {
  const operands = record.sites.reduce((sum, site) => sum + site.operands.length, 0);
  return record.firstConst + record.sites.length + operands;
}

/** A module whose gates always lead to the copies, as if one window were open for ever. */
export function openGates(module: CodeObject): CodeObject {
  const gates = new Map<CodeObject, number>();
  for (const probed of probedCodes(module) ?? [])
    if (probed.code !== undefined && probed.record.origins !== undefined)
      gates.set(probed.code, gateConst(probed));
  const open = (code: CodeObject): CodeObject => {
    const items = code.co_consts.items.map((item) => (isCode(item) ? open(item) : item));
    const at = gates.get(code);
    if (at !== undefined) items.splice(at, 2, newTuple([newInt(0)]), newInt(1));
    const changed = items.some((item, k) => item !== code.co_consts.items[k]);
    return changed ? replaceCode(code, { co_consts: newTuple(items) }) : code;
  };
  return open(module);
}
