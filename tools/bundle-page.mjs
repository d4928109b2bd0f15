// Bundles the page of `report --html`: its modules to one script, its styles to one sheet.
import { buildSync } from 'esbuild';

/**
 * @param {string} project folder of the project, with a slash at its end
 * @param {string} folder where page.js and page.css go
 */
export function bundlePage(project, folder) {
  buildSync({
    entryPoints: [`${project}src/html/page/main.ts`, `${project}src/html/page/page.css`],
    outdir: folder,
    entryNames: 'page',
    bundle: true,
    minify: true,
    format: 'iife',
    target: ['chrome103', 'firefox113', 'safari16.4'],
    charset: 'utf8',
    legalComments: 'none',
    logLevel: 'warning',
  });
}
