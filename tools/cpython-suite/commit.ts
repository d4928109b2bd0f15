/** Which rewriter the results are of. */
import { spawnSync } from 'node:child_process';
import { fileURLToPath } from 'node:url';

const PROJECT = fileURLToPath(new URL('../..', import.meta.url));
/** What puts probes in and what times them: a commit to documents, tests or results makes no other rewriter. */
const REWRITER = ['src', 'native'];

/** Where nothing tells the commit; it is never the present one. */
export const UNKNOWN = 'unknown';

function git(...args: readonly string[]): string {
  const { status, stdout } = spawnSync('git', ['-C', PROJECT, ...args, '--', ...REWRITER], {
    encoding: 'utf8',
  });
  return status === 0 ? stdout.trim() : '';
}

/** The short name of the last commit up to this one that changed the rewriter; the name given, if Git does not know it. */
export function rewriterOf(commit: string): string {
  return git('log', '-1', '--format=%h', '--abbrev=7', commit) || commit;
}

/** The commit of the rewriter as it is here, with `-dirty` if it has changes that are in no commit. */
export function presentRewriter(): string {
  const commit = git('log', '-1', '--format=%h', '--abbrev=7', 'HEAD');
  if (commit === '') return UNKNOWN;
  return git('status', '--porcelain') === '' ? commit : `${commit}-dirty`;
}
