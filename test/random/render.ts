/** Writes programs for one version: every tree becomes a program that compiles, ends, and prints the same each time. */
import { allows, type Context, modified, scopeContext } from './context.ts';
import type { Hole, Kind } from './grammar.ts';
import { isSort } from './grammar.ts';
import { helpersFor, watching } from './prelude.ts';
import { type Callable, Scope, VARIABLES } from './scope.ts';
import { type Node, type ParsedRule, type Program, RULES } from './tree.ts';

const RAISED = [
  'ValueError',
  'KeyError',
  'Err',
  'IndexError',
  'StopIteration',
  'RuntimeError',
  'ZeroDivisionError',
  'TypeError',
  'KeyboardInterrupt',
  'GeneratorExit',
  'SystemExit',
  'AttributeError',
  'StopAsyncIteration',
  'Err',
  'ValueError',
  'KeyError',
] as const;

const CAUGHT = [
  'Exception',
  'ValueError',
  'Err',
  'BaseException',
  'LookupError',
  'Exception',
  '(ArithmeticError, Err)',
  'Exception',
] as const;

const WORDS = ['a', 'b', 'k', 'yz'] as const;

/** What stands for a rule that may not stand in a place, by sort. */
const INSTEAD: Readonly<Record<string, string>> = {
  int: '1',
  str: "'q'",
  list: '[1]',
  bool: 'True',
  iter: '()',
};

/** Gives the program's source for Python 3.`minor`. */
export function render(program: Program, minor: number): string {
  return new Writer(minor).program(program);
}

/** Functions of a kind that a place may call, and what it may hold. */
const PASSED = [
  (d: string, a: string, b: string) => `${d}, ${a}, k=${b}`,
  (d: string, a: string) => `${d}, ${a}`,
  (d: string, a: string, b: string) => `${d}, *[${a}, ${b}]`,
  (d: string, a: string, b: string) => `*(${d}, ${a}), **{'k': ${b}}`,
  (d: string, a: string, b: string) => `${d}, p=${a}, z=${b}`,
  (d: string) => d,
  (d: string, a: string, b: string) => `d=${d}, k=${a}, **{'p': ${b}}`,
  (d: string, a: string, b: string) => `${d}, ${a}, ${b}, ${a}`,
] as const;

class Writer {
  private units = 0;
  /** What an operation of an object may cost: of all classes so far. */
  private objectCost = 1;
  /** How often a loop over the last `iter` runs. */
  private times = 3;
  private readonly minor: number;

  constructor(minor: number) {
    this.minor = minor;
  }

  program({ mode, definitions, main }: Program): string {
    const scope = new Scope('module');
    let context = scopeContext(scope);
    const lines: string[] = [];
    for (const definition of definitions) {
      const written = this.statement(definition, context);
      lines.push(RULES[definition.rule].sort === 'class' ? guarded(written.text) : written.text);
      context = written.context;
      const [name] = context.classes.slice(-1);
      const isNew = RULES[definition.rule].sort === 'class' && name !== undefined && definition.pick % 4 > 0;
      if (isNew && scope.affords(10 * this.objectCost)) lines.push(`exercise(${name})`);
    }
    for (const callable of context.callables) lines.push(guarded(this.firstCall(callable, context)));
    for (const child of main.children) {
      const written = this.statement(child, context);
      lines.push(child.pick % 16 === 1 ? written.text : guarded(written.text));
      context = written.context;
    }
    const watch = watching(mode, this.minor);
    if (watch.includes('settrace')) lines.push('sys.settrace(None)');
    const text = [...scope.head(), ...(watch === '' ? [] : [watch]), ...lines].join('\n');
    return `${helpersFor(text)}\n${text}\n`;
  }

  /** Sees to it that a function runs at all. */
  private firstCall({ name, kind, cost }: Callable, { scope, times }: Context): string {
    if (!scope.affords(times * cost)) return 'pass';
    if (kind === 'plain') return `print('${name}', ${name}(1))`;
    if (kind === 'generator') return `drive(${name}(1), [None, 3, None, ValueError(2), None, 'close'])`;
    return kind === 'async'
      ? `print('${name}', run(${name}(1)))`
      : `print('${name}', run(total(${name}(1))))`;
  }

