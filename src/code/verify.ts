import { PyrewriteError } from '../errors.ts';
import { bytesValue, type CodeObject, readPyc, strValue, writePyc } from '../marshal/index.ts';
import type { BytecodeVersion } from '../opcodes/types.ts';
import { assemble } from './assemble.ts';
import { checkCode, type Invariant } from './check.ts';
import { walkCode } from './code-object.ts';
import { disassemble, tableOf } from './disassemble.ts';
import { stackDepths } from './stack-depth.ts';

/** Something that is wrong with a file. */
export interface Problem {
  /** `identity`: other bytes after reading and writing; `readable`: no .pyc file at all; else see `checkCode`. */
  readonly law: Invariant | 'identity' | 'readable';
  /** Qualified name of the code object, `undefined` for the file as a whole. */
  readonly function: string | undefined;
  /** `co_firstlineno` of the code object. */
  readonly line: number | undefined;
  readonly detail: string;
}

/** What was checked in one file, and what is wrong with it. */
export interface VerifyReport {
  codeObjects: number;
  instructions: number;
  /** Code objects whose recomputed stack size is the stored one; the others need less, or are among the problems. */
  stackSizeEqual: number;
  readonly problems: Problem[];
}

/**
 * Reads and writes a .pyc file, takes apart and puts together each of its code objects, and checks their invariants.
 * What is wrong with the file is told, not thrown.
 */
export function verifyPyc(bytes: Uint8Array): VerifyReport {
  const report: VerifyReport = { codeObjects: 0, instructions: 0, stackSizeEqual: 0, problems: [] };
  const fileProblem = (law: Problem['law'], detail: string): void => {
    report.problems.push({ law, function: undefined, line: undefined, detail });
  };
  try {
    const pyc = readPyc(bytes);
    if (!isSame(writePyc(pyc), bytes)) fileProblem('identity', 'other bytes after reading and writing');
    for (const code of walkCode(pyc.code)) verifyCode(code, pyc.version, report);
  } catch (error) {
    if (!(error instanceof PyrewriteError)) throw error;
    fileProblem('readable', error.message);
  }
  return report;
}

function verifyCode(code: CodeObject, version: BytecodeVersion, report: VerifyReport): void {
  report.codeObjects++;
  const place = { function: strValue(code.co_qualname ?? code.co_name), line: code.co_firstlineno };
  const violations = checkCode(code, version);
  for (const { invariant, detail } of violations) report.problems.push({ law: invariant, ...place, detail });
  if (violations.some(({ invariant }) => invariant === 'decodable')) return;
  for (const field of changedFields(code, version, report)) {
    const detail = `${field} differs after disassembling and assembling`;
    report.problems.push({ law: 'identity', ...place, detail });
  }
}

/** The fields that an unedited assembly changes. */
function changedFields(code: CodeObject, version: BytecodeVersion, report: VerifyReport): string[] {
  const list = disassemble(code, version);
  const bytes = assemble(list, code.co_firstlineno);
  report.instructions += list.count;
  if (stackDepths(list, code.co_flags).max === code.co_stacksize) report.stackSizeEqual++;
  const changed: string[] = [];
  if (!isSame(bytes.co_code, bytesValue(code.co_code))) changed.push('co_code');
  if (!isSame(bytes.linetable, bytesValue(tableOf(code)))) changed.push('line table');
  const exceptions = code.co_exceptiontable;
  if (exceptions !== undefined && !isSame(bytes.co_exceptiontable, bytesValue(exceptions)))
    changed.push('co_exceptiontable');
  return changed;
}

function isSame(a: Uint8Array, b: Uint8Array): boolean {
  return Buffer.compare(a, b) === 0;
}
