import { assembleCode } from '../code/assemble-code.ts';
import { disassemble } from '../code/disassemble.ts';
import {
  type InstructionList,
  NO_HANDLER,
  NO_LABEL,
  NO_LOCATION,
  opnameAt,
} from '../code/instruction-list.ts';
import { ListBuilder } from '../code/list-builder.ts';
import { type Location, locationAt } from '../code/locations.ts';
import { PyrewriteError } from '../errors.ts';
import { type CodeObject, type MarshalObject, newStr, newTuple } from '../marshal/index.ts';
import type { BytecodeVersion } from '../opcodes/types.ts';

/** An instruction of the original code. Edits name places by these objects, whatever else is edited. */
export interface Instruction {
  /** Place in the original code, counted in instructions. */
  readonly index: number;
  readonly opcode: number;
  readonly opname: string;
  /** As in `dis`; for jumps see `target`. */
  readonly oparg: number;
  /** Index of the instruction that it jumps to, or undefined. */
  readonly target: number | undefined;
  readonly location: Location;
}

/** An instruction to insert; the oparg counts as in `dis` and is 0 where the opcode has none. */
export interface NewInstruction {
  readonly opname: string;
  readonly oparg?: number;
}

export interface InsertOptions {
  /** Whether jumps to the anchor run the new code too (`enter`, the default) or not (`skip`). Only for `insertBefore`. */
  readonly jumps?: 'enter' | 'skip';
  /** Whether the anchor's exception handler covers the new code; default true. */
  readonly protect?: boolean;
  /** Source position of the new code: the anchor's (default) or none. */
  readonly location?: 'anchor' | 'none';
}

interface Insertion {
  readonly code: readonly NewInstruction[];
  readonly options: InsertOptions;
}

/**
 * Edits one code object. Offsets, EXTENDED_ARG, caches, tables and co_stacksize are computed once, in `toCode`.
 * Inserted code must leave the stack as it found it.
 *
 * @example
 * const editor = new CodeEditor(pyc.code, pyc.version);
 * for (const instr of editor.instructions)
 *   if (instr.opname === 'RETURN_VALUE') editor.insertBefore(instr, [{ opname: 'NOP' }]);
 * const code = editor.toCode();
 */
export class CodeEditor {
  readonly #code: CodeObject;
  readonly #list: InstructionList;
  readonly #before = new Map<number, Insertion[]>();
  readonly #after = new Map<number, Insertion[]>();
  readonly #consts: MarshalObject[];
  readonly #names: MarshalObject[];
  /** The original instructions, in code order. */
  readonly instructions: readonly Instruction[];

  /** @throws PyrewriteError 'bad-code' or 'bad-table' if the code is malformed */
  constructor(code: CodeObject, version: BytecodeVersion) {
    this.#code = code;
    this.#list = disassemble(code, version);
    this.#consts = code.co_consts.items.slice();
    this.#names = code.co_names.items.slice();
    this.instructions = instructionsOf(this.#list);
  }

  /** Inserts code before an instruction. */
  insertBefore(anchor: Instruction, code: readonly NewInstruction[], options: InsertOptions = {}): this {
    return this.#insert(this.#before, anchor, code, options);
  }

  /** Inserts code behind an instruction, where execution goes on when it neither jumps nor raises. */
  insertAfter(anchor: Instruction, code: readonly NewInstruction[], options: InsertOptions = {}): this {
    const info = this.#list.version.opcodes[anchor.opcode];
    if (info?.terminates === true) {
      throw new PyrewriteError('bad-edit', `nothing can run behind ${anchor.opname}`, {
        remedy: 'use insertBefore',
      });
    }
    return this.#insert(this.#after, anchor, code, options);
  }

  /** Appends a constant and returns its index in co_consts. */
  addConst(value: MarshalObject): number {
    return this.#consts.push(value) - 1;
  }

  /** Appends a name and returns its index in co_names. */
  addName(name: string): number {
    return this.#names.push(newStr(name)) - 1;
  }

  /** The edited code object; the original object itself if nothing was edited. */
  toCode(): CodeObject {
    const { co_consts, co_names } = this.#code;
    const grown =
      this.#consts.length !== co_consts.items.length || this.#names.length !== co_names.items.length;
    if (this.#before.size === 0 && this.#after.size === 0 && !grown) return this.#code;
    return assembleCode(this.#code, this.#edit(), {
      co_consts: newTuple(this.#consts),
      co_names: newTuple(this.#names),
    });
  }

  #insert(
    place: Map<number, Insertion[]>,
    anchor: Instruction,
    code: readonly NewInstruction[],
    options: InsertOptions,
  ): this {
    if (this.instructions[anchor.index] !== anchor) {
      throw new PyrewriteError('bad-edit', `${anchor.opname} is not an instruction of this code object`, {
        remedy: 'take the anchor from this editor’s `instructions`',
      });
    }
    for (const { opname } of code) opcodeOf(this.#list.version, opname);
    const known = place.get(anchor.index);
    if (known === undefined) place.set(anchor.index, [{ code, options }]);
    else known.push({ code, options });
    return this;
  }

  #edit(): InstructionList {
    const out = new ListBuilder(this.#list, this.#list.count * 2);
    for (let i = 0; i < this.#list.count; i++) {
      const before = this.#before.get(i) ?? [];
      for (const insertion of before) if (insertion.options.jumps === 'skip') this.#emit(out, i, insertion);
      out.bind(i);
      for (const insertion of before) if (insertion.options.jumps !== 'skip') this.#emit(out, i, insertion);
      out.copy(i);
      for (const insertion of this.#after.get(i) ?? []) this.#emit(out, i, insertion);
    }
    out.bind(this.#list.count);
    return out.finish();
  }

  #emit(out: ListBuilder, i: number, { code, options }: Insertion): void {
    const location = options.location === 'none' ? NO_LOCATION : this.#list.location[i];
    const handler = options.protect === false ? NO_HANDLER : this.#list.handler[i];
    for (const { opname, oparg } of code)
      out.emit(opcodeOf(this.#list.version, opname), oparg ?? 0, location, handler);
  }
}

function opcodeOf(version: BytecodeVersion, opname: string): number {
  const opcode = version.opmap.get(opname);
  const info = opcode === undefined ? undefined : version.opcodes[opcode];
  if (opcode === undefined || info === undefined) {
    throw new PyrewriteError('bad-edit', `Python ${version.name} has no instruction ${opname}`);
  }
  if (info.jump !== 'none') throw new PyrewriteError('bad-edit', `${opname} cannot be inserted: it jumps`);
  return opcode;
}

function instructionsOf(list: InstructionList): Instruction[] {
  return Array.from({ length: list.count }, (_, index) => ({
    index,
    opcode: list.opcode[index],
    opname: opnameAt(list, index),
    oparg: list.oparg[index] >>> 0,
    target: list.target[index] === NO_LABEL ? undefined : list.labels[list.target[index]],
    location: locationAt(list.locations, list.location[index]),
  }));
}
