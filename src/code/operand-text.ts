import type { CodeObject } from '../marshal/index.ts';
import type { BytecodeVersion, OpcodeInfo } from '../opcodes/types.ts';
import { pythonRepr } from './python-repr.ts';
import { freeName, localName, textAt } from './variables.ts';

const FUNCTION_PARTS = ['defaults', 'kwdefaults', 'annotations', 'closure', 'annotate'];
const CONVERSIONS = ['', 'str', 'repr', 'ascii'];
/** COMPARE_OP's flag for a result that is a bool. */
const TO_BOOL_FLAG = 16;

/**
 * What an oparg stands for, in the words of the newest `dis`; '' where it stands for itself.
 * Jumps are not told: they depend on labels.
 */
export function operandText(
  code: CodeObject,
  version: BytecodeVersion,
  info: OpcodeInfo,
  oparg: number,
): string {
  const index = oparg >>> info.operandShift;
  switch (info.oparg) {
    case 'const': {
      const value = code.co_consts.items[index];
      return value === undefined ? '' : pythonRepr(value);
    }
    case 'name':
      return named(textAt(code.co_names, index), info, oparg);
    case 'local':
      return localName(code, index) ?? '';
    case 'local-pair':
      return `${localName(code, oparg >>> 4) ?? ''}, ${localName(code, oparg & 15) ?? ''}`;
    case 'free':
      return freeName(code, index) ?? '';
    case 'compare':
      return compared(version.cmpOps[index] ?? '', info, oparg);
    default:
      return operation(version, info.opname, oparg);
  }
}

/** A name, and what the flags below its index ask for. */
function named(name: string | undefined, info: OpcodeInfo, oparg: number): string {
  if (name === undefined) return '';
  const flags = oparg & ((1 << info.operandShift) - 1);
  if (info.opname === 'IMPORT_NAME') return `${name}${flags & 1 ? ' + lazy' : flags & 2 ? ' + eager' : ''}`;
  if ((flags & 1) === 0) return name;
  return info.opname === 'LOAD_GLOBAL' ? `${name} + NULL` : `${name} + NULL|self`;
}

function compared(operator: string, info: OpcodeInfo, oparg: number): string {
  const hasFlag = 1 << info.operandShift > TO_BOOL_FLAG && (oparg & TO_BOOL_FLAG) !== 0;
  return hasFlag ? `bool(${operator})` : operator;
}

function operation(version: BytecodeVersion, opname: string, oparg: number): string {
  switch (opname) {
    case 'BINARY_OP':
      return version.nbOps[oparg]?.[1] ?? '';
    case 'IS_OP':
      return oparg === 0 ? 'is' : 'is not';
    case 'CONTAINS_OP':
      return oparg === 0 ? 'in' : 'not in';
    case 'CALL_INTRINSIC_1':
      return version.intrinsics1[oparg] ?? '';
    case 'CALL_INTRINSIC_2':
      return version.intrinsics2[oparg] ?? '';
    case 'LOAD_SPECIAL':
      return version.specialMethods[oparg] ?? '';
    case 'LOAD_COMMON_CONSTANT':
      return (version.commonConstants[oparg] ?? '').replace(/^<class '(\w+)'>$/, '$1');
    case 'MAKE_FUNCTION':
    case 'SET_FUNCTION_ATTRIBUTE':
      return FUNCTION_PARTS.filter((_, bit) => (oparg >> bit) & 1).join(', ');
    case 'FORMAT_VALUE':
    case 'CONVERT_VALUE':
      return converted(opname, oparg);
    default:
      return '';
  }
}

/** FORMAT_VALUE has the conversion in two bits, and one for a format specification. */
function converted(opname: string, oparg: number): string {
  const conversion = CONVERSIONS[oparg & 3] ?? '';
  if (opname === 'CONVERT_VALUE' || (oparg & 4) === 0) return conversion;
  return conversion === '' ? 'with format' : `${conversion}, with format`;
}