  private block(node: Node, context: Context): string {
    const lines: string[] = [];
    let inside = context;
    for (const child of node.children) {
      if (!context.scope.affords(context.times)) break;
      const { text, context: after } = this.statement(child, inside);
      lines.push(text);
      inside = after;
    }
    this.suspend(node.pick, lines, context);
    return lines.length === 0 ? 'pass' : lines.join('\n');
  }

  /** Generators and coroutines let go of control in half of their blocks, not only where a rule says so. */
  private suspend(pick: number, lines: string[], context: Context): void {
    if (pick % 2 === 0 || lines.length === 0) return;
    const at = (pick >> 1) % (lines.length + 1);
    const value = (): string => this.name('n', (pick >> 4) & 7, context);
    if (allows(context, 'yield')) {
      context.scope.yields += context.times;
      lines.splice(at, 0, pick % 8 === 3 ? `print('sent', (yield ${value()}))` : `yield ${value()}`);
    } else if (allows(context, 'async')) lines.splice(at, 0, `await Wait(${value()})`);
  }

  /** A statement, and the context behind it: it may have defined something. */
  private statement(node: Node, context: Context): { text: string; context: Context } {
    const rule = RULES[node.rule];
    const [child] = node.children;
    if (rule.text === '$class') return this.statement(child, context);
    if (rule.text === '$def') return this.nested(node, child, context);
    if (rule.sort === 'class' && this.fits(rule, context)) return this.class(node, rule, context);
    if (rule.sort === 'def' && this.fits(rule, context)) return this.function(node, rule, context);
    return { text: this.rule(node, context), context };
  }

  /** A function within a block, which mostly calls it at once. */
  private nested(node: Node, child: Node, context: Context): { text: string; context: Context } {
    const defined = this.statement(child, context);
    const { callables } = defined.context;
    if (node.pick % 4 === 0 || callables === context.callables) return defined;
    const call = this.firstCall(callables[callables.length - 1], context);
    return { ...defined, text: `${defined.text}\n${call}` };
  }

  private fits(rule: ParsedRule, context: Context): boolean {
    if ((rule.since ?? 0) > this.minor) return false;
    return rule.where === undefined || allows(context, rule.where);
  }

  private function(node: Node, rule: ParsedRule, context: Context): { text: string; context: Context } {
    const unit = ++this.units;
    const name = `${/def (\w)\$u/.exec(rule.text)?.[1]}${unit}`;
    const defines = rule.defines ?? 'plain';
    const parameters = rule.text.includes('p=') ? ['d', 'p', 'k'] : ['d'];
    const scope = new Scope('function', context.scope, { defines, outer: outerBits(node), parameters });
    const own: Callable = { name, kind: defines, cost: 1, yields: 1 };
    const fill = (hole: Hole, child: Node): string =>
      hole.name === 'body'
        ? this.body(child, hole, scope, context, own)
        : this.child(child, hole, context, unit);
    const text = this.fill(node, rule, context, unit, fill);
    const callable = { ...own, cost: scope.cost + 1, yields: scope.yields };
    return { text, context: { ...context, callables: [...context.callables, callable] } };
  }

  private class(node: Node, rule: ParsedRule, context: Context): { text: string; context: Context } {
    const unit = ++this.units;
    const scope = new Scope('class', context.scope);
    const inside = scopeContext(scope, context);
    const fill = (hole: Hole, child: Node): string =>
      hole.name === 'members'
        ? child.children.map((member) => this.member(member, inside)).join('\n')
        : this.child(child, hole, inside, unit);
    const lines = this.fill(node, rule, context, unit, fill).split('\n');
    const start = lines.findIndex((line) => line.startsWith('class ')) + 1;
    lines.splice(start, 0, ...scope.head().map((line) => `    ${line}`));
    context.scope.affords(context.times * scope.cost);
    return { text: lines.join('\n'), context: { ...context, classes: [...context.classes, `C${unit}`] } };
  }

  private member(node: Node, context: Context): string {
    const unit = ++this.units;
    const rule = RULES[node.rule];
    // what is not in a body stands behind one, in a function of its own
    const bare = { ...context, bare: true, inner: true };
    const fill = (hole: Hole, child: Node): string => {
      if (hole.name !== 'body') return this.child(child, hole, bare, unit);
      const has = (modifier: string): boolean => hole.modifiers.includes(modifier);
      const defines: Kind = has('generator') ? 'generator' : has('async') ? 'async' : 'plain';
      const scope = new Scope('method', context.scope, { defines, outer: outerBits(child) });
      const text = this.body(child, hole, scope, context);
      this.objectCost = Math.max(this.objectCost, 3 * scope.cost);
      return text;
    };
    return this.fill(node, rule, context, unit, fill);
  }

