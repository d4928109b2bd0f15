export { type CodeChanges, copyCode } from './code-fields.ts';
export * from './nodes.ts';
export * from './pyc.ts';
export { MarshalReader, readMarshal } from './reader.ts';
export { ELLIPSIS, FALSE, isSingletonType, NONE, STOPITER, TRUE } from './singletons.ts';
export { sourceHash } from './source-hash.ts';
export * from './types.ts';
export * from './values.ts';
export { writeMarshal } from './writer.ts';
