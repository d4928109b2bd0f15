import { plural } from '../../report/units.ts';
import type { Watched } from '../../top/table.ts';
import { ask } from '../control/running-profile.ts';

/**
 * Asks those of the processes that run to stop recording; where none of them records, to begin again.
 * @returns what was asked, or why it could not be, in one sentence
 */
export function switchRecording(processes: readonly Watched[]): string {
  const running = processes.filter(({ ended }) => !ended);
  const wish = running.some(({ profile }) => profile.recording) ? 'off' : 'on';
  try {
    for (const { path } of running) ask(path, wish);
  } catch (error) {
    return error instanceof Error ? error.message : String(error);
  }
  if (running.length === 0) return 'no process runs that could record';
  const verb = wish === 'off' ? 'stop recording' : 'record again';
  return `asked ${plural(running.length, 'process', 'processes')} to ${verb}, at the next operation`;
}
