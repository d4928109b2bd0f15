import { h } from './dom.ts';
import { HOTTEST } from './numbers.ts';

const KEYS: readonly (readonly [string, string])[] = [
  ['1 … 5', 'overview, source, flame graph, table, comparison'],
  ['/', 'search for a file, a function or an operation'],
  ['n  p', 'in the source: the next or previous hot place'],
  ['← ↑ → ↓', 'in the table, the flame graph and the list of files: move'],
  ['Enter', 'open what has the focus'],
  ['Esc', 'close; in the flame graph: show all again'],
  ['t', 'dark or light'],
  ['?', 'this help'],
];

const WORDS: readonly (readonly [string, string])[] = [
  ['self', 'time in the operation itself, without the measured operations inside it'],
  ['total', 'time from its begin to its end; recursion counts once'],
  ['p50, p90, p99', 'half, nine in ten, 99 in 100 executions took no longer'],
  ['raised', 'executions that ended by an exception'],
  ['≤', 'too short to be told from zero: at most that long'],
  ['share', "part of the processes' time; the cost of the probes is taken out of all times"],
];

/** Explains keys, words and colours. */
export function showHelp(): void {
  const scale = h('span', { class: 'scale' });
  for (let level = 1; level <= HOTTEST; level++) scale.append(h('span', { class: `spot h${level}` }, ' x '));
  const dialog = h(
    'dialog',
    { class: 'help', 'aria-labelledby': 'help-title' },
    h('h2', { id: 'help-title' }, 'Keys'),
    list(KEYS, 'kbd'),
    h('h2', {}, 'Words'),
    list(WORDS, 'b'),
    h('h2', {}, 'Colours'),
    h('p', {}, 'The darker, the more of the time: ', scale, '. Next to nothing has no colour.'),
    h('p', {}, h('span', { class: 'spot idle' }, 'dotted'), ' was instrumented and never executed.'),
    h('form', { method: 'dialog' }, h('button', { autofocus: true }, 'Close')),
  );
  dialog.addEventListener('close', () => dialog.remove());
  document.body.append(dialog);
  dialog.showModal();
}

function list(rows: readonly (readonly [string, string])[], tag: 'kbd' | 'b'): HTMLElement {
  return h('dl', {}, ...rows.flatMap(([word, about]) => [h('dt', {}, h(tag, {}, word)), h('dd', {}, about)]));
}
