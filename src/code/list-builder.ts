import { int32Column, uint8Column } from '../bytes/columns.ts';
import { widthOf } from './assemble.ts';
import { type Handler, type InstructionList, NO_HANDLER, NO_LABEL, NO_LOCATION } from './instruction-list.ts';
import type { LineMarks } from './lnotab.ts';

/**
 * Makes an edited copy of a list in one pass: call `bind(i)` where original instruction `i` is
 * entered, `copy(i)` where it stands, and `emit`/`emitJump` for new instructions. Original labels
 * keep their numbers, so jumps, handlers and line changes follow by themselves.
 */
export class ListBuilder {
  readonly #source: InstructionList;
  #count = 0;
  #opcode: Uint8Array;
  #oparg: Int32Array;
  #width: Uint8Array;
  #target: Int32Array;
  #location: Int32Array;
  #handler: Int32Array;
  #labels: Int32Array;
  #labelCount: number;
  readonly #handlers: Handler[];
  #lineMarks: LineMarks | undefined;

  /** @param capacity expected number of instructions; more are no error */
  constructor(source: InstructionList, capacity: number) {
    this.#source = source;
    const size = Math.max(capacity, source.count + 16);
    this.#opcode = uint8Column(size);
    this.#oparg = int32Column(size);
    this.#width = uint8Column(size);
    this.#target = int32Column(size);
    this.#location = int32Column(size);
    this.#handler = int32Column(size);
    this.#labels = int32Column(source.labels.length + 16);
    this.#labelCount = source.labels.length;
    this.#handlers = source.handlers.slice();
    this.#lineMarks = source.lineMarks;
  }

  /** Number of instructions so far. */
  get count(): number {
    return this.#count;
  }

  /** Row of the location of the last instruction; -1 if it has none. */
  get lastLocation(): number {
    return this.#count === 0 ? NO_LOCATION : this.#location[this.#count - 1];
  }

  /** The label stands before the next instruction. */
  bind(label: number): void {
    this.#labels[label] = this.#count;
  }

  /** The line changes of original instruction `i` stand before the next instruction, not where `i` is entered. */
  moveLineMarks(i: number): void {
    const marks = this.#source.lineMarks;
    if (marks === undefined) return;
    const moved = this.newLabel();
    this.bind(moved);
    this.#lineMarks = { ...marks, label: marks.label.map((label) => (label === i ? moved : label)) };
  }

  newLabel(): number {
    if (this.#labelCount === this.#labels.length) this.#labels = enlarged(this.#labels);
    return this.#labelCount++;
  }

  /** Adds a handler; instructions name it by the number returned. */
  addHandler(handler: Handler): number {
    return this.#handlers.push(handler) - 1;
  }

  /** Copies original instruction `i`. */
  copy(i: number, handler: number = this.#source.handler[i], target: number = this.#source.target[i]): void {
    const at = this.#next();
    const source = this.#source;
    this.#opcode[at] = source.opcode[i];
    this.#oparg[at] = source.oparg[i];
    this.#width[at] = target === NO_LABEL ? source.width[i] : 1;
    this.#target[at] = target;
    this.#location[at] = source.location[i];
    this.#handler[at] = handler;
  }

  /** Appends a new instruction. */
  emit(opcode: number, oparg: number, location: number, handler: number = NO_HANDLER): void {
    const at = this.#next();
    this.#opcode[at] = opcode;
    this.#oparg[at] = oparg;
    this.#width[at] = widthOf(oparg);
    this.#target[at] = NO_LABEL;
    this.#location[at] = location;
    this.#handler[at] = handler;
  }

  /** Appends a new jump. */
  emitJump(opcode: number, label: number, location: number, handler: number = NO_HANDLER): void {
    this.emit(opcode, 0, location, handler);
    this.#target[this.#count - 1] = label;
  }

  finish(): InstructionList {
    const { version, locations } = this.#source;
    return {
      version,
      count: this.#count,
      opcode: this.#opcode,
      oparg: this.#oparg,
      width: this.#width,
      target: this.#target,
      location: this.#location,
      handler: this.#handler,
      labels: this.#labels,
      handlers: this.#handlers,
      locations,
      lineMarks: this.#lineMarks,
    };
  }

  #next(): number {
    if (this.#count === this.#opcode.length) this.#grow();
    return this.#count++;
  }

  #grow(): void {
    const opcode = uint8Column(this.#opcode.length * 2);
    opcode.set(this.#opcode);
    this.#opcode = opcode;
    const width = uint8Column(this.#width.length * 2);
    width.set(this.#width);
    this.#width = width;
    this.#oparg = enlarged(this.#oparg);
    this.#target = enlarged(this.#target);
    this.#location = enlarged(this.#location);
    this.#handler = enlarged(this.#handler);
  }
}

function enlarged(column: Int32Array): Int32Array {
  const larger = int32Column(column.length * 2);
  larger.set(column);
  return larger;
}
