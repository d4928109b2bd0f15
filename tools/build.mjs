#!/usr/bin/env node
// Builds the package: tsc to dist/, the page of HTML reports, the Python files beside it, the command executable.
// usage: node tools/build.mjs
import { spawnSync } from 'node:child_process';
import { chmodSync, cpSync, existsSync, mkdirSync, readdirSync, rmSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { bundlePage } from './bundle-page.mjs';

const project = fileURLToPath(new URL('..', import.meta.url));
const tsc = fileURLToPath(new URL('../node_modules/typescript/bin/tsc', import.meta.url));
const dist = `${project}dist`;

// A file deleted from src must not live on in dist.
rmSync(dist, { recursive: true, force: true });
const compiled = spawnSync(process.execPath, [tsc, '-p', `${project}tsconfig.json`], { stdio: 'inherit' });
if (compiled.status !== 0) process.exit(compiled.status ?? 1);

bundlePage(project, `${dist}/html/page`);
mkdirSync(`${dist}/runtime-py`, { recursive: true });
for (const name of readdirSync(`${project}src/runtime-py`).filter((file) => file.endsWith('.py'))) {
  cpSync(`${project}src/runtime-py/${name}`, `${dist}/runtime-py/${name}`);
}
if (existsSync(`${dist}/cli/main.js`)) chmodSync(`${dist}/cli/main.js`, 0o755);
