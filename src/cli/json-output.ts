import type { Output } from './io.ts';

/** Elements of a list that are made text at once. */
const ELEMENTS = 500;

/** Prints an object as JSON on a line, its lists in pieces: one text of all could be longer than a text can be. */
export function printJson(output: Output, value: object): void {
  let before = '{';
  for (const [key, field] of Object.entries(value)) {
    if (field === undefined) continue;
    output.write(`${before}${JSON.stringify(key)}:`);
    before = ',';
    if (Array.isArray(field)) printList(output, field);
    else output.write(JSON.stringify(field));
  }
  output.write(before === '{' ? '{}\n' : '}\n');
}

function printList(output: Output, list: readonly unknown[]): void {
  for (let at = 0; at < list.length; at += ELEMENTS) {
    const text = JSON.stringify(list.slice(at, at + ELEMENTS)).slice(1, -1);
    output.write(`${at === 0 ? '[' : ','}${text}`);
  }
  output.write(list.length === 0 ? '[]' : ']');
}
