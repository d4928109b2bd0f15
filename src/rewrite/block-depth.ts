import { int32Column, uint8Column } from '../bytes/columns.ts';
import { type InstructionList, NO_LABEL, opnameAt } from '../code/instruction-list.ts';

/** Change of the block stack by an instruction that goes on: set-ups push, handlers' ends pop. */
const POPS = /^(POP_BLOCK|POP_EXCEPT|POP_FINALLY|WITH_CLEANUP_FINISH|END_FINALLY)$/;

/**
 * 1 for each instruction that is nested in as many blocks as the interpreter's block stack holds, so that
 * no probe's own block fits. All zero where the version has no blocks or the code cannot nest so deep.
 */
export function crowdedInstructions(list: InstructionList): Uint8Array {
  const crowded = uint8Column(list.count);
  const { maxBlocks } = list.version;
  if (maxBlocks === 0 || countSetups(list) < maxBlocks) return crowded;
  const depth = blockDepths(list);
  for (let i = 0; i < list.count; i++) crowded[i] = depth[i] >= maxBlocks ? 1 : 0;
  return crowded;
}

function isSetup(opname: string): boolean {
  return opname.startsWith('SETUP_') && opname !== 'SETUP_ANNOTATIONS';
}

/** Each set-up holds one block at a time, of the body or of its handler. */
function countSetups(list: InstructionList): number {
  let setups = 0;
  for (let i = 0; i < list.count; i++) if (isSetup(opnameAt(list, i))) setups++;
  return setups;
}

/** An upper bound of the block depth before each instruction, by all paths; saturates at the limit. */
function blockDepths(list: InstructionList): Int32Array {
  const depth = int32Column(list.count + 1).fill(-1);
  const work = [0];
  depth[0] = 0;
  const enter = (i: number, blocks: number): void => {
    const bounded = Math.min(Math.max(blocks, 0), list.version.maxBlocks);
    if (i > list.count || depth[i] >= bounded) return;
    depth[i] = bounded;
    work.push(i);
  };
  for (let i = work.pop(); i !== undefined; i = work.pop()) {
    if (i >= list.count) continue;
    const opname = opnameAt(list, i);
    const info = list.version.opcodes[list.opcode[i]];
    const pushes = isSetup(opname) ? 1 : 0;
    if (list.target[i] !== NO_LABEL) enter(list.labels[list.target[i]], depth[i] + pushes);
    if (info?.terminates !== true) enter(i + 1, depth[i] + pushes - (POPS.test(opname) ? 1 : 0));
  }
  return depth;
}
