import type { Profile } from '../profile/profile.ts';
import type { MetricName, ProfileFormat } from './format.ts';
import { type Frame, METRIC_NAMES, METRICS, type Stack, stacksOf } from './stacks.ts';

const SCHEMA = 'https://www.speedscope.app/file-format-schema.json';

/** Samples that are made text at once. */
const SAMPLES_OF_CHUNK = 2000;

/** One profile for each metric that has something; weights are not rounded. */
export const speedscope: ProfileFormat = {
  summary: 'speedscope JSON: speedscope.app',
  extensions: ['speedscope.json', 'speedscope'],
  binary: false,
  *write(profile) {
    const frames = new FrameNumbers();
    const profiles = METRIC_NAMES.map((metric) => sampled(profile, metric, frames)).filter(
      (one) => one.samples.length > 0,
    );
    yield `{"$schema":${JSON.stringify(SCHEMA)},"exporter":"pyrewrite","name":${JSON.stringify(title(profile))},`;
    yield `"activeProfileIndex":0,"shared":{"frames":`;
    yield* jsonList(frames.all.map(frameJson));
    yield `},"profiles":[`;
    for (const [i, { metric, samples, weights }] of profiles.entries()) {
      const { about, unit } = METRICS[metric];
      const end = weights.reduce((sum, weight) => sum + weight, 0);
      const head = JSON.stringify({ type: 'sampled', name: about, unit, startValue: 0, endValue: end });
      yield `${i === 0 ? '' : ','}${head.slice(0, -1)},"samples":`;
      yield* jsonList(samples);
      yield ',"weights":';
      yield* jsonList(weights);
      yield '}';
    }
    yield ']}\n';
  },
};

interface Sampled {
  readonly metric: MetricName;
  readonly samples: number[][];
  readonly weights: number[];
}

function sampled(profile: Profile, metric: MetricName, frames: FrameNumbers): Sampled {
  const { of } = METRICS[metric];
  const [samples, weights]: [number[][], number[]] = [[], []];
  for (const stack of stacksOf(profile)) {
    const weight = of(stack);
    if (weight <= 0) continue;
    samples.push(stack.frames.map((frame) => frames.numberOf(frame)));
    weights.push(weight);
  }
  return { metric, samples, weights };
}

/** Numbers of frames, in the order in which they are first seen. */
class FrameNumbers {
  readonly all: Frame[] = [];
  readonly #numbers = new Map<Stack['frames'][number]['key'], number>();

  numberOf(frame: Frame): number {
    const known = this.#numbers.get(frame.key);
    if (known !== undefined) return known;
    this.#numbers.set(frame.key, this.all.length);
    return this.all.push(frame) - 1;
  }
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
export function* jsonList(items: readonly unknown[]): Generator<string> {
  yield '[';
  for (let at = 0; at < items.length; at += SAMPLES_OF_CHUNK) {
    const part = JSON.stringify(items.slice(at, at + SAMPLES_OF_CHUNK));
    yield `${at === 0 ? '' : ','}${part.slice(1, -1)}`;
  }
  yield ']';
}
