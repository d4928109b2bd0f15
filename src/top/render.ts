import pc from 'picocolors';
import { type Histogram, histogramCount, percentiles } from '../profile/histogram.ts';
import { formatPlace } from '../report/place.ts';
import { type Column, cutMiddle, formatColumns, printable } from '../report/text-table.ts';
import { formatCount, formatDuration, formatMeasured, formatShare, plural } from '../report/units.ts';
import { chosenOf, KEY_HELP, type TopState } from './state.ts';
import type { TopRow, TopTotals } from './table.ts';

/** What a screen shows besides the state. */
export interface TopScene {
  /** The first rows, in their order. */
  readonly rows: readonly TopRow[];
  readonly totals: TopTotals;
  /** `pid command`, whether it ended, and whether it was not asked to stop recording. */
  readonly processes: readonly {
    readonly label: string;
    readonly ended: boolean;
    readonly recording: boolean;
  }[];
  /** Recent durations of a row, and whether they are recent: else they are all since the start. */
  readonly durations: (row: TopRow) => { readonly histogram: Histogram; readonly recent: boolean };
  readonly floorNs: number;
  readonly cwd: string;
  /** What is shown at the bottom, such as an error. */
  readonly message: string;
}

/** Size and abilities of the screen. */
export interface TopScreen {
  readonly columns: number;
  readonly rows: number;
  readonly color: boolean;
}

type Colors = ReturnType<typeof pc.createColors>;

const HEAD_LINES = 3;

/** Rows of operations that fit on a screen. */
export function roomFor({ rows }: TopScreen): number {
  return Math.max(1, rows - HEAD_LINES - 2);
}

/** The lines of a screen: exactly as many as it has, none longer than it is wide. */
export function renderTop(state: TopState, scene: TopScene, screen: TopScreen): string[] {
  const colors = pc.createColors(screen.color);
  const body =
    state.view === 'help'
      ? helpLines(screen)
      : state.view === 'site'
        ? siteLines(state, scene, screen, colors)
        : listLines(state, scene, screen, colors);
  const head = headLines(state, scene, screen, colors);
  const space = screen.rows - head.length - 1;
  const lines = [...head, ...body.slice(0, space)];
  while (lines.length < screen.rows - 1) lines.push('');
  return [...lines.slice(0, screen.rows - 1), footLine(state, scene, screen, colors)].slice(-screen.rows);
}

/** A line cut to the width of the screen. */
function clip(text: string, columns: number): string {
  return [...printable(text)].slice(0, columns).join('');
}

function headLines(
  state: TopState,
  { totals, processes }: TopScene,
  screen: TopScreen,
  colors: Colors,
): string[] {
  const ended = processes.filter((process) => process.ended).length;
  const shown = state.process < 0 ? undefined : processes[state.process];
  const which =
    shown === undefined
      ? `${plural(processes.length, 'process', 'processes')}${ended > 0 ? `, ${ended} ended` : ''}`
      : `${shown.label}${shown.ended ? ' (ended)' : ''}`;
  const facts = [
    `pyrewrite top: ${which}`,
    `${plural(totals.sites, 'site')}, ${formatCount(totals.countRate)} operations/s`,
    `${formatShare(totals.selfRate, 1e9)} of a CPU`,
  ];
  const choices = [
    `by ${state.sort}`,
    ...(state.filter === '' ? [] : [`with '${state.filter}'`]),
    ...(state.paused ? ['paused'] : []),
    ...silentWords(chosenOf(processes, state)),
  ];
  const alive = processes.filter((process) => !process.ended).map(({ label }) => label);
  return [
    colors.bold(clip(facts.join('  '), screen.columns)),
    colors.dim(clip(alive.slice(0, 5).join('  '), screen.columns)),
    clip(choices.join(', '), screen.columns),
  ];
}

function silentWords(processes: TopScene['processes']): string[] {
  const alive = processes.filter(({ ended }) => !ended);
  const silent = alive.filter(({ recording }) => !recording).length;
  if (silent === 0) return [];
  return [silent === alive.length ? 'not recording' : `${silent} of ${alive.length} not recording`];
}

function footLine(state: TopState, { message }: TopScene, { columns }: TopScreen, colors: Colors): string {
  if (state.typing !== null) return clip(`show only: ${state.typing}_`, columns);
  if (message !== '') return colors.yellow(clip(message, columns));
  return colors.dim(
    clip('q quit  s sort  / filter  enter histogram  ← → process  p pause  r record  h help', columns),
  );
}

function helpLines({ columns }: TopScreen): string[] {
  return ['', ...KEY_HELP.map(([keys, what]) => clip(`  ${keys.padEnd(20)} ${what}`, columns))];
}

