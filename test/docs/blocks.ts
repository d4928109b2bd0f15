/** A fenced block of a page. The words after the language tell what to do with it; CONTRIBUTING.md lists them. */
export interface Block {
  /** 1-based line of the opening fence. */
  readonly line: number;
  readonly language: string;
  readonly words: readonly string[];
  readonly text: string;
}

/** The fenced blocks of a Markdown page, in order. */
export function parseBlocks(markdown: string): Block[] {
  const blocks: Block[] = [];
  let open: { line: number; indent: string; fence: string; info: string[]; body: string[] } | undefined;
  markdown.split('\n').forEach((text, index) => {
    const fence = /^(\s*)(`{3,})(.*)$/.exec(text);
    if (open === undefined) {
      if (fence === null) return;
      const [, indent, ticks, info] = fence;
      open = { line: index + 1, indent, fence: ticks, info: info.trim().split(/\s+/), body: [] };
    } else if (text.trim() === open.fence) {
      const [language, ...words] = open.info;
      blocks.push({ line: open.line, language, words, text: open.body.join('\n') });
      open = undefined;
    } else {
      open.body.push(text.startsWith(open.indent) ? text.slice(open.indent.length) : text);
    }
  });
  if (open !== undefined) throw new Error(`the block at line ${open.line} is never closed`);
  return blocks;
}

/** Targets of the links of a page, without those inside fenced blocks. */
export function parseLinks(markdown: string): string[] {
  const prose = withoutBlocks(markdown).replace(/`[^`\n]*`/g, '');
  return [...prose.matchAll(/\]\(([^)\s]+)\)/g)].map((match) => match[1]);
}

/** Names of the places in a page that a link can point to, as GitHub makes them. */
export function parseAnchors(markdown: string): string[] {
  return [...withoutBlocks(markdown).matchAll(/^#+ (.*)$/gm)].map((match) =>
    match[1]
      .toLowerCase()
      .replace(/[^\p{L}\p{N}\s_-]/gu, '')
      .trim()
      .replace(/\s/g, '-'),
  );
}

function withoutBlocks(markdown: string): string {
  return markdown.replace(/^\s*(`{3,})[\s\S]*?^\s*\1\s*$/gm, '');
}

/**
 * Whether an output is as the page shows it: `…` stands for anything in a line, a line of `…` for any lines,
 * and several blanks for one or more, since the width of a column is not what a page is about.
 */
export function matchesOutput(shown: string, output: string): boolean {
  const pattern = shown
    .trimEnd()
    .split('\n')
    .map((line) => (line.trim() === '…' ? '(?:.*\\n)*?' : `${linePattern(line.trimEnd())}[ \\t]*\\n`))
    .join('');
  return new RegExp(`^${pattern}$`).test(`${output.trimEnd()}\n`);
}

function linePattern(line: string): string {
  return line.split('…').map(escapeRegExp).join('.*?').replace(/ {2,}/g, ' +');
}

function escapeRegExp(text: string): string {
  return text.replace(/[\\^$.*+?()[\]{}|]/g, '\\$&');
}
