import { type InstructionList, lineAt, NO_LOCATION, opnameAt } from '../code/instruction-list.ts';
import type { BytecodeVersion } from '../opcodes/types.ts';
import type { Unit } from './unit.ts';

// Tracers and debuggers learn about lines, loops and handlers from the form of the code. Here is what woven code
// needs so that they learn the same as from the original.

/**
 * Where every instruction has a line (no "no line" in co_lnotab), a handler at the end of the code would have the last
 * line, and going back from there would be a new line to tracers. So it stands where the operation ends, and is jumped over.
 */
export function handlesInPlace({ locationFormat }: BytecodeVersion): boolean {
  return locationFormat === 'lnotab';
}

/**
 * The interpreter lets a debugger jump by what it finds in the code: GET_ITER begins a loop, POP_BLOCK ends what
 * began last. GET_ITER in a probe's block would be a loop that ends there. So the begin probe, whose result is never
 * true, jumps "if true" to a twin of it outside of the block, which begins the loop for those who only look.
 */
export function needsTwin(list: InstructionList, unit: Unit): boolean {
  const opname = opnameAt(list, unit.site);
  const begins = opname === 'GET_ITER' || opname === 'GET_AITER';
  return list.version.takesIterForLoop && begins && unit.begin === unit.last;
}

/**
 * Where tracers are told of lines by instructions that the interpreter replaces (all that begin a line or are jumped
 * to), a replaced FOR_ITER is never specialized, and so reports how a generator ended; and the instruction behind a
 * callee's return reports its line again. A jump that nothing ever runs makes them look as they did without probes.
 */
export function entryOf(list: InstructionList, targets: Uint8Array, unit: Unit): 'site' | 'end' | undefined {
  if (unit.end === 'loop') return targets[unit.site] === 1 ? 'site' : undefined;
  const caches = list.version.opcodes[list.opcode[unit.last]]?.caches ?? 0;
  const again = list.version.repeatsLineBehindCallee && caches > 0 && unit.end === 'after';
  if (!again || targets[unit.last + 1] === 0) return undefined;
  return lineAt(list, unit.last) === lineAt(list, unit.last + 1) ? 'end' : undefined;
}

/**
 * A stub is at the line where the loop goes on. But where it ends a block that is not a line to jump to for a
 * debugger, who would be in that block: there it has no line, which no tracer can tell if a new line follows.
 */
export function stubLocation(list: InstructionList, unit: Unit, i: number): number {
  const sameLine = lineAt(list, unit.site) === lineAt(list, i);
  return list.version.hasExceptionTable || sameLine ? list.location[i] : NO_LOCATION;
}
