import { interruptible } from '../interrupt.ts';
import type { Io } from '../io.ts';

const ENTER = '\x1b[?1049h\x1b[?25l\x1b[2J';
const LEAVE = '\x1b[0m\x1b[?25h\x1b[?1049l';

/** The whole terminal while a live view runs. */
export interface Screen {
  /** Shows these lines, and nothing else. */
  draw(lines: readonly string[]): void;
  readonly columns: number;
  readonly rows: number;
}

/**
 * Gives a view the whole terminal, keys one by one, and takes it back whatever happens: an end, an error, a signal.
 * @param view called with the screen; resolves when it is over
 */
export async function withScreen(
  io: Io,
  onKeys: (text: string) => void,
  view: (screen: Screen) => Promise<void>,
): Promise<void> {
  let isOpen = true;
  const leave = (): void => {
    if (!isOpen) return;
    isOpen = false;
    process.stdin.setRawMode(false);
    process.stdin.pause();
    io.stdout.write(LEAVE);
  };
  const onData = (bytes: Buffer): void => onKeys(bytes.toString('utf8'));
  process.on('exit', leave);
  process.stdin.setRawMode(true);
  process.stdin.on('data', onData);
  io.stdout.write(ENTER);
  try {
    await interruptible(async () => await view(screenOf(io)), leave);
  } finally {
    leave();
    process.stdin.off('data', onData);
    process.off('exit', leave);
  }
}

function screenOf(io: Io): Screen {
  return {
    // From the top, each line erased behind its end: nothing flickers, nothing of a larger screen is left.
    draw: (lines) =>
      io.stdout.write(`\x1b[H${lines.map((line) => `${line}\x1b[0m\x1b[K`).join('\r\n')}\x1b[J`),
    get columns() {
      return process.stdout.columns || 80;
    },
    get rows() {
      return process.stdout.rows || 24;
    },
  };
}
