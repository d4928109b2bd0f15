import {
  bytesValue,
  type CodeObject,
  complexValue,
  ELLIPSIS,
  FALSE,
  floatValue,
  intValue,
  isBytes,
  isCode,
  isStr,
  isTuple,
  type MarshalObject,
  NONE,
  STOPITER,
  type StrObject,
  strValue,
  TRUE,
  TYPE_BINARY_COMPLEX,
  TYPE_BINARY_FLOAT,
  TYPE_COMPLEX,
  TYPE_DICT,
  TYPE_FLOAT,
  TYPE_FROZENDICT,
  TYPE_FROZENSET,
  TYPE_INT,
  TYPE_INT64,
  TYPE_INTERNED,
  TYPE_LIST,
  TYPE_LONG,
  TYPE_SET,
  TYPE_SLICE,
  TYPE_UNICODE,
} from '../marshal/index.ts';

const SINGLETONS: ReadonlyMap<number, string> = new Map([
  [NONE.type, 'None'],
  [TRUE.type, 'True'],
  [FALSE.type, 'False'],
  [ELLIPSIS.type, 'Ellipsis'],
  [STOPITER.type, 'StopIteration'],
]);

/** What Python's `repr()` gives; sets in file order, and code objects without their address. */
export function pythonRepr(object: MarshalObject): string {
  return reprIn(object, new Set());
}

/** @param open the containers around the object: one that contains itself ends there */
function reprIn(object: MarshalObject, open: Set<MarshalObject>): string {
  const singleton = SINGLETONS.get(object.type);
  if (singleton !== undefined) return singleton;
  if (isStr(object)) return strRepr(charsOf(object));
  if (isBytes(object)) return bytesRepr(bytesValue(object));
  if (isCode(object)) return codeRepr(object);
  if ('items' in object) {
    if (open.has(object))
      return object.type === TYPE_LIST ? '[...]' : object.type === TYPE_DICT ? '{...}' : '(...)';
    open.add(object);
    const text = containerRepr(object.type, object.items, open);
    open.delete(object);
    return text;
  }
  return numberRepr(object);
}

/** `<code object NAME, file "FILE", line N>`, as `repr()` but without the address. */
export function codeRepr(code: CodeObject): string {
  return `<code object ${strValue(code.co_name)}, file "${strValue(code.co_filename)}", line ${code.co_firstlineno}>`;
}

function containerRepr(type: number, items: readonly MarshalObject[], open: Set<MarshalObject>): string {
  const texts = items.map((item) => reprIn(item, open));
  switch (type) {
    case TYPE_LIST:
      return `[${texts.join(', ')}]`;
    case TYPE_SET:
      return texts.length === 0 ? 'set()' : `{${texts.join(', ')}}`;
    case TYPE_FROZENSET:
      return texts.length === 0 ? 'frozenset()' : `frozenset({${texts.join(', ')}})`;
    case TYPE_DICT:
      return pairsRepr(texts);
    case TYPE_FROZENDICT:
      return texts.length === 0 ? 'frozendict()' : `frozendict(${pairsRepr(texts)})`;
    case TYPE_SLICE:
      return `slice(${texts.join(', ')})`;
    default:
      return texts.length === 1 ? `(${texts[0]},)` : `(${texts.join(', ')})`;
  }
}

function pairsRepr(texts: readonly string[]): string {
  const pairs: string[] = [];
  for (let k = 0; k + 1 < texts.length; k += 2) pairs.push(`${texts[k]}: ${texts[k + 1]}`);
  return `{${pairs.join(', ')}}`;
}

function numberRepr(object: MarshalObject): string {
  switch (object.type) {
    case TYPE_INT:
    case TYPE_INT64:
    case TYPE_LONG:
      return intValue(object).toString();
    case TYPE_FLOAT:
    case TYPE_BINARY_FLOAT:
      return floatRepr(floatValue(object));
    case TYPE_COMPLEX:
    case TYPE_BINARY_COMPLEX:
      return complexRepr(...complexValue(object));
    default:
      return isTuple(object) ? '()' : '?';
  }
}

/** Shortest digits that give the same float, in Python's layout: an exponent below 1e-4 and from 1e16 on. */
export function floatRepr(value: number): string {
  const text = plainFloat(value);
  return /^-?\d+$/.test(text) ? `${text}.0` : text;
}

