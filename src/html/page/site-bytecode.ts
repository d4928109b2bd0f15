import type { FileChunk, PageInstruction } from '../data.ts';
import { h } from './dom.ts';
import type { Site } from './model.ts';

/** Instructions shown around the lines of the site. */
const AROUND = 2;

/** The instructions of the site's lines, its own marked. */
export function bytecode(chunk: FileChunk, site: Site): HTMLElement {
  const code = chunk.codes.find(
    (one) => one.function === site.function && one.instructions.some((row) => isOwn(row, site)),
  );
  if (code === undefined)
    return h('p', { class: 'hint' }, chunk.codeNote || 'Not found in what the source compiles to here.');
  const rows = code.instructions;
  const own = rows.flatMap((row, k) => (isOwn(row, site) || row[0] === site.line ? [k] : []));
  const wanted = new Set(
    own.flatMap((k) => Array.from({ length: 2 * AROUND + 1 }, (_, d) => k + d - AROUND)),
  );
  const lines: HTMLElement[] = [];
  let last = -1;
  rows.forEach((row, k) => {
    if (!wanted.has(k)) return;
    if (last >= 0 && k > last + 1) lines.push(h('div', { class: 'gap' }, '…'));
    const isFirst = last < 0 || rows[last][0] !== row[0];
    lines.push(instruction(row, site, isFirst));
    last = k;
  });
  return h('div', { class: 'bytecode', role: 'list' }, ...lines);
}

function isOwn([line, from, to, , text]: PageInstruction, site: Site): boolean {
  return (
    line === site.line &&
    text.split(' ', 1)[0] === site.opcode &&
    (site.column < 0 || (from === site.column && to === site.endColumn))
  );
}

function instruction(row: PageInstruction, site: Site, isFirst: boolean): HTMLElement {
  const [line, , , offset, text] = row;
  const [opname, ...operand] = text.split(' ');
  const own = isOwn(row, site);
  return h(
    'div',
    {
      role: 'listitem',
      class: own ? 'own' : line === site.line ? 'near' : 'far',
      'aria-current': own && 'true',
    },
    h('span', { class: 'no' }, isFirst && line >= 0 ? String(line) : ''),
    h('span', { class: 'offset' }, String(offset)),
    h('span', { class: 'opname' }, opname),
    h('span', { class: 'operand' }, operand.join(' ')),
  );
}