function listLines(state: TopState, scene: TopScene, screen: TopScreen, colors: Colors): string[] {
  const room = roomFor(screen);
  const start = Math.max(0, Math.min(state.selected - room + 1, scene.rows.length - room));
  const rows = scene.rows.slice(start, start + room);
  if (rows.length === 0) return ['no operation was executed'];
  const { lines } = formatColumns(columnsOf(scene), rows, {
    width: screen.columns,
    expendable: ['raised/s', 'max', 'count', 'p50'],
  });
  return lines.map((line, i) => {
    const text = clip(line, screen.columns);
    if (i === 0) return colors.bold(text);
    return start + i - 1 === state.selected ? colors.inverse(text.padEnd(screen.columns)) : text;
  });
}

/** The columns of a table of operations. */
export function columnsOf({ durations, floorNs, cwd }: TopScene): Column<TopRow>[] {
  const percentile = (row: TopRow, fraction: number): string => {
    const [value] = percentiles(durations(row).histogram, [fraction]);
    return value === null ? '-' : formatMeasured(value, floorNs);
  };
  return [
    {
      title: 'CPU',
      align: 'right',
      cell: (row) => (row.site.kind === 'await' ? '-' : formatShare(row.selfRate, 1e9)),
    },
    { title: 'count/s', align: 'right', cell: (row) => formatCount(row.countRate) },
    { title: 'raised/s', align: 'right', cell: (row) => formatCount(row.raisedRate) },
    { title: 'p50', align: 'right', cell: (row) => percentile(row, 0.5) },
    { title: 'p99', align: 'right', cell: (row) => percentile(row, 0.99) },
    { title: 'max', align: 'right', cell: (row) => formatDuration(row.max) },
    { title: 'count', align: 'right', cell: (row) => formatCount(row.count) },
    { title: 'operation', align: 'left', minWidth: 10, cell: ({ site }) => site.opname },
    { title: 'name', align: 'left', minWidth: 8, cell: ({ site }) => site.name ?? '' },
    { title: 'place', align: 'left', minWidth: 12, cell: ({ site }) => formatPlace(site, cwd) },
  ];
}

const LABEL_WIDTH = 24;

function siteLines(state: TopState, scene: TopScene, screen: TopScreen, colors: Colors): string[] {
  const row = scene.rows[state.selected];
  if (row === undefined) return ['no operation is selected'];
  const { histogram, recent } = scene.durations(row);
  const { site, count, raised, self, max } = row;
  const title = `${site.opname}${site.name === null ? '' : ` ${site.name}`} in ${site.function}, ${formatPlace(site, scene.cwd)}`;
  const since = recent ? 'of the latest seconds' : 'since the start';
  return [
    colors.bold(clip(cutMiddle(printable(title), screen.columns), screen.columns)),
    clip(
      `${formatCount(count)} executions, ${formatCount(raised)} raised, ${formatDuration(self)} self, longest ${formatDuration(max)}`,
      screen.columns,
    ),
    clip(`durations ${since}: ${plural(histogramCount(histogram), 'execution')}`, screen.columns),
    '',
    ...histogramLines(histogram, screen, screen.rows - HEAD_LINES - 6),
  ];
}

/** Bars of a histogram, its buckets put together so that they fit. */
export function histogramLines(histogram: Histogram, { columns }: TopScreen, most: number): string[] {
  const { values, counts } = histogram;
  const [low, high] = [values[0] ?? 0, values[values.length - 1] ?? 0];
  const bins = Math.max(1, Math.min(most, 40, values.length));
  const [from, to] = [Math.log(Math.max(1, low)), Math.log(Math.max(2, high + 1))];
  const sums = new Array<number>(bins).fill(0);
  values.forEach((value, i) => {
    const part = (Math.log(Math.max(1, value)) - from) / Math.max(1e-9, to - from);
    sums[Math.min(bins - 1, Math.floor(part * bins))] += counts[i];
  });
  const largest = sums.reduce((a, b) => Math.max(a, b), 1);
  const edge = (bin: number): string => formatDuration(Math.exp(from + ((to - from) * bin) / bins));
  const width = Math.max(1, columns - LABEL_WIDTH - 12);
  return sums.map((sum, bin) => {
    const label = `${edge(bin)} … ${edge(bin + 1)}`.padStart(LABEL_WIDTH);
    const length = sum === 0 ? 0 : Math.max(1, Math.round((sum / largest) * width));
    return clip(`${label}  ${'█'.repeat(length)} ${sum === 0 ? '' : formatCount(sum)}`, columns);
  });
}