function plainFloat(value: number): string {
  if (Number.isNaN(value)) return 'nan';
  if (!Number.isFinite(value)) return value < 0 ? '-inf' : 'inf';
  if (value === 0) return Object.is(value, -0) ? '-0' : '0';
  const [mantissa, exponentText] = value.toExponential().split('e');
  const exponent = Number(exponentText);
  if (exponent < -4 || exponent >= 16) {
    const sign = exponent < 0 ? '-' : '+';
    return `${mantissa}e${sign}${Math.abs(exponent).toString().padStart(2, '0')}`;
  }
  const sign = value < 0 ? '-' : '';
  const digits = mantissa.replace(/[-.]/g, '');
  if (exponent < 0) return `${sign}0.${'0'.repeat(-exponent - 1)}${digits}`;
  const whole = digits.slice(0, exponent + 1).padEnd(exponent + 1, '0');
  const fraction = digits.slice(exponent + 1);
  return fraction === '' ? `${sign}${whole}` : `${sign}${whole}.${fraction}`;
}

function complexRepr(real: number, imag: number): string {
  const imaginary = `${plainFloat(imag)}j`;
  if (Object.is(real, 0)) return imaginary;
  const sign = imaginary.startsWith('-') ? '' : '+';
  return `(${plainFloat(real)}${sign}${imaginary})`;
}

const ESCAPES: Readonly<Record<string, string>> = { '\\': '\\\\', '\n': '\\n', '\r': '\\r', '\t': '\\t' };

/** Python prints what is no "other" and no separator, but for the space. */
const PRINTABLE = /^[^\p{C}\p{Z}]$/u;

/** Where UTF-8 goes on with a surrogate: 0xED, then at least 0xA0. */
const SURROGATE_LEAD = 0xed;
const SURROGATE_MIN = 0xa0;

/** Characters of a str. Two surrogates stay two, which a JavaScript string would join. */
function charsOf(object: StrObject): readonly string[] {
  const text = strValue(object);
  if (object.type !== TYPE_UNICODE && object.type !== TYPE_INTERNED) return [...text];
  const { source, start, end } = object;
  for (let at = start + 4; at + 1 < end; at++) {
    if (source[at] === SURROGATE_LEAD && source[at + 1] >= SURROGATE_MIN) return surrogateChars(object);
  }
  return [...text];
}

function surrogateChars({ source, start, end }: StrObject): readonly string[] {
  const chars: string[] = [];
  for (let at = start + 4; at < end; ) {
    const lead = source[at];
    const length = lead < 0x80 ? 1 : lead < 0xe0 ? 2 : lead < 0xf0 ? 3 : 4;
    if (lead === SURROGATE_LEAD && source[at + 1] >= SURROGATE_MIN) {
      chars.push(String.fromCharCode(0xd000 | ((source[at + 1] & 63) << 6) | (source[at + 2] & 63)));
    } else chars.push(Buffer.from(source.subarray(at, at + length)).toString('utf8'));
    at += length;
  }
  return chars;
}

/** `repr()` of a str, by its characters: single quotes unless it has these and no double ones. */
export function strRepr(chars: readonly string[]): string {
  const quote = chars.includes("'") && !chars.includes('"') ? '"' : "'";
  let body = '';
  for (const char of chars) {
    if (char === quote) body += `\\${char}`;
    else body += ESCAPES[char] ?? (char === ' ' || PRINTABLE.test(char) ? char : escaped(char));
  }
  return quote + body + quote;
}

function escaped(char: string): string {
  const code = char.codePointAt(0) ?? 0;
  const hex = code.toString(16);
  if (code < 0x100) return `\\x${hex.padStart(2, '0')}`;
  return code < 0x10000 ? `\\u${hex.padStart(4, '0')}` : `\\U${hex.padStart(8, '0')}`;
}

/** `repr()` of a bytes object. */
export function bytesRepr(bytes: Uint8Array): string {
  const text = Buffer.from(bytes.buffer, bytes.byteOffset, bytes.length).toString('latin1');
  const quote = text.includes("'") && !text.includes('"') ? '"' : "'";
  let body = '';
  for (const char of text) {
    if (char === quote) body += `\\${char}`;
    else body += ESCAPES[char] ?? (char >= ' ' && char <= '~' ? char : escaped(char));
  }
  return `b${quote}${body}${quote}`;
}
