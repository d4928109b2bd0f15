import type { Profile } from '../profile/profile.ts';
import { batches } from './batches.ts';
import type { MetricName, ProfileFormat } from './format.ts';
import type { Frame } from './frames.ts';
import { METRIC_NAMES, METRICS, stacksOf } from './stacks.ts';

const SCHEMA = 'https://www.speedscope.app/file-format-schema.json';

/** Items of a list that are made text at once. */
const ITEMS_OF_CHUNK = 2000;

/** One profile for each metric that has something; weights are not rounded. */
export const speedscope: ProfileFormat = {
  summary: 'speedscope JSON: speedscope.app',
  extensions: ['speedscope.json', 'speedscope'],
  binary: false,
  *write(profile) {
    const { frames, profiles } = sampled(profile);
    yield `{"$schema":${JSON.stringify(SCHEMA)},"exporter":"pyrewrite","name":${JSON.stringify(title(profile))},`;
    yield `"activeProfileIndex":0,"shared":{"frames":`;
    yield* jsonList(mapped(frames, frameJson));
    yield `},"profiles":[`;
    let before = '';
    for (const { metric, samples, weights } of profiles) {
      if (samples.length === 0) continue;
      const { about, unit } = METRICS[metric];
      const end = weights.reduce((sum, weight) => sum + weight, 0);
      const head = JSON.stringify({ type: 'sampled', name: about, unit, startValue: 0, endValue: end });
      yield `${before}${head.slice(0, -1)},"samples":`;
      yield* jsonList(samples);
      yield ',"weights":';
      yield* jsonList(weights);
      yield '}';
      before = ',';
    }
    yield ']}\n';
  },
};

/** Stacks of a metric as numbers of frames; metrics share the lists of a stack. */
interface Sampled {
  readonly metric: MetricName;
  readonly samples: (readonly number[])[];
  readonly weights: number[];
}

function sampled(profile: Profile): { frames: Iterable<Frame>; profiles: readonly Sampled[] } {
  const numbers = new Map<Frame, number>();
  const numberOf = (frame: Frame): number => {
    const number = numbers.get(frame) ?? numbers.size;
    numbers.set(frame, number);
    return number;
  };
  const profiles = METRIC_NAMES.map((metric): Sampled => ({ metric, samples: [], weights: [] }));
  for (const stack of stacksOf(profile)) {
    const shown = profiles.filter(({ metric }) => METRICS[metric].of(stack) > 0);
    if (shown.length === 0) continue;
    const sample = stack.frames.map(numberOf);
    for (const { metric, samples, weights } of shown) {
      samples.push(sample);
      weights.push(METRICS[metric].of(stack));
    }
  }
  return { frames: numbers.keys(), profiles };
}

function frameJson({ name, file, line, column }: Frame): object {
  return {
    name,
    ...(file === '' ? {} : { file }),
    ...(line === null ? {} : { line }),
    // Columns count from 1 there.
    ...(column === null ? {} : { col: column + 1 }),
  };
}

/** What ran, for the title. */
export function title({ processes, python }: Profile): string {
  const [first] = processes;
  const command = first === undefined ? '' : first.command.join(' ');
  const more = processes.length > 1 ? ` and ${processes.length - 1} more` : '';
  return `${command === '' ? 'pyrewrite' : command}${more} (Python ${python})`;
}

/** A JSON list in pieces: one text of all could be longer than a text can be. */
export function* jsonList(items: Iterable<unknown>): Generator<string> {
  let before = '[';
  for (const part of batches(items, ITEMS_OF_CHUNK)) {
    yield before + JSON.stringify(part).slice(1, -1);
    before = ',';
  }
  yield before === '[' ? '[]' : ']';
}

/** Each made when it is needed. */
export function* mapped<Item, Value>(items: Iterable<Item>, make: (item: Item) => Value): Generator<Value> {
  for (const item of items) yield make(item);
}
