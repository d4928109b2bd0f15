import { createHash } from 'node:crypto';
import { gzipSync } from 'node:zlib';
import type { FileChunk, PageData } from './data.ts';

/** The page's program and its styles, as the build made them. */
export interface PageAssets {
  readonly script: string;
  readonly style: string;
}

/**
 * The document, in pieces: program, styles and data in one file that loads nothing else.
 * @param chunks each is asked for when it is written
 */
export function* toDocument(
  data: PageData,
  chunks: Iterable<FileChunk>,
  assets: PageAssets,
): Generator<string> {
  yield `<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta http-equiv="Content-Security-Policy" content="${policy(assets)}">
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta name="color-scheme" content="light dark">
<meta name="generator" content="pyrewrite ${escapeHtml(data.version)}">
<title>${escapeHtml(data.title)}</title>
<style>${assets.style}</style>
</head>
<body>
<noscript>This report needs JavaScript. pyrewrite report prints the same numbers in a terminal.</noscript>
<div id="page" aria-busy="true"></div>
${element(data, 0)}
`;
  let number = 1;
  for (const chunk of chunks) yield `${element(chunk, number++)}\n`;
  yield `<script>${assets.script}</script>
</body>
</html>
`;
}

function element(part: PageData | FileChunk, number: number): string {
  return `<script type="text/plain" id="d${number}">${packed(part)}</script>`;
}

/** Nothing is loaded and only our own program runs, whatever the texts of the profile say. */
function policy({ script, style }: PageAssets): string {
  const hash = (text: string): string => `'sha256-${createHash('sha256').update(text).digest('base64')}'`;
  return `default-src 'none'; script-src ${hash(script)}; style-src ${hash(style)}; base-uri 'none'; form-action 'none'`;
}

/** As base64 of gzip: small, and no text of the profile can end the element that holds it. */
function packed(part: PageData | FileChunk): string {
  return gzipSync(JSON.stringify(part)).toString('base64');
}

/** A text between tags or in a quoted attribute. Halves of surrogate pairs become U+FFFD when it is written as UTF-8. */
function escapeHtml(text: string): string {
  return text.replace(/[&<>"'\0]/g, (character) => `&#${character.charCodeAt(0)};`);
}
