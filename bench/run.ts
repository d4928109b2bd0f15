/**
 * Runs benches: `npm run bench` all of them, `npm run bench -- instrument` those whose name contains a word.
 * Keep the machine quiet: what else runs is measured too.
 */
import { spawnSync } from 'node:child_process';
import { readdirSync } from 'node:fs';
import { cpus } from 'node:os';
import { fileURLToPath } from 'node:url';

const folder = fileURLToPath(new URL('.', import.meta.url));
const words = process.argv.slice(2);
const names = readdirSync(folder)
  .filter((name) => name.endsWith('.ts') && name !== 'run.ts')
  .filter((name) => words.length === 0 || words.some((word) => name.includes(word)));
if (names.length === 0) {
  console.error(`no bench is named like ${words.join(', ')}`);
  process.exit(2);
}
console.log(`${cpus().length} × ${cpus()[0]?.model ?? 'unknown CPU'}, Node ${process.version}`);
let failed = 0;
for (const name of names) {
  console.log(`\n== ${name}`);
  const { status } = spawnSync('npx', ['tsx', `${folder}${name}`], { stdio: 'inherit' });
  if (status !== 0) failed++;
}
process.exit(failed === 0 ? 0 : 1);
