import { freeName, localName, textAt } from '../code/variables.ts';
import type { CodeObject } from '../marshal/index.ts';
import type { Context } from './context.ts';
import { calleeLoad } from './glue.ts';
import { UNKNOWN_PRODUCER } from './producers.ts';

/** Name of what an instruction works on: attribute, variable, module, operator, callee …; '' where there is none. */
export function operandName(context: Context, code: CodeObject, i: number): string {
  const direct = directName(context, code, i);
  if (direct !== undefined) return direct;
  if (!context.nameAt(i).startsWith('CALL')) return '';
  const load = calleeLoad(context, i);
  return load === UNKNOWN_PRODUCER ? '' : (directName(context, code, load) ?? '');
}

/** The name that the operand itself says; undefined where it says none. */
export function directName(context: Context, code: CodeObject, i: number): string | undefined {
  const { version } = context.list;
  const info = context.infoAt(i);
  const oparg = context.list.oparg[i] >>> 0;
  const index = oparg >> info.operandShift;
  switch (info.oparg) {
    case 'name':
      return textAt(code.co_names, index);
    case 'local':
      return localName(code, index);
    case 'local-pair':
      return `${localName(code, oparg >> 4) ?? ''}, ${localName(code, oparg & 15) ?? ''}`;
    case 'free':
      return freeName(code, index);
    case 'compare':
      return version.cmpOps[index];
    default:
      return operationName(context, info.opname, oparg);
  }
}

function operationName(context: Context, opname: string, oparg: number): string | undefined {
  const { version } = context.list;
  switch (opname) {
    case 'BINARY_OP':
      return version.nbOps[oparg]?.[1];
    case 'CONTAINS_OP':
      return oparg & 1 ? 'not in' : 'in';
    case 'IS_OP':
      return oparg & 1 ? 'is not' : 'is';
    case 'LOAD_SPECIAL':
      return version.specialMethods[oparg];
    case 'CALL_INTRINSIC_1':
      return version.intrinsics1[oparg];
    case 'CALL_INTRINSIC_2':
      return version.intrinsics2[oparg];
    default:
      return undefined;
  }
}
