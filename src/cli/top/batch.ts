import { setTimeout as sleep } from 'node:timers/promises';
import { percentiles } from '../../profile/histogram.ts';
import { formatColumns } from '../../report/text-table.ts';
import { formatCount, plural } from '../../report/units.ts';
import { columnsOf, type TopScene } from '../../top/render.ts';
import { initialState } from '../../top/state.ts';
import type { TopSort } from '../../top/table.ts';
import type { Io } from '../io.ts';
import { SceneMaker } from './scene.ts';
import type { Watcher } from './watcher.ts';

/** What {@link batch} prints. */
export interface BatchOptions {
  readonly sort: TopSort;
  readonly filter: string;
  readonly intervalMs: number;
  /** Snapshots. */
  readonly times: number;
  /** Rows of each; 0 for all. */
  readonly limit: number;
  readonly json: boolean;
}

/** Prints snapshots as plain lines, each with the rates of an interval. */
export async function batch(watcher: Watcher, options: BatchOptions, io: Io): Promise<void> {
  const maker = new SceneMaker(io.cwd);
  const state = initialState(options.sort, options.filter);
  const limit = options.limit === 0 ? Number.MAX_SAFE_INTEGER : options.limit;
  const scene = (): TopScene => {
    const now = performance.now() / 1000;
    watcher.refresh(now, true);
    const made = maker.scene(watcher.processes, state, now, limit);
    // Asked for at each snapshot, so that the next one knows what is recent.
    for (const row of made.rows) made.durations(row);
    return made;
  };
  scene();
  for (let i = 0; i < options.times; i++) {
    await sleep(options.intervalMs);
    const made = scene();
    io.stdout.write(options.json ? `${JSON.stringify(toJson(made))}\n` : textOf(made, i > 0));
  }
}

function textOf(scene: TopScene, isNext: boolean): string {
  const { rows, totals, processes, message } = scene;
  const ended = processes.filter((process) => process.ended).length;
  const head = [
    `${plural(processes.length, 'process', 'processes')}${ended > 0 ? ` (${ended} ended)` : ''}`,
    plural(totals.sites, 'site'),
    `${formatCount(totals.countRate)} operations/s`,
  ];
  const lines = [head.join(', ')];
  if (message !== '') lines.push(message);
  if (rows.length > 0)
    lines.push(...formatColumns(columnsOf(scene), rows, { width: Number.POSITIVE_INFINITY }).lines);
  return `${isNext ? '\n' : ''}${lines.join('\n')}\n`;
}

/** Version of the JSON interface; docs/how-to/watch-running-processes.md has its fields. */
const TOP_SCHEMA = 'pyrewrite-top/1';

function toJson({ rows, totals, processes, durations, floorNs }: TopScene) {
  return {
    schema: TOP_SCHEMA,
    unixNs: Date.now() * 1e6,
    floorNs,
    processes,
    totals: { sites: totals.sites, countPerSecond: totals.countRate, selfNsPerSecond: totals.selfRate },
    sites: rows.map((row) => {
      const { histogram, recent } = durations(row);
      const [p50Ns, p99Ns] = percentiles(histogram, [0.5, 0.99]);
      const { file, function: name, line, column, opname, name: operand } = row.site;
      return {
        file,
        function: name,
        line,
        column,
        opcode: opname,
        name: operand,
        count: row.count,
        raised: row.raised,
        selfNs: row.self,
        maxNs: row.max,
        countPerSecond: row.countRate,
        raisedPerSecond: row.raisedRate,
        selfNsPerSecond: row.selfRate,
        p50Ns,
        p99Ns,
        recent,
      };
    }),
  };
}
