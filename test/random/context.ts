/** What is known about the place that is being written. */
import type { Hole, Place } from './grammar.ts';
import type { Callable, Scope } from './scope.ts';

/** A place in a program. */
export interface Context {
  readonly scope: Scope;
  /** How often it runs for each run of its scope, at most. */
  readonly times: number;
  readonly inLoop: boolean;
  readonly canReturn: boolean;
  /** In a comprehension, generator expression or lambda: no yield and no await. */
  readonly inner: boolean;
  /** No variables are in sight, only `items`. */
  readonly bare: boolean;
  /** What a comprehension goes over: no `:=`. */
  readonly source: boolean;
  /** The exception that is being handled here. */
  readonly exception: string | undefined;
  /** Numbers besides the variables: loop variables. */
  readonly items: readonly string[];
  /** `self.x` is there. */
  readonly self: boolean;
  readonly callables: readonly Callable[];
  readonly classes: readonly string[];
}

/** The context at the start of a scope. */
export function scopeContext(scope: Scope, outer?: Context): Context {
  return {
    scope,
    times: 1,
    inLoop: false,
    canReturn: false,
    inner: false,
    bare: false,
    source: false,
    exception: undefined,
    items: scope.parameters,
    self: false,
    callables: outer?.callables ?? [],
    classes: outer?.classes ?? [],
  };
}

/** Whether a rule may stand here. */
export function allows(context: Context, where: Place): boolean {
  const { scope, inner } = context;
  const inFunction = (scope.kind === 'function' || scope.kind === 'method') && !inner;
  const isAsync = scope.defines === 'async' || scope.defines === 'asyncgen';
  switch (where) {
    case 'loop':
      return context.inLoop;
    case 'return':
      return context.canReturn;
    case 'value':
      return context.canReturn && scope.defines !== 'asyncgen';
    case 'yield':
      return inFunction && (scope.defines === 'generator' || scope.defines === 'asyncgen');
    case 'delegate':
      return inFunction && scope.defines === 'generator';
    case 'async':
      return inFunction && isAsync;
    case 'walrus':
      return !inner && !context.source;
    case 'module':
      return scope.kind === 'module';
    case 'exception':
      return context.exception !== undefined && !inner;
    case 'self':
      return context.self;
  }
}

/** What a hole's modifiers change. `unit` is the number in the names of its rule, `times` what a loop over it runs. */
export function modified(context: Context, hole: Hole, unit: number, times: number): Context {
  let changed = context;
  for (const modifier of hole.modifiers) changed = applied(changed, modifier, unit, times);
  return changed;
}

function applied(context: Context, modifier: string, unit: number, times: number): Context {
  switch (modifier) {
    case 'loop':
      return { ...context, inLoop: true, times: context.times * times };
    case 'item':
      return { ...context, items: [...context.items, `v${unit}`] };
    case 'each':
    case 'inner':
      return { ...within(context), times: context.times * 4, items: [...context.items, `v${unit}`] };
    case 'source':
      return { ...within(context), source: true };
    case 'star':
      return { ...context, inLoop: false, canReturn: false };
    case 'named':
      return { ...context, exception: `e${unit}` };
    case 'handler':
    case 'yields':
    case 'class':
    case 'method':
    case 'stays':
    case 'generator':
    case 'async':
      return context;
    default:
      throw new RangeError(`unknown modifier ${modifier}`);
  }
}

/** Inside of a comprehension or lambda; there a class's variables are out of sight. */
function within(context: Context): Context {
  return { ...context, inner: true, bare: context.bare || context.scope.kind === 'class' };
}
