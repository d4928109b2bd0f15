export { type AssembledCode, assemble, widthOf } from './assemble.ts';
export { nestedCode, replaceCode, walkCode } from './code-object.ts';
export { disassemble, tableOf } from './disassemble.ts';
export * from './instruction-list.ts';
export { ListBuilder } from './list-builder.ts';
export { type Location, type Locations, locationAt } from './locations.ts';
export { type StackDepths, stackDepths, UNREACHED } from './stack-depth.ts';
