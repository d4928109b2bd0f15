import { int32Column } from '../bytes/columns.ts';
import { disassemble } from '../code/disassemble.ts';
import { type InstructionList, NO_LOCATION } from '../code/instruction-list.ts';
import type { CodeObject } from '../marshal/index.ts';
import type { Operand } from '../opcodes/operands.ts';
import type { Selection } from '../opcodes/selection.ts';
import type { BytecodeVersion } from '../opcodes/types.ts';
import { type Context, newContext } from './context.ts';
import { operandName } from './operand-name.ts';
import { findOperands } from './operand-probes.ts';
import type { Site, SkippedSite } from './site.ts';
import type { Unit } from './unit.ts';
import { planUnits } from './units.ts';

/** What will be timed in one code object. Site `k` is timed by unit `k`. */
export interface Plan {
  readonly list: InstructionList;
  readonly units: readonly Unit[];
  readonly sites: readonly Site[];
  /** What is looked at before unit `k` begins. */
  readonly operands: readonly (readonly Operand[])[];
  readonly skipped: readonly Omit<SkippedSite, 'qualname'>[];
}

/**
 * Decodes a code object and finds what of the selection can be timed.
 * @param types whether operands are looked at, too
 */
export function planCode(
  code: CodeObject,
  version: BytecodeVersion,
  select: Selection,
  types: boolean = false,
): Plan {
  const list = disassemble(code, version);
  const context = newContext(list);
  const { units, refusals } = planUnits(context, code, select);
  const offsets = units.length === 0 ? int32Column(0) : unitOffsets(list);
  const operands = units.map((unit) => (types ? findOperands(context, unit) : []));
  return {
    list,
    units,
    operands,
    sites: units.map((unit, k) => siteOf(context, code, unit, operands[k], offsets)),
    skipped: refusals.map(({ site, reason }) => {
      const lineno = lineAt(list, site);
      return { opname: context.nameAt(site), lineno: lineno < 0 ? null : lineno, reason };
    }),
  };
}

function unitOffsets(list: InstructionList): Int32Array {
  const offsets = int32Column(list.count);
  let unit = 0;
  for (let i = 0; i < list.count; i++) {
    offsets[i] = unit + list.width[i] - 1;
    unit += list.width[i] + (list.version.opcodes[list.opcode[i]]?.caches ?? 0);
  }
  return offsets;
}

function lineAt(list: InstructionList, i: number): number {
  const row = list.location[i];
  return row === NO_LOCATION ? -1 : list.locations.lineno[row];
}

function siteOf(
  context: Context,
  code: CodeObject,
  unit: Unit,
  operands: readonly Operand[],
  offsets: Int32Array,
): Site {
  const { list } = context;
  const row = list.location[unit.site];
  const at = (column: Int32Array): number => (row === NO_LOCATION ? -1 : column[row]);
  return {
    kind: unit.kind,
    operands: operands.map(({ kind }) => kind),
    opcode: list.opcode[unit.site],
    opname: context.nameAt(unit.site),
    name: operandName(context, code, unit.site),
    offset: offsets[unit.site],
    lineno: at(list.locations.lineno),
    endLineno: at(list.locations.endLineno),
    colOffset: at(list.locations.colOffset),
    endColOffset: at(list.locations.endColOffset),
  };
}
