import { readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { PyrewriteError } from '../../errors.ts';
import type { PageAssets } from '../../html/document.ts';

/** Where the build puts the page's program and styles, beside the compiled modules. */
const FOLDER = new URL('../../html/page/', import.meta.url);

/**
 * The page's program and styles.
 * @throws PyrewriteError 'not-found' when pyrewrite was not built
 */
export function readAssets(): PageAssets {
  return { script: readAsset('page.js'), style: readAsset('page.css') };
}

function readAsset(name: string): string {
  const file = fileURLToPath(new URL(name, FOLDER));
  try {
    return readFileSync(file, 'utf8');
  } catch (cause) {
    const remedy = 'install pyrewrite again, or build it with npm run build';
    throw new PyrewriteError('not-found', `a part of the HTML report is missing: ${file}`, { remedy, cause });
  }
}
