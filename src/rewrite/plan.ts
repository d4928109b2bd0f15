import { int32Column } from '../bytes/columns.ts';
import { disassemble } from '../code/disassemble.ts';
import { type InstructionList, lineAt, NO_LOCATION } from '../code/instruction-list.ts';
import type { CodeObject } from '../marshal/index.ts';
import type { Operand } from '../opcodes/operands.ts';
import type { Selection } from '../opcodes/selection.ts';
import type { BytecodeVersion } from '../opcodes/types.ts';
import { type Context, newContext } from './context.ts';
import { chooseGates, type Gates } from './gates.ts';
import { operandName } from './operand-name.ts';
import { findOperands } from './operand-probes.ts';
import type { Site, SkippedSite } from './site.ts';
import type { Refusal, Unit } from './unit.ts';
import { firstProbeable, planUnits } from './units.ts';

/** What will be timed in one code object. Site `k` is timed by unit `k`. */
export interface Plan {
  readonly list: InstructionList;
  readonly units: readonly Unit[];
  readonly sites: readonly Site[];
  /** What is looked at before unit `k` begins. */
  readonly operands: readonly (readonly Operand[])[];
  /** Where its two bodies meet, if it is sampled. */
  readonly gates: Gates | undefined;
  readonly skipped: readonly Omit<SkippedSite, 'qualname'>[];
}

/** What is planned besides the selection. */
export interface PlanOptions {
  /** Whether operands are looked at, too. */
  readonly types?: boolean | undefined;
  /** Whether probes go into a second body. */
  readonly sample?: boolean | undefined;
}

/** Instructions that a code object may have to get a second body. */
const MOST_DOUBLED = 1 << 17;

/** Decodes a code object and finds what of the selection can be timed. */
export function planCode(
  code: CodeObject,
  version: BytecodeVersion,
  select: Selection,
  { types = false, sample = false }: PlanOptions = {},
): Plan {
  const list = disassemble(code, version);
  const context = newContext(list);
  const found = planUnits(context, code, select);
  const { units, gates, refusals } = sample ? withGates(context, found) : { ...found, gates: undefined };
  const offsets = units.length === 0 ? int32Column(0) : unitOffsets(list);
  const operands = types ? findOperands(context, code, units) : units.map(() => []);
  return {
    list,
    units,
    operands,
    gates,
    sites: units.map((unit, k) => siteOf(context, code, unit, operands[k], offsets)),
    skipped: refusals.map(({ site, reason }) => {
      const lineno = lineAt(list, site);
      return { opname: context.nameAt(site), lineno: lineno < 0 ? null : lineno, reason };
    }),
  };
}

interface Found {
  readonly units: readonly Unit[];
  readonly refusals: readonly Refusal[];
}

/** Chooses gates, and leaves out the units that none leads to. */
function withGates(
  context: Context,
  { units, refusals }: Found,
): Found & { readonly gates: Gates | undefined } {
  const refuse = (refused: readonly Unit[], reason: string): readonly Refusal[] =>
    refusals.concat(refused.map(({ site }) => ({ site, reason })));
  if (context.list.count > MOST_DOUBLED) {
    const reason = `its code has more than ${MOST_DOUBLED} instructions, too many to double`;
    return { units: [], refusals: refuse(units, reason), gates: undefined };
  }
  if (units.length === 0) return { units, refusals, gates: undefined };
  const gates = chooseGates(context, units, firstProbeable(context));
  const reached = units.filter(({ begin }) => gates.copied[begin] === 1);
  const missed = units.filter(({ begin }) => gates.copied[begin] === 0);
  return { units: reached, refusals: refuse(missed, 'no gate leads to it'), gates };
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
