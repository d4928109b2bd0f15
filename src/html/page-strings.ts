/** Texts that are used often, each kept once. */
export class PageStrings {
  readonly list: string[] = [];
  readonly #known = new Map<string, number>();

  /** Number of a text; -1 for none. */
  add(text: string | null): number {
    if (text === null || text === '') return -1;
    const known = this.#known.get(text);
    if (known !== undefined) return known;
    this.#known.set(text, this.list.length);
    return this.list.push(text) - 1;
  }
}
