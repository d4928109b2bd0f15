/** The library: bytes in, bytes out, for every supported CPython from one process. */

export {
  type Budget,
  type CheckReport,
  type Contribution,
  checkToJson,
  evaluate as checkBudgets,
  type Limit,
  type LimitResult,
  type Metric,
  readBudgets,
} from './check/index.ts';
export { assembleCode } from './code/assemble-code.ts';
export { checkCode, type Invariant, type Violation } from './code/check.ts';
export { type Fold, type FormatOptions, formatCode } from './code/format.ts';
export {
  type AssembledCode,
  assemble,
  disassemble,
  type Handler,
  type InstructionList,
  type Location,
  replaceCode,
  stackDepths,
  walkCode,
} from './code/index.ts';
export { type Problem, type VerifyReport, verifyPyc } from './code/verify.ts';
export {
  type ComparedSide,
  type ComparedSite,
  type CompareOptions,
  type Comparison,
  type CountChange,
  type CountRange,
  compareRuns,
  type FileMatch,
  type FileMatchHow,
  type FunctionMatch,
  type MatchableSite,
  type MatchOptions,
  matchSites,
  type Place,
  type SiteMatch,
  type TimeChange,
  type TimeVerdict,
} from './diff/index.ts';
export { type ErrorCode, PyrewriteError } from './errors.ts';
export {
  type Chunks,
  type ExportOptions,
  exportProfile,
  FORMAT_NAMES,
  type MetricName,
} from './export/index.ts';
export {
  type Category,
  type CategoryId,
  divideTime,
  type Finding,
  findFindings,
  type SourceLines,
  type Taxes,
} from './findings/index.ts';
export {
  bytesValue,
  type CodeObject,
  floatValue,
  intValue,
  type MarshalObject,
  newBytes,
  newFloat,
  newInt,
  newStr,
  newTuple,
  type Pyc,
  type PycHeader,
  readMarshal,
  readPyc,
  sourceHash,
  strValue,
  tupleItems,
  writeMarshal,
  writePyc,
} from './marshal/index.ts';
export { GROUP_NAMES, OPCODE_NAMES, type Selection, selectOpcodes } from './opcodes/selection.ts';
export { stackEffect } from './opcodes/stack-effect.ts';
export type { BytecodeVersion, OpcodeInfo } from './opcodes/types.ts';
export { VERSIONS, versionByName, versionForMagic } from './opcodes/versions.ts';
export { mergeProfiles } from './profile/merge.ts';
export type {
  CollectionStats,
  ContextStats,
  Counters,
  Estimate,
  Interval,
  Losses,
  OffCpu,
  ProcessInfo,
  Profile,
  Sampling,
  SiteStats,
  Suspensions,
  VariantStats,
} from './profile/profile.ts';
export { readProfile } from './profile/reader.ts';
export { formatScreen, formatTable, toJson } from './report/index.ts';
export {
  CodeEditor,
  type InsertOptions,
  type Instruction,
  type NewInstruction,
} from './rewrite/code-editor.ts';
export {
  type InstrumentOptions,
  type InstrumentReport,
  instrument,
  instrumentCode,
} from './rewrite/instrument.ts';
export { probeFolds } from './rewrite/probe-folds.ts';
export type { SkippedSite } from './rewrite/site.ts';
