/** Which variable a name means, which functions are in sight, and how much may still run. */
import type { Kind } from './grammar.ts';

/** A function that may be called. */
export interface Callable {
  readonly name: string;
  readonly kind: Kind;
  /** Statements that one call runs at most. */
  readonly cost: number;
  /** Values that it yields at most. */
  readonly yields: number;
}

/** Variables by the letter of their holes. Objects are never shared between functions: their methods could recur. */
export const VARIABLES: Readonly<Record<string, readonly string[]>> = {
  n: ['n0', 'n1', 'n2'],
  s: ['s0', 's1'],
  a: ['a0', 'a1'],
  t: ['t0'],
  o: ['o0', 'o1'],
};

const FIRST_VALUES: Readonly<Record<string, string>> = {
  n0: '1',
  n1: '2',
  n2: '3',
  s0: "'a'",
  s1: "'bc'",
  a0: '[1, 2]',
  a1: '[3, 0, 5]',
  t0: "{'a': 1, 'b': 2}",
  o0: 'Box(1)',
  o1: 'Box(2)',
};

/** Statements that a run of a scope runs at most. */
const LIMITS = { module: 4000, function: 400, method: 60, class: 60 } as const;

export type ScopeKind = keyof typeof LIMITS;

/** A module's, function's or class's names. */
export class Scope {
  readonly kind: ScopeKind;
  readonly parent: Scope | undefined;
  readonly defines: Kind;
  /** Bits by the variable's number: it belongs to an enclosing scope. */
  private readonly outer: number;
  /** int parameters. */
  readonly parameters: readonly string[];
  cost = 0;
  yields = 0;
  /** How often the function calls itself; a second time it may not. */
  ownCalls = 0;
  private readonly used = new Set<string>();
  private readonly declared = new Map<string, string>();

  constructor(
    kind: ScopeKind,
    parent?: Scope,
    own: { defines?: Kind; outer?: number; parameters?: readonly string[] } = {},
  ) {
    this.kind = kind;
    this.parent = parent;
    this.defines = own.defines ?? 'plain';
    this.outer = own.outer ?? 0;
    this.parameters = own.parameters ?? [];
  }

  /** Notes that a variable is used here. */
  use(name: string): void {
    const number = Object.keys(FIRST_VALUES).indexOf(name);
    if ((this.outer >> number) % 2 === 0 || name.startsWith('o')) {
      this.used.add(name);
      return;
    }
    let owner = this.enclosing();
    while ((owner.outer >> number) % 2 === 1) owner = owner.enclosing();
    owner.use(name);
    for (let scope: Scope = this; scope !== owner; scope = scope.enclosing()) {
      scope.declared.set(name, owner.kind === 'module' ? 'global' : 'nonlocal');
    }
  }

  /** What a function sees names of: classes are left out. */
  private enclosing(): Scope {
    let scope = this.parent ?? this;
    while (scope.kind === 'class' && scope.parent !== undefined) scope = scope.parent;
    return scope;
  }

  /** Declarations and first values of what was used, as lines. */
  head(): string[] {
    const lines = [...this.declared].map(([name, how]) => `${how} ${name}`);
    return [...lines, ...[...this.used].sort().map((name) => `${name} = ${FIRST_VALUES[name]}`)];
  }

  /** Whether as many statements may run besides; counts them if so. */
  affords(cost: number): boolean {
    if (this.cost + cost > LIMITS[this.kind]) return false;
    this.cost += cost;
    return true;
  }
}
