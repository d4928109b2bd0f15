import { int32Column } from '../bytes/columns.ts';
import { type Layout, layOut } from '../code/assemble.ts';
import { findTargets, type InstructionList, lineAt, opnameAt } from '../code/instruction-list.ts';
import { ListBuilder } from '../code/list-builder.ts';
import { idiomsOf } from '../opcodes/idioms.ts';

/** As in `compute_line_delta` of 3.13's instrumentation.c: a line less one for each 16 code units, in eight bits. */
const UNITS_PER_LINE_BITS = 4;
const LEAST_DELTA = -125;

/** Not counted as the beginning of a line, wherever they stand (`initialize_lines`). */
const NEVER_BEGINS: ReadonlySet<string> = new Set(['END_ASYNC_FOR', 'END_FOR', 'END_SEND', 'RESUME']);

/** A list with its layout. */
export interface LaidOut {
  readonly list: InstructionList;
  readonly layout: Layout;
}

/**
 * Where code lies far behind its line, the interpreter takes an instruction for the first one of its line if the one that
 * stands before it is of another, and does not ask where control came from. Probes move code far away; so an instruction that
 * is entered there gets a NOP of its own line before it, which only what comes from another line runs.
 * @param firstlineno `co_firstlineno`
 */
export function keepFarLines(list: InstructionList, firstlineno: number): LaidOut {
  let made: LaidOut = { list, layout: layOut(list) };
  if (!list.version.repeatsFarLines) return made;
  for (;;) {
    const places = farEntries(made, firstlineno);
    if (places.length === 0) return made;
    const longer = withNops(made.list, places);
    made = { list: longer, layout: layOut(longer) };
  }
}

/** Instructions that are entered, far away, behind one of another line. */
function farEntries({ list, layout: { starts } }: LaidOut, firstlineno: number): number[] {
  const places: number[] = [];
  const isFar = (i: number): boolean =>
    lineAt(list, i) - firstlineno - (starts[i] >> UNITS_PER_LINE_BITS) < LEAST_DELTA;
  if (starts[list.count] >> UNITS_PER_LINE_BITS <= -LEAST_DELTA) return places;
  const entered = findTargets(list);
  for (let i = 1; i < list.count; i++) {
    if (entered[i] !== 1 || !isFar(i) || lineAt(list, i) < 0 || NEVER_BEGINS.has(opnameAt(list, i))) continue;
    if (lineAt(list, i - 1) !== lineAt(list, i) || NEVER_BEGINS.has(opnameAt(list, i - 1))) places.push(i);
  }
  return places;
}

/**
 * A NOP before each place, with the place's line and the handler of what stands before: there the interpreter looks if a tool's
 * callback raises where an exception handler begins. Whatever leads to the place goes on leading there.
 */
function withNops(list: InstructionList, places: readonly number[]): InstructionList {
  const { nop } = idiomsOf(list.version);
  const out = new ListBuilder(list, list.count + places.length);
  const moved = int32Column(list.count + 1);
  let next = 0;
  for (let i = 0; i < list.count; i++) {
    if (places[next] === i) {
      out.emit(nop, 0, list.location[i], list.handler[i - 1]);
      next++;
    }
    moved[i] = out.count;
    out.copy(i);
  }
  moved[list.count] = out.count;
  // A woven list has labels of its own, which are no numbers of instructions.
  return { ...out.finish(), labels: list.labels.map((i) => moved[i]) };
}
