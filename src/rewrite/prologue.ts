import { NO_LOCATION } from '../code/instruction-list.ts';
import type { ListBuilder } from '../code/list-builder.ts';
import type { Idioms } from '../opcodes/idioms.ts';

/** The runtime's module and the object in it that takes the site table. */
export const RUNTIME_MODULE = '_pyrewrite';
export const RUNTIME_ATTACH = 'attach_1';

/** Where the module's first instructions hand the site table to the runtime. */
export interface Prologue {
  /** It stands before this instruction, which it runs into. */
  readonly at: number;
  /** Indices in co_consts of 0, None and the site table. */
  readonly zeroConst: number;
  readonly noneConst: number;
  readonly tableConst: number;
  /** Indices in co_names of {@link RUNTIME_MODULE} and {@link RUNTIME_ATTACH}. */
  readonly moduleName: number;
  readonly attachName: number;
  /** Filled by {@link emitPrologue}. */
  readonly labels: { cold: number; handler: number };
}

/**
 * `import _pyrewrite` (not bound to a name), then `attach_1 - table`. Operators and no call, so that
 * profilers see no call event; whatever it raises is dropped.
 */
export function emitPrologue(out: ListBuilder, idioms: Idioms, prologue: Prologue, location: number): void {
  const { labels } = prologue;
  labels.cold = out.newLabel();
  const blocks = idioms.setupFinally >= 0 && idioms.popBlock >= 0;
  labels.handler = blocks ? -1 : out.addHandler({ target: labels.cold, depth: 0, lasti: false });
  const emit = (opcode: number, oparg: number): void => out.emit(opcode, oparg, location, labels.handler);
  // A tracer sees the module's first line here, outside of the handler: what it raises is not ours to drop.
  if (blocks) out.emitJump(idioms.setupFinally, labels.cold, location);
  else out.emit(idioms.nop, 0, location);
  const importName = idioms.importName(prologue.moduleName);
  const loadAttr = idioms.loadAttr(prologue.attachName);
  emit(idioms.loadConst, prologue.zeroConst);
  emit(idioms.loadConst, prologue.noneConst);
  emit(importName.opcode, importName.oparg);
  emit(loadAttr.opcode, loadAttr.oparg);
  emit(idioms.loadConst, prologue.tableConst);
  emit(idioms.subtract.opcode, idioms.subtract.oparg);
  emit(idioms.popTop, 0);
  if (blocks) out.emit(idioms.popBlock, 0, location);
}

/** The cold end of the prologue: drops the exception and starts the module. */
export function emitPrologueHandler(out: ListBuilder, idioms: Idioms, prologue: Prologue): void {
  out.bind(prologue.labels.cold);
  for (const op of idioms.swallow) out.emit(op.opcode, op.oparg, NO_LOCATION);
  out.emitJump(idioms.jumpBack, prologue.at, NO_LOCATION);
}
