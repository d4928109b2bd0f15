/** Reads what a test runner wrote about its tests while they ran. */
import { readWholeLines } from './json-lines.ts';

/** A test's outcome, or a number with a name of its own. */
type OutcomeRecord =
  | readonly [outcome: string, id: string, text?: string]
  | readonly [name: string, value: number];

export interface OutcomeLog {
  /** What became of each test, by its id; several outcomes of one id are joined by '+'. */
  readonly outcomes: Readonly<Record<string, string>>;
  /** Tracebacks and reasons. */
  readonly texts: Readonly<Record<string, string>>;
  readonly numbers: Readonly<Record<string, number>>;
}

const KEPT_TEXT = 4000;

/** @param stable takes out of an id what is another in every run */
export function readOutcomeLog(file: string, stable: (id: string) => string): OutcomeLog {
  const outcomes: Record<string, string> = {};
  const texts: Record<string, string> = {};
  const numbers: Record<string, number> = {};
  const add = (outcome: string, id: string, text: string): void => {
    const known = outcomes[id];
    if (outcome === 'start') outcomes[id] ??= 'unfinished';
    else if (known === undefined || known === 'unfinished') outcomes[id] = outcome;
    else if (!known.split('+').includes(outcome)) outcomes[id] = `${known}+${outcome}`;
    if (text !== '') texts[id] = `${texts[id] ?? ''}${text}`.slice(-KEPT_TEXT);
  };
  for (const [what, name, text = ''] of readWholeLines<OutcomeRecord>(file))
    if (typeof name === 'number') numbers[what] = name;
    else add(what, stable(name), text);
  return { outcomes, texts, numbers };
}
