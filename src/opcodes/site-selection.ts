import { selectOpcodes } from './selection.ts';
import type { BytecodeVersion } from './types.ts';

/**
 * Whether a list as `--opcodes` takes it selects an operation that a profile has by its opcode and what its operand names. Where
 * the two do not tell (whether a subscript is a slice), it does.
 * @param version of the Python that ran
 * @throws PyrewriteError 'bad-selection' for an unknown name or an empty list
 */
export function operationSelector(
  list: string | readonly string[],
  version: BytecodeVersion,
): (opcode: string, name: string | null) => boolean {
  const selection = selectOpcodes(list, version);
  return (opcode, name) => {
    const number = version.opmap.get(opcode);
    return (
      number !== undefined && opargsOf(version, opcode, name).some((oparg) => selection.has(number, oparg))
    );
  };
}

/** Opargs that an operation with this name can have: both of those that only a low bit tells apart. */
function opargsOf(version: BytecodeVersion, opcode: string, name: string | null): readonly number[] {
  const info = version.opcodes[version.opmap.get(opcode) ?? 0];
  const lists: Readonly<Record<string, readonly string[]>> = {
    BINARY_OP: version.nbOps.map(([, symbol]) => symbol),
    COMPARE_OP: version.cmpOps,
    CALL_INTRINSIC_1: version.intrinsics1,
    CALL_INTRINSIC_2: version.intrinsics2,
    LOAD_SPECIAL: version.specialMethods,
  };
  const index = name === null ? -1 : (lists[opcode]?.indexOf(name) ?? -1);
  if (index < 0) return [0, 1];
  return [opcode === 'COMPARE_OP' ? index << (info?.operandShift ?? 0) : index];
}
