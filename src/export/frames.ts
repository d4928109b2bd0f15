import type { ContextStats, SiteStats, VariantStats } from '../profile/profile.ts';
import { variantLabel } from '../profile/variants.ts';

/** A box of a flame graph. */
export interface Frame {
  readonly kind: 'root' | 'file' | 'function' | 'operation' | 'operands' | 'collection';
  readonly name: string;
  readonly file: string;
  /** 1-based; null where it is not known. */
  readonly line: number | null;
  /** 0-based. */
  readonly column: number | null;
}

/** Makes frames: each function, operation … is one object, however many stacks it is in. */
export class Frames {
  readonly #named = new Map<string, Frame>();
  readonly #functions = new Map<string, Map<string, Frame>>();
  readonly #operations = new Map<SiteStats, Frame>();
  /** Of the site whose operands were asked for last: its rows stand together. */
  readonly #operands = new Map<string, Frame>();
  #operandsOf: SiteStats | null = null;

  /** What is around a site where nothing else is known. */
  place(site: SiteStats): Frame[] {
    return [this.#file(site), this.#function(site), this.#operation(site)];
  }

  /** {@link place}, and what the operation ran on. */
  operands(site: SiteStats, variant: VariantStats | null): Frame[] {
    const { file, line, column } = site;
    if (this.#operandsOf !== site) this.#operands.clear();
    this.#operandsOf = site;
    const name = variant === null ? '(operands not seen)' : variantLabel(variant);
    const make = (): Frame => ({ kind: 'operands', name, file, line, column });
    return [...this.place(site), remembered(this.#operands, name, make)];
  }

  /** A context without those around it. */
  context({ site, label }: ContextStats, sites: readonly SiteStats[]): Frame[] {
    const operation = sites[site];
    if (operation === undefined) return [this.root(label ?? '(unknown)')];
    return [this.#function(operation), this.#operation(operation)];
  }

  /** The outermost frame of stacks. */
  root(name: string): Frame {
    return this.#placeless('root', name);
  }

  /** Garbage collections of a generation. */
  collection(generation: number): Frame {
    return this.#placeless('collection', `garbage collection, generation ${generation}`);
  }

  #placeless(kind: 'root' | 'collection', name: string): Frame {
    return remembered(this.#named, `${kind} ${name}`, () => frame(kind, name, ''));
  }

  #file({ file }: SiteStats): Frame {
    return remembered(this.#named, `file ${file}`, () => frame('file', file, file));
  }

  #function({ file, function: name }: SiteStats): Frame {
    const functions = remembered(this.#functions, file, () => new Map<string, Frame>());
    return remembered(functions, name, () => frame('function', name, file));
  }

  /** The operation as it is called everywhere: opcode, name and place. */
  #operation(site: SiteStats): Frame {
    const { file, line, column } = site;
    return remembered(this.#operations, site, () => ({
      kind: 'operation',
      name: operationName(site),
      file,
      line,
      column,
    }));
  }
}

/** `LOAD_ATTR celsius :18:22`. */
export function operationName({ opcode, name, kind, line, column }: SiteStats): string {
  const what = [...(kind === 'await' ? ['await'] : []), opcode, ...(name === null ? [] : [name])].join(' ');
  if (line === null) return what;
  return column === null ? `${what} :${line}` : `${what} :${line}:${column}`;
}

function frame(kind: Frame['kind'], name: string, file: string): Frame {
  return { kind, name, file, line: null, column: null };
}

function remembered<Key, Value>(map: Map<Key, Value>, key: Key, make: () => Value): Value {
  const known = map.get(key);
  if (known !== undefined) return known;
  const value = make();
  map.set(key, value);
  return value;
}
