import type { Model } from './model.ts';

/** A frame of the flame graph. */
export interface Frame {
  readonly label: string;
  /** For its colour; -1 for files and functions. */
  readonly category: number;
  /** Number of the operation, or -1. */
  readonly site: number;
  readonly children: Frame[];
  readonly parent: Frame | null;
  /** In itself, without its children. */
  ownNs: number;
  ownCount: number;
  /** With its children. */
  ns: number;
  count: number;
  readonly depth: number;
}

function newFrame(label: string, parent: Frame | null, site = -1, category = -1): Frame {
  const depth = parent === null ? 0 : parent.depth + 1;
  const frame: Frame = {
    label,
    category,
    site,
    children: [],
    parent,
    ownNs: 0,
    ownCount: 0,
    ns: 0,
    count: 0,
    depth,
  };
  parent?.children.push(frame);
  return frame;
}

/** The frames: chains of operations where they were recorded, else file, function, operation. */
export function toFrames(model: Model): Frame {
  const root = newFrame('all', null);
  if (model.data.contexts === null) addPlaces(model, root);
  else addContexts(model, root);
  addUp(root);
  return root;
}

function addPlaces(model: Model, root: Frame): void {
  model.byFile.forEach((ids, file) => {
    const top = newFrame(model.data.files[file].short, root);
    const functions = new Map<string, Frame>();
    for (const id of ids) {
      const site = model.sites[id];
      if (site.count === 0 || site.isAwait) continue;
      const around = functions.get(site.function) ?? newFrame(site.function, top);
      functions.set(site.function, around);
      const leaf = newFrame(operationLabel(model, id), around, id, site.category);
      leaf.ownNs = Math.max(0, site.selfNs);
      leaf.ownCount = site.count;
    }
  });
}

function addContexts(model: Model, root: Frame): void {
  const { contexts, strings } = model.data;
  if (contexts === null) return;
  const frames: Frame[] = [];
  contexts.parent.forEach((parent, node) => {
    const id = contexts.site[node];
    const around = parent < 0 ? root : frames[parent];
    const label = id < 0 ? (strings[contexts.label[node]] ?? 'root') : operationLabel(model, id);
    const frame = newFrame(label, around, id, id < 0 ? -1 : model.sites[id].category);
    frame.ownNs = id >= 0 && model.sites[id].isAwait ? 0 : Math.max(0, contexts.selfNs[node]);
    frame.ownCount = contexts.count[node];
    frames.push(frame);
  });
}

function operationLabel(model: Model, id: number): string {
  const { opcode, name, line } = model.sites[id];
  return `${opcode}${name === '' ? '' : ` ${name}`}${line < 0 ? '' : ` :${line}`}`;
}

/** Without recursion: chains can be as deep as the program's stack. */
function addUp(root: Frame): void {
  const order: Frame[] = [root];
  for (let k = 0; k < order.length; k++) for (const child of order[k].children) order.push(child);
  for (let k = order.length - 1; k >= 0; k--) {
    const frame = order[k];
    frame.ns = frame.ownNs;
    frame.count = frame.ownCount;
    for (const child of frame.children) {
      frame.ns += child.ns;
      frame.count += child.count;
    }
  }
}

/** The way to a frame as numbers of children, for the address. */
export function pathOf(frame: Frame): string {
  const steps: number[] = [];
  for (let at = frame; at.parent !== null; at = at.parent) steps.unshift(at.parent.children.indexOf(at));
  return steps.join('.');
}

/** The frame at the end of {@link pathOf}; the last one that is there where the way leads nowhere. */
export function frameAt(root: Frame, path: string): Frame {
  let frame = root;
  for (const step of path === '' ? [] : path.split('.')) {
    const next = frame.children[Number(step)];
    if (next === undefined) return frame;
    frame = next;
  }
  return frame;
}
