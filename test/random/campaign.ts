/** Many random programs under one interpreter. */
import fc from 'fast-check';
import { GROUP_NAMES } from '../../src/opcodes/selection.ts';
import { minorOf, type Python } from '../support/pythons.ts';
import { compareJobs, type Difference, LOOKING, OPENED, TOSSED } from './machine.ts';
import { render } from './render.ts';
import { type Program, program } from './tree.ts';

/** Which programs, where. */
export interface Campaign {
  readonly python: Python;
  readonly seed: number;
  /** Number of the first program of the seed. */
  readonly first?: number;
  readonly count: number;
  /** Gates that toss a coin, too: no run is like another. */
  readonly tossed: boolean;
  /** Called after each batch with the number of programs done. */
  readonly onProgress?: (done: number) => void;
}

/** A program that behaves otherwise with probes. */
export interface Failure {
  readonly number: number;
  readonly value: fc.Value<Program>;
  readonly difference: Difference;
}

/** What was compared, and what differed. */
export interface CampaignResult {
  readonly programs: number;
  /** Instrumented forms that were compared with their programs. */
  readonly compared: number;
  readonly sites: number;
  /** Lines of output that agreed. */
  readonly lines: number;
  /** Programs that did not compile, as messages: faults of the generator. */
  readonly invalid: readonly string[];
  readonly failures: readonly Failure[];
}

const BATCH = 50;

/** Runs the programs `first` … of a seed; a program is the same for every interpreter but for what its version lacks. */
export function runCampaign({
  python,
  seed,
  first = 0,
  count,
  tossed,
  onProgress,
}: Campaign): CampaignResult {
  const total = { programs: 0, compared: 0, sites: 0, lines: 0 };
  const invalid: string[] = [];
  const failures: Failure[] = [];
  for (let done = 0; done < count; done += BATCH) {
    const numbers = Array.from({ length: Math.min(BATCH, count - done) }, (_, k) => first + done + k);
    const values = numbers.map((number) => generate(seed, number));
    const jobs = values.map(({ value }, k) => ({
      source: render(value, minorOf(python)),
      selections: selectionsFor(seed, numbers[k], tossed),
    }));
    compareJobs(python, jobs).forEach((verdict, k) => {
      total.programs++;
      total.compared += verdict.compared;
      total.sites += verdict.sites;
      total.lines += verdict.plain?.stdout.split('\n').length ?? 0;
      if (verdict.error !== null) invalid.push(`program ${numbers[k]} of seed ${seed}: ${verdict.error}`);
      const [difference] = verdict.differences;
      if (difference !== undefined) failures.push({ number: numbers[k], value: values[k], difference });
    });
    onProgress?.(done + numbers.length);
  }
  return { ...total, invalid, failures };
}

/** Everything, in one of the forms, and one group or opcode list that changes from program to program. */
function selectionsFor(seed: number, number: number, tossed: boolean): readonly string[] {
  const groups = GROUP_NAMES.filter((name) => name !== 'all');
  const pick = (salt: number): string => groups[(mix(seed, number * 4 + salt) >>> 0) % groups.length];
  return [
    `${['', LOOKING, OPENED, LOOKING, tossed ? TOSSED : '', OPENED][number % 6]}all`,
    number % 5 === 0
      ? `${OPENED}${pick(2)}`
      : number % 3 === 0
        ? `${pick(1)},${pick(2)}`
        : number % 7 === 0
          ? `-${pick(1)}`
          : pick(1),
  ];
}

/** A program by its number, with what fast-check needs to shrink it. */
export function generate(seed: number, number: number): fc.Value<Program> {
  return program.generate(new fc.Random(randomNumbers(mix(seed, number))), undefined);
}

interface RandomNumbers {
  clone(): RandomNumbers;
  next(): number;
  getState(): readonly number[];
}

/** The generator that fast-check asks for: 32 bits of a counter, well mixed. */
function randomNumbers(start: number): RandomNumbers {
  let state = start;
  return {
    clone: () => randomNumbers(state),
    getState: () => [state],
    next: () => {
      state = (state + 0x9e3779b9) | 0;
      return mix(state, 0);
    },
  };
}

function mix(a: number, b: number): number {
  let bits = Math.imul(a ^ (a >>> 16), 0x85ebca6b) ^ Math.imul(b + 0x3c6ef372, 0x9e3779b1);
  bits = Math.imul(bits ^ (bits >>> 13), 0xc2b2ae35);
  bits = Math.imul(bits ^ (bits >>> 16), 0x7feb352d);
  return bits ^ (bits >>> 15);
}
