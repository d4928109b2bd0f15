import { parentPort, workerData } from 'node:worker_threads';
import { PyrewriteError } from '../../errors.ts';
import type { TreeFile } from './collect.ts';
import type { RewriteJob } from './destination.ts';
import { type FileOutcome, rewriteFiles } from './engine.ts';
import type { LaneMessage } from './lanes.ts';

/** Messages cost more than most files do. */
const OUTCOMES_PER_MESSAGE = 16;

interface LaneData {
  readonly files: readonly TreeFile[];
  readonly job: RewriteJob;
}

function send(message: LaneMessage): void {
  parentPort?.postMessage(message);
}

async function work({ files, job }: LaneData): Promise<void> {
  let outcomes: FileOutcome[] = [];
  for await (const outcome of rewriteFiles(files, job)) {
    outcomes.push(outcome);
    if (outcomes.length >= OUTCOMES_PER_MESSAGE) {
      send({ kind: 'outcomes', outcomes });
      outcomes = [];
    }
  }
  send({ kind: 'outcomes', outcomes });
  send({ kind: 'done' });
}

try {
  await work(workerData);
} catch (error) {
  if (!(error instanceof PyrewriteError)) throw error;
  const { code, message, remedy } = error;
  send({ kind: 'failed', code, message, remedy });
}
