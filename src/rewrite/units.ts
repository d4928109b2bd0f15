import { int32Column } from '../bytes/columns.ts';
import type { InstructionList } from '../code/instruction-list.ts';
import type { CodeObject } from '../marshal/index.ts';
import type { Selection } from '../opcodes/selection.ts';
import { timingOf } from '../opcodes/timing.ts';
import { findAwait } from './await-unit.ts';
import { crowdedInstructions } from './block-depth.ts';
import { type Context, enteredWithin } from './context.ts';
import { isInPlaceAddition, isListAppend } from './glue.ts';
import { findLoop } from './loop-unit.ts';
import { startsLine } from './operand-probes.ts';
import { SITE_OPERATION } from './site.ts';
import type { Found, Refusal, Unit } from './unit.ts';

export interface Plan {
  /** In code order, disjoint. */
  readonly units: readonly Unit[];
  readonly refusals: readonly Refusal[];
}

/** Finds the units of all selected instructions of a code object. */
export function planUnits(context: Context, code: CodeObject, selection: Selection): Plan {
  const { list } = context;
  const units: Unit[] = [];
  const refusals: Refusal[] = [];
  /** Unit that covers an instruction: a later one may not overlap it. */
  const owner = int32Column(list.count).fill(-1);
  const exits = new Set<number>();
  const crowded = crowdedInstructions(list);
  const first = firstProbeable(context);
  const conflict = (unit: Unit): string => {
    for (let i = unit.begin; i <= unit.last; i++) {
      if (owner[i] >= 0) return `timed together with ${context.nameAt(units[owner[i]].site)}`;
    }
    if (unit.exit >= 0 && unit.end !== 'loop-stub' && exits.has(unit.exit))
      return 'shares its exit with another operation';
    return crowded[unit.site] === 1 ? 'nested in as many blocks as the interpreter allows' : '';
  };
  const claim = (unit: Unit): void => {
    owner.fill(units.length, unit.begin, unit.last + 1);
    if (unit.exit >= 0) exits.add(unit.exit);
    units.push(unit);
  };
  for (let i = 0; i < list.count; i++) {
    if (!isSelected(list, selection, i)) continue;
    if (owner[i] >= 0) {
      refusals.push({ site: i, reason: `timed together with ${context.nameAt(units[owner[i]].site)}` });
      continue;
    }
    const found = i < first ? 'before the function has started' : findUnit(context, code, i);
    const reason = typeof found === 'string' ? found : conflict(found);
    if (typeof found === 'string' || reason !== '') refusals.push({ site: i, reason });
    else claim(found);
  }
  return { units, refusals };
}

function isSelected(list: InstructionList, selection: Selection, i: number): boolean {
  const opcode = list.opcode[i];
  if (selection.opcodes[opcode] === 0) return false;
  return selection.has(opcode, list.oparg[i] >>> 0, i === 0 ? -1 : list.opcode[i - 1]);
}

/** The instruction behind the last RESUME of the prologue: frames are visible only from there on. */
export function firstProbeable(context: Context): number {
  let first = 0;
  for (let i = 0; i < context.list.count; i++) {
    const opname = context.nameAt(i);
    if (opname === 'RETURN_GENERATOR') {
      // POP_TOP takes the value that the first send() sends; RESUME comes next.
      first = i + 3;
      break;
    }
    if (first === 0 && (opname === 'RESUME' || opname === 'GEN_START')) first = i + 1;
    if (context.infoAt(i).jump !== 'none' || context.infoAt(i).terminates) break;
  }
  return first;
}

function findUnit(context: Context, code: CodeObject, i: number): Found {
  const timing = timingOf(context.list.version, context.list.opcode[i], context.list.oparg[i] >>> 0);
  if (timing.kind === 'refused') return timing.reason;
  if (timing.kind === 'plain') return gluedToPrevious(context, code, i) || findPlain(context, i);
  switch (timing.idiom) {
    case 'call':
      return findCall(context, code, i);
    case 'for-iter':
      return findLoop(context, i);
    case 'await':
      return findAwait(context, i);
    case 'truth-test':
      return findTruthTest(context, i);
    case 'with-enter':
      return findSpecial(context, i);
    default:
      return `has no timing rule (${timing.idiom})`;
  }
}

/** Why no probe may stand before instruction `i`, where the interpreter recognizes it by the one before it; else ''. */
function gluedToPrevious(context: Context, code: CodeObject, i: number): string {
  if (i === 0) return '';
  if (isInPlaceAddition(context, i - 1)) return 'a probe before it would make string += slow';
  const isAppend = context.nameAt(i) === 'POP_TOP' && isListAppend(context, code, i - 1);
  return isAppend ? 'a probe before it would make list.append slow' : '';
}

/** A unit that ends behind its last instruction. */
function plainUnit(site: number, begin: number, last: number): Unit {
  return { site, kind: SITE_OPERATION, begin, last, end: 'after', exit: -1 };
}

