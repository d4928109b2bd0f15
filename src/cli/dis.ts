import picomatch from 'picomatch';
import { formatCode } from '../code/format.ts';
import { walkCode } from '../code/index.ts';
import { type CodeObject, readPyc, strValue } from '../marshal/index.ts';
import { probeFolds } from '../rewrite/probe-folds.ts';

export interface DisOptions {
  /** Glob for qualified names; all code objects when undefined. */
  readonly functions: string | undefined;
  /** Show probes as the instructions that they are. */
  readonly raw: boolean;
}

/** The text of each code object of a .pyc file, outermost first. */
export function* disassembleFile(bytes: Uint8Array, options: DisOptions): Generator<string> {
  const pyc = readPyc(bytes);
  const matches = options.functions === undefined ? () => true : picomatch(options.functions, { bash: true });
  const folds = options.raw ? undefined : probeFolds(pyc.code);
  const format = { nested: false, ...(folds === undefined ? {} : { folds }) };
  for (const code of walkCode(pyc.code)) {
    const name = strValue(code.co_qualname ?? code.co_name);
    if (!matches(name)) continue;
    yield `${title(code, name)}\n${formatCode(code, pyc.version, format)}`;
  }
}

function title(code: CodeObject, name: string): string {
  return `${name} (${strValue(code.co_filename)}:${code.co_firstlineno}, co_stacksize ${code.co_stacksize})`;
}
