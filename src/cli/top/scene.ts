import { mergeHistograms } from '../../profile/histogram.ts';
import { RecentDurations } from '../../top/recent.ts';
import type { TopScene } from '../../top/render.ts';
import { chosenOf, type TopState } from '../../top/state.ts';
import { collectRows, firstRows, totalsOf, type Watched } from '../../top/table.ts';

/** Makes what a screen shows of the processes, and remembers durations from one screen to the next. */
export class SceneMaker {
  readonly #recent = new RecentDurations();
  readonly #cwd: string;

  constructor(cwd: string) {
    this.#cwd = cwd;
  }

  /**
   * @param now seconds
   * @param most rows that are wanted
   */
  scene(processes: readonly Watched[], state: TopState, now: number, most: number): TopScene {
    const chosen = chosenOf(processes, state);
    const rows = collectRows(chosen, state.filter);
    this.#recent.forget(now);
    return {
      rows: firstRows(rows, state.sort, most),
      totals: totalsOf(rows),
      processes: processes.map(({ profile, ended }) => ({
        label: `${profile.pid} ${profile.command.join(' ')}`.trim(),
        ended,
        recording: profile.recording,
      })),
      durations: ({ site }) => {
        const histograms = chosen.map(({ profile }) => profile.histogram(site.key));
        const key = `${state.process} ${site.key}`;
        return this.#recent.of(key, [mergeHistograms(histograms)], now);
      },
      floorNs: chosen.reduce((worst, { profile }) => Math.max(worst, profile.floorNs), 0),
      cwd: this.#cwd,
      message: processes.length === 0 ? 'no running process records; new ones appear here' : '',
    };
  }
}
