import type { Output } from './io.ts';

const INTERVAL_MS = 100;
const ERASE_LINE = '\r\x1b[K';

/** One line on a terminal that is written over, and gone at the end. Elsewhere nothing is written. */
export class Progress {
  readonly #output: Output;
  #last = 0;
  #shown = false;

  constructor(output: Output) {
    this.#output = output;
  }

  /** Shows the line, unless another one was shown just now. */
  show(text: () => string): void {
    const now = Date.now();
    if (!this.#output.isTerminal || now - this.#last < INTERVAL_MS) return;
    this.#last = now;
    this.#shown = true;
    const width = (this.#output.columns ?? 80) - 1;
    this.#output.write(`${ERASE_LINE}${text().slice(0, width)}`);
  }

  end(): void {
    if (this.#shown) this.#output.write(ERASE_LINE);
    this.#shown = false;
  }
}
