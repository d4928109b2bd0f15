import type { Changes } from './changes.ts';
import type { ComparedSite, CountChange, Place, TimeChange } from './comparison.ts';
import type { MatchableSite } from './match.ts';

/** A pair of sites that makes out what became of it when it is asked: of most, nobody asks. */
export class ComparedPair implements ComparedSite {
  readonly #a: MatchableSite | null;
  readonly #b: MatchableSite | null;
  readonly #changes: Changes;
  readonly #pair: number;
  #verdict: ComparedSite['verdict'] | null = null;

  /** @param pair number of the pair in `changes` */
  constructor(a: MatchableSite | null, b: MatchableSite | null, changes: Changes, pair: number) {
    this.#a = a;
    this.#b = b;
    this.#changes = changes;
    this.#pair = pair;
  }

  get opcode(): string {
    return this.#site?.opcode ?? '';
  }

  get name(): string | null {
    return this.#site?.name ?? null;
  }

  get kind(): ComparedSite['kind'] {
    return this.#site?.kind ?? 'operation';
  }

  get a(): Place | null {
    return this.#a && placeOf(this.#a);
  }

  get b(): Place | null {
    return this.#b && placeOf(this.#b);
  }

  get count(): CountChange {
    return this.#changes.count('count', this.#pair);
  }

  get raised(): CountChange {
    return this.#changes.count('raised', this.#pair);
  }

  get self(): TimeChange {
    return this.#changes.time('self', this.#pair);
  }

  get total(): TimeChange {
    return this.#changes.time('total', this.#pair);
  }

  get p50(): TimeChange {
    return this.#changes.time('p50', this.#pair);
  }

  get p99(): TimeChange {
    return this.#changes.time('p99', this.#pair);
  }

  get verdict(): ComparedSite['verdict'] {
    this.#verdict ??= verdictOf(this.#a !== null, this.#b !== null, this);
    return this.#verdict;
  }

  /** All fields, as they are in JSON. */
  toJSON(): ComparedSite {
    const { opcode, name, kind, a, b, count, raised, self, total, p50, p99 } = this;
    this.#verdict ??= verdictOf(a !== null, b !== null, { count, raised, self, p50 });
    const verdict = this.#verdict;
    return { opcode, name, kind, a, b, count, raised, self, total, p50, p99, verdict };
  }

  /** As it is in B, or in A where it is gone. */
  get #site(): MatchableSite | null {
    return this.#b ?? this.#a;
  }
}

function placeOf({ file, function: name, line, endLine, column, endColumn }: MatchableSite): Place {
  return { file, function: name, line, endLine, column, endColumn };
}

function verdictOf(
  isInA: boolean,
  isInB: boolean,
  site: Pick<ComparedSite, 'count' | 'raised' | 'self' | 'p50'>,
): ComparedSite['verdict'] {
  const count = site.count;
  if (count.a.most === 0 && count.b.most === 0) return 'idle';
  if (!isInA) return 'new';
  if (!isInB) return 'gone';
  const verdicts = [count.verdict, site.raised.verdict, site.self.verdict, site.p50.verdict];
  if (['more', 'fewer', 'slower', 'faster'].some((word) => verdicts.some((verdict) => verdict === word)))
    return 'changed';
  return verdicts.some((verdict) => verdict === 'unclear' || verdict === 'varies') ? 'unclear' : 'same';
}
