import { renderTop, roomFor } from '../../top/render.ts';
import { chosenOf, initialState, keysOf, pressKey, type TopState } from '../../top/state.ts';
import type { TopSort } from '../../top/table.ts';
import type { Io } from '../io.ts';
import { SceneMaker } from './scene.ts';
import { type Screen, withScreen } from './screen.ts';
import { switchRecording } from './switch-recording.ts';
import type { Watcher } from './watcher.ts';

/** How the view begins, and how often it is drawn. */
export interface InteractiveOptions {
  readonly sort: TopSort;
  readonly filter: string;
  readonly intervalMs: number;
}

/** Rows that can be scrolled through: nobody looks at more, and those at the top are what matters. */
const MOST_ROWS = 1000;

/** Runs the live view until it is left. */
export async function interactive(watcher: Watcher, options: InteractiveOptions, io: Io): Promise<void> {
  let state = initialState(options.sort, options.filter);
  let draw = (): void => {};
  let stop = (): void => {};
  let rows = 0;
  let notice = '';
  const onKeys = (text: string): void => {
    notice = '';
    for (const key of keysOf(text)) {
      const before = state.switched;
      state = pressKey(state, key, rows, watcher.processes.length);
      if (state.switched > before) notice = switchRecording(chosenOf(watcher.processes, state));
    }
    if (state.quit) stop();
    else draw();
  };
  const maker = new SceneMaker(io.cwd);
  const show = (screen: Screen, read: boolean): void => {
    const now = performance.now() / 1000;
    if (read && !state.paused) watcher.refresh(now);
    const size = { columns: screen.columns, rows: screen.rows, color: io.stdout.colors };
    const most = Math.min(MOST_ROWS, Math.max(state.selected + 1, roomFor(size)) * 2);
    const scene = maker.scene(watcher.processes, state, now, most);
    rows = scene.rows.length;
    state = withinRows(state, rows);
    screen.draw(renderTop(state, { ...scene, message: notice || scene.message }, size));
  };
  await withScreen(io, onKeys, async (screen) => {
    await new Promise<void>((resolve, reject) => {
      const attempt = (read: boolean) => (): void => {
        try {
          show(screen, read);
        } catch (error) {
          stop();
          reject(error);
        }
      };
      const timer = setInterval(attempt(true), options.intervalMs);
      const onResize = attempt(false);
      process.on('SIGWINCH', onResize);
      draw = attempt(false);
      stop = (): void => {
        clearInterval(timer);
        process.off('SIGWINCH', onResize);
        resolve();
      };
      attempt(true)();
    });
  });
}

function withinRows(state: TopState, rows: number): TopState {
  return state.selected < rows || rows === 0 ? state : { ...state, selected: rows - 1 };
}
