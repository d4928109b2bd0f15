import { dirname } from 'node:path';
import { Worker } from 'node:worker_threads';
import { type ErrorCode, PyrewriteError } from '../../errors.ts';
import type { TreeFile } from './collect.ts';
import type { RewriteJob } from './destination.ts';
import type { FileOutcome } from './engine.ts';

/** Fewer files than this per lane do not pay for its start: a thread that compiles its code anew, an interpreter. */
const FILES_PER_LANE = 200;

/**
 * Lanes that pay, by measurement: a lane alone keeps two processors busy, since the interpreter compiles one file while
 * node instruments another. On two processors a second lane only made the whole slower.
 */
export function usefulLanes(files: number, processors: number): number {
  return Math.max(1, Math.min(Math.floor(processors / 2), Math.floor(files / FILES_PER_LANE)));
}

/** Shares the files out; a folder stays together, since its list of instrumented files is written by one lane. */
export function shareOut(files: readonly TreeFile[], lanes: number): TreeFile[][] {
  const byFolder = new Map<string, TreeFile[]>();
  for (const file of files) {
    const folder = dirname(file.path);
    const group = byFolder.get(folder);
    if (group === undefined) byFolder.set(folder, [file]);
    else group.push(file);
  }
  const shares = Array.from({ length: lanes }, (): TreeFile[] => []);
  for (const group of [...byFolder.values()].sort((a, b) => b.length - a.length)) {
    shares.reduce((least, share) => (share.length < least.length ? share : least)).push(...group);
  }
  return shares.filter((share) => share.length > 0);
}

/** What a lane tells: outcomes, then `done`, or what went wrong (an error loses its class on the way). */
export type LaneMessage =
  | { readonly kind: 'outcomes'; readonly outcomes: readonly FileOutcome[] }
  | { readonly kind: 'done' }
  | {
      readonly kind: 'failed';
      readonly code: ErrorCode;
      readonly message: string;
      readonly remedy: string | undefined;
    };

const WORKER = new URL('./lane-worker.js', import.meta.url);

function runLane(files: readonly TreeFile[], job: RewriteJob, onOutcome: (outcome: FileOutcome) => void) {
  return new Promise<void>((resolve, reject) => {
    const worker = new Worker(WORKER, { workerData: { files, job } });
    worker.on('message', (message: LaneMessage) => {
      if (message.kind === 'outcomes') for (const outcome of message.outcomes) onOutcome(outcome);
      else if (message.kind === 'done') resolve();
      else {
        const { code, remedy } = message;
        reject(new PyrewriteError(code, message.message, remedy === undefined ? {} : { remedy }));
      }
    });
    worker.on('error', reject);
    worker.on('exit', () => reject(new Error('a worker thread stopped')));
  });
}

/** Rewrites the files in several threads, each with an interpreter of its own. */
export async function rewriteInLanes(
  shares: readonly (readonly TreeFile[])[],
  job: RewriteJob,
  onOutcome: (outcome: FileOutcome) => void,
): Promise<void> {
  await Promise.all(shares.map((share) => runLane(share, job, onOutcome)));
}
