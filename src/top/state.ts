import { TOP_SORTS, type TopSort } from './table.ts';

/** What the viewer chose. */
export interface TopState {
  readonly sort: TopSort;
  readonly filter: string;
  /** The text that is being typed; null while none is. */
  readonly typing: string | null;
  /** Index of the selected row. */
  readonly selected: number;
  readonly view: 'list' | 'site' | 'help';
  readonly paused: boolean;
  /** Index of the process shown; -1 for all. */
  readonly process: number;
  readonly quit: boolean;
  /** How often recording was to be switched. */
  readonly switched: number;
}

/** The processes that are shown: all, or one of them. */
export function chosenOf<T>(processes: readonly T[], { process }: TopState): readonly T[] {
  return process < 0 ? processes : processes.slice(process, process + 1);
}

/** How the view begins. */
export function initialState(sort: TopSort, filter: string): TopState {
  return {
    sort,
    filter,
    typing: null,
    selected: 0,
    view: 'list',
    paused: false,
    process: -1,
    quit: false,
    switched: 0,
  };
}

/** What the keys do, as the help shows it. */
export const KEY_HELP: readonly (readonly [string, string])[] = [
  ['up, down, j, k', 'select an operation'],
  ['page up, page down', 'a screen further'],
  ['enter', 'the histogram of the operation; escape goes back'],
  ['s, S', 'the next key to sort by, the one before'],
  ['/', 'show only what contains a text: file, function, opcode or name'],
  ['left, right', 'all processes, or one of them'],
  ['p, blank', 'pause, go on'],
  ['r', 'have the shown processes stop recording, or begin again'],
  ['h, ?', 'this help'],
  ['q, ctrl-c', 'quit'],
];

const PAGE = 20;

/** The keys of what a terminal sent: single characters, and escape sequences as they are. */
export function keysOf(text: string): string[] {
  // biome-ignore lint/suspicious/noControlCharactersInRegex: that is what terminals send
  return text.match(/\x1b[[O][0-9;]*[A-Za-z~]|[\s\S]/gu) ?? [];
}

/**
 * The state after a key.
 * @param rows how many rows there are
 * @param processes how many processes there are
 */
export function pressKey(state: TopState, key: string, rows: number, processes: number): TopState {
  if (key === '\x03') return { ...state, quit: true };
  if (state.typing !== null) return typeKey(state, state.typing, key);
  const select = (by: number): TopState => ({
    ...state,
    selected: Math.max(0, Math.min(rows - 1, state.selected + by)),
  });
  switch (key) {
    case 'q':
      return { ...state, quit: true };
    case '\x1b[A':
    case '\x1bOA':
    case 'k':
      return select(-1);
    case '\x1b[B':
    case '\x1bOB':
    case 'j':
      return select(1);
    case '\x1b[5~':
      return select(-PAGE);
    case '\x1b[6~':
      return select(PAGE);
    case '\r':
    case '\n':
      return { ...state, view: state.view === 'list' ? 'site' : 'list' };
    case '\x1b':
      return { ...state, view: 'list' };
    case 's':
      return { ...state, sort: neighbour(state.sort, 1), selected: 0 };
    case 'S':
      return { ...state, sort: neighbour(state.sort, -1), selected: 0 };
    case '/':
      return { ...state, typing: state.filter, view: 'list' };
    case '\x1b[C':
    case '\x1b[D':
      return {
        ...state,
        process: nextProcess(state.process, key === '\x1b[C' ? 1 : -1, processes),
        selected: 0,
      };
    case 'p':
    case ' ':
      return { ...state, paused: !state.paused };
    case 'r':
      return { ...state, switched: state.switched + 1 };
    case 'h':
    case '?':
      return { ...state, view: state.view === 'help' ? 'list' : 'help' };
    default:
      return state;
  }
}

function typeKey(state: TopState, typing: string, key: string): TopState {
  if (key === '\r' || key === '\n') return { ...state, filter: typing, typing: null, selected: 0 };
  if (key === '\x1b') return { ...state, typing: null };
  if (key === '\x7f' || key === '\b') return { ...state, typing: typing.slice(0, -1) };
  if (key === '\x15') return { ...state, typing: '' };
  return /^[^\p{Cc}]$/u.test(key) ? { ...state, typing: typing + key } : state;
}

function neighbour(sort: TopSort, by: number): TopSort {
  const index = TOP_SORTS.indexOf(sort) + by + TOP_SORTS.length;
  return TOP_SORTS[index % TOP_SORTS.length];
}

/** -1 (all) and the processes in a ring. */
function nextProcess(process: number, by: number, count: number): number {
  return ((process + 1 + by + count + 1) % (count + 1)) - 1;
}
