import { PyrewriteError } from '../../errors.ts';

/** Splits as a shell does: blanks separate, quotes keep together. */
export function splitFlags(text: string): string[] {
  const words = text.match(/(?:[^\s"']|"[^"]*"|'[^']*')+/g) ?? [];
  return words.map((word) => word.replaceAll(/"([^"]*)"|'([^']*)'/g, '$1$2'));
}

/** Flags that take a value: in the same word, or the next one. */
const WITH_VALUE = 'WX';

/** The single letters among python's flags, e.g. `OE` of `-O -W error -E`. */
function letters(flags: readonly string[]): string {
  let found = '';
  for (let index = 0; index < flags.length; index++) {
    const flag = flags[index];
    if (!flag.startsWith('-') || flag.startsWith('--')) continue;
    const value = [...flag].findIndex((letter) => WITH_VALUE.includes(letter));
    found += value < 0 ? flag.slice(1) : flag.slice(1, value);
    if (value === flag.length - 1) index++;
  }
  return found;
}

/**
 * Python's own flags for the program.
 * @throws PyrewriteError `usage` for one that would be the program itself
 */
export function parsePythonFlags(text: string | undefined): string[] {
  const flags = splitFlags(text ?? '');
  const wrong = /[cm]/.exec(letters(flags))?.[0] ?? flags.find((flag) => flag === '-' || flag === '--');
  if (wrong !== undefined) {
    throw new PyrewriteError('usage', `--python-flags takes python's options only, not '${wrong}'`, {
      remedy: 'the program comes last: pyrewrite run --python-flags "-O" -m MODULE',
    });
  }
  return flags;
}

/** What keeps python from running the startup hook, so that nothing can be recorded. */
export function hookBlocker(flags: readonly string[], env: NodeJS.ProcessEnv): string | undefined {
  const { PYREWRITE } = env;
  if (PYREWRITE === 'off') return 'PYREWRITE=off';
  const blocker = /[IES]/.exec(letters(flags))?.[0];
  return blocker && `-${blocker}`;
}

/** -x skips the first line of the script: python itself must read it. */
export function skipsFirstLine(flags: readonly string[]): boolean {
  return letters(flags).includes('x');
}