function findPlain(context: Context, i: number): Found {
  const { list } = context;
  const opname = context.nameAt(i);
  const before = context.nameAt(i - 1);
  const after = context.nameAt(i + 1);
  if (context.infoAt(i).terminates) return { ...plainUnit(i, i, i), end: 'never' };
  if (opname === 'POP_TOP' && before === 'END_FOR') return 'the interpreter needs it right behind END_FOR';
  if ((opname === 'POP_TOP' || opname === 'DUP_TOP') && startsLine(list, i))
    return 'debuggers know an except clause by it';
  if ((opname === 'GET_ITER' || opname === 'GET_AITER') && after === 'CALL_FUNCTION')
    return glued(context, i, i, i + 1);
  if (opname === 'DUP_TOP' && after === 'CALL_FUNCTION' && context.nameAt(i + 2) === 'GET_AWAITABLE')
    return 'the interpreter needs it right before CALL_FUNCTION';
  if (opname === 'WITH_EXCEPT_START' && after === 'GET_AWAITABLE' && !list.version.hasExceptionTable)
    return 'the interpreter needs it right before GET_AWAITABLE';
  if (opname === 'IMPORT_NAME') return plainUnit(i, importBegin(context, i), i);
  if (isInPlaceAddition(context, i)) {
    if (context.targets[i + 1] === 1)
      return `a probe before ${after} would make string += slow, and it is a jump target`;
    return plainUnit(i, i, i + 1);
  }
  if (list.target[i] >= 0 && context.infoAt(i).jump !== 'none') return 'it jumps';
  return plainUnit(i, i, i);
}

/** modulefinder looks for the two loads right before IMPORT_NAME: the probe stands before them. */
function importBegin(context: Context, i: number): number {
  const loads = /^LOAD_(CONST|SMALL_INT|COMMON_CONSTANT)/;
  const found = loads.test(context.nameAt(i - 1)) && loads.test(context.nameAt(i - 2));
  return found && !enteredWithin(context, i - 1, i) ? i - 2 : i;
}

function glued(context: Context, site: number, begin: number, last: number): Found {
  if (enteredWithin(context, begin + 1, last)) return 'its parts are jumped to';
  return plainUnit(site, begin, last);
}

const BLOCK_SETUPS: ReadonlySet<string> = new Set(['SETUP_WITH', 'SETUP_FINALLY', 'BEFORE_ASYNC_WITH']);

function findCall(context: Context, code: CodeObject, i: number): Found {
  const opname = context.nameAt(i);
  if (opname === 'KW_NAMES' || opname === 'PRECALL') return 'timed as part of CALL';
  if (context.list.version.maxBlocks > 0 && BLOCK_SETUPS.has(context.nameAt(i + 1))) {
    return `a probe before ${context.nameAt(i + 1)} would let a signal in before the block is entered`;
  }
  const before = context.nameAt(i - 1);
  if (before === 'LOAD_SPECIAL') return glued(context, i, i - 1, i);
  if (before === 'GET_ITER' || before === 'GET_AITER') {
    if (opname === 'CALL_FUNCTION') return glued(context, i, i - 1, i);
  }
  if (before === 'DUP_TOP' && context.nameAt(i + 1) === 'GET_AWAITABLE')
    return 'the interpreter needs it right before GET_AWAITABLE';
  let begin = i;
  if (context.nameAt(begin - 1) === 'PRECALL') begin--;
  if (context.nameAt(begin - 1) === 'KW_NAMES') begin--;
  if (begin !== i)
    return isListAppend(context, code, i) ? appendUnit(context, i, begin) : glued(context, i, begin, i);
  return isListAppend(context, code, i) ? appendUnit(context, i, i) : plainUnit(i, i, i);
}

function appendUnit(context: Context, site: number, begin: number): Found {
  const last = context.targets[site + 1] === 0 ? site + 1 : site;
  return glued(context, site, begin, last);
}

/** LOAD_SPECIAL and the CALL of what it loaded stay together: see cpython's check_periodics. */
function findSpecial(context: Context, i: number): Found {
  if (context.nameAt(i + 1) !== 'CALL') return plainUnit(i, i, i);
  return glued(context, i, i, i + 1);
}

/** Results that are bools already: testing them runs nothing. */
const MAKES_BOOL = /^(COMPARE_OP|CONTAINS_OP|IS_OP|UNARY_NOT|CHECK_\w+|GET_LEN|MATCH_\w+)$/;

function findTruthTest(context: Context, i: number): Found {
  if (MAKES_BOOL.test(context.nameAt(i - 1)) && context.targets[i] === 0) {
    return `tests what ${context.nameAt(i - 1)} has just made`;
  }
  return { ...plainUnit(i, i, i), end: 'truth' };
}