  /** The inside of a function. */
  private body(node: Node, hole: Hole, scope: Scope, outer: Context, own?: Callable): string {
    const stays = hole.modifiers.includes('stays');
    const inside: Context = {
      ...scopeContext(scope, outer),
      canReturn: !stays,
      self: hole.modifiers.includes('method'),
    };
    const context = own === undefined ? inside : { ...inside, callables: [...inside.callables, own] };
    const [block, result] = node.children;
    const lines = [this.block(block, context)];
    const isGenerator = scope.defines === 'generator' || scope.defines === 'asyncgen';
    if (isGenerator && scope.yields === 0) {
      lines.push('yield 0');
      scope.yields = 1;
    }
    if (!stays && scope.defines !== 'asyncgen') lines.push(`return ${this.rule(result, context)}`);
    const calls = scope.ownCalls;
    scope.cost *= 1 + calls + calls * calls;
    scope.yields *= 1 + calls + calls * calls;
    return [...scope.head(), ...lines].join('\n');
  }

  /** A rule's text in its place, or what may stand there instead. */
  private rule(node: Node, context: Context): string {
    const rule = RULES[node.rule];
    if (rule.sort === 'iter') this.times = rule.times ?? 3;
    if (!this.fits(rule, context)) return this.instead(node, context);
    if (rule.isCall === true) return this.call(node, context);
    const unit = ++this.units;
    if (rule.where === 'yield') context.scope.yields += context.times;
    return this.fill(node, rule, context, unit, (hole, child) => this.child(child, hole, context, unit));
  }

  private child(child: Node, hole: Hole, context: Context, unit: number): string {
    const inside = modified(context, hole, unit, this.times);
    if (child.sort === 'block') return this.block(child, inside);
    const text = this.rule(child, inside);
    if (hole.modifiers.includes('yields')) {
      context.scope.yields += context.times * (child.sort === 'iter' ? this.times : 3);
    }
    return text;
  }

  /** Fills the holes of a rule's text. */
  private fill(
    node: Node,
    rule: ParsedRule,
    context: Context,
    unit: number,
    fill: (hole: Hole, child: Node) => string,
  ): string {
    const { texts, holes } = rule.template;
    let out = texts[0];
    let child = 0;
    let last = '';
    let picks = 0;
    this.times = rule.times ?? 3;
    // a loop runs as often as what it goes over has items, whatever is written in between
    let loop = this.times;
    holes.forEach((hole, at) => {
      let text: string;
      if (isSort(hole.name)) {
        this.times = loop;
        text = indented(fill(hole, node.children[child++]), out);
        if (hole.name === 'iter') loop = this.times;
      } else if (hole.name === '=') text = last;
      else if (hole.name === 'u') text = String(unit);
      else {
        last = text = this.name(hole.name, (node.pick >> ((picks++ % 8) * 3)) & 7, context);
        if (hole.name === 'G' || hole.name === 'H') loop = this.times;
      }
      out += text + texts[at + 1];
    });
    this.times = loop;
    return out;
  }

  private name(letter: string, bits: number, context: Context): string {
    const { scope, items } = context;
    switch (letter) {
      case 'L':
        return String(bits & 3);
      case 'W':
        return WORDS[bits & 3];
      case 'E':
        return RAISED[bits + (context.times % 2) * 8];
      case 'X':
        return CAUGHT[bits];
      case 'e':
        return context.exception ?? 'None';
      case 'B':
        return bits < 3 && context.classes.length > 0
          ? `(${context.classes[bits % context.classes.length]})`
          : bits < 6
            ? '(Box)'
            : '';
      case 'C':
        return this.className(bits, context);
      case 'G':
        return this.iteration(bits, context, 'generator') ?? '[1, 2]';
      case 'H':
        return this.iteration(bits, context, 'asyncgen') ?? 'ticker(2)';
      case 'o':
        if (context.bare || !scope.affords(context.times * this.objectCost)) return 'None';
    }
    const names = VARIABLES[letter.toLowerCase()];
    if (names === undefined) throw new RangeError(`unknown hole ${letter}`);
    if (context.bare) return letter === 'n' ? (items[bits % items.length] ?? '2') : BARE[letter];
    const candidates = letter === 'n' ? [...items, ...names] : names;
    const name = candidates[bits % candidates.length];
    if (names.includes(name)) scope.use(name);
    return name;
  }

  private className(bits: number, { classes, scope, times }: Context): string {
    if (!scope.affords(times * this.objectCost)) return 'object';
    return bits < 7 && classes.length > 0 ? classes[bits % classes.length] : 'Box';
  }

  /** A call whose values are gone over. */
  private iteration(bits: number, context: Context, kind: Kind): string | undefined {
    this.times = 2;
    const candidates = context.callables.filter((callable) => callable.kind === kind && callable.cost > 1);
    const callable = candidates[bits % candidates.length];
    if (callable === undefined || context.times * callable.yields > 60) return undefined;
    if (!context.scope.affords(context.times * callable.cost)) return undefined;
    this.times = callable.yields;
    return `${callable.name}(${bits & 1})`;
  }

  private call(node: Node, context: Context): string {
    const { callables, scope, times } = context;
    const callable = callables[node.pick % callables.length];
    // what goes over an asynchronous generator is a comprehension
    const source = context.source || callable?.kind === 'asyncgen';
    const [first, second] = node.children.map((child) => this.rule(child, { ...context, source }));
    if (callable === undefined) return `(${first} + ${second})`;
    let depth = String((node.pick >> 4) % 3);
    const isOwn = callable.cost === 1 && callable === callables[callables.length - 1];
    if (callable.cost === 1) {
      if (!isOwn || scope.kind !== 'function' || scope.ownCalls > 0 || times > 3 || context.inner)
        return first;
      scope.ownCalls = times;
      depth = 'd - 1';
    } else if (!scope.affords(times * callable.cost)) return `(${first} + ${second})`;
    const text = `${callable.name}(${PASSED[(node.pick >> 8) & 7](depth, first, second)})`;
    const used = this.used(text, callable.kind, node.pick >> 11, context);
    return isOwn ? `(${used} if d > 0 else 0)` : used;
  }

  /** An int of what a call gives. */
  private used(call: string, kind: Kind, bits: number, context: Context): string {
    const awaits = allows(context, 'async');
    switch (kind) {
      case 'plain':
        return call;
      case 'generator':
        return [`sum(${call})`, `len([*${call}])`, `next(${call}, 0)`, `max(${call}, default=0)`][bits & 3];
      case 'async':
        if (awaits) return `(await ${call})`;
        return (bits & 7) === 0 && context.times === 1
          ? `asyncio.run(${call})`
          : `run(${call}, ${bits & 3 || 9})`;
      case 'asyncgen':
        return awaits ? `sum([v async for v in ${call}])` : `run(total(${call}), ${bits & 3 || 9})`;
    }
  }

  /** What stands for a rule that may not stand here: its parts that may. */
  private instead(node: Node, context: Context): string {
    const { sort } = RULES[node.rule];
    if (sort === 'iter') this.times = 2;
    if (sort !== 'stmt') {
      const same = node.children.find((child) => child.sort === sort);
      return same === undefined ? (INSTEAD[sort] ?? 'pass') : this.rule(same, context);
    }
    const blocks = node.children.filter((child) => child.sort === 'block');
    const value = (): string => this.name('n', node.pick & 7, context);
    if (blocks.length === 0) return `print('${++this.units}', ${value()})`;
    return blocks
      .map((block) => `if ${value()}:\n${indented(`    ${this.block(block, context)}`, '    ')}`)
      .join('\n');
  }
}

/** Variables of enclosing scopes: each with a chance of one in four. */
function outerBits(node: Node): number {
  return node.pick & (node.pick >> 12) & 0xfff;
}

const BARE: Readonly<Record<string, string>> = {
  s: 'str(1)',
  a: '[1]',
  t: '{}',
  N: 'z',
  S: 'z',
  A: 'z',
  T: 'z',
  O: 'z',
};

/** A text of several lines behind another: its further lines begin where the other's last line does. */
function indented(text: string, before: string): string {
  const indent = /(?:^|\n)([ ]*)[^\n]*$/.exec(before)?.[1] ?? '';
  return text.replaceAll('\n', `\n${indent}`);
}

/** A statement of the module whose exceptions do not end the program. */
function guarded(text: string): string {
  if (/^[\w(), '=]*$/.test(text) || /^(def|async|@)/.test(text)) return text;
  return `try:\n${indented(`    ${text}`, '    ')}\nexcept BaseException as e:\n    tb(e)`;
}
