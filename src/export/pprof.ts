import { gzipSync } from 'node:zlib';
import type { Profile } from '../profile/profile.ts';
import type { ProfileFormat } from './format.ts';
import type { Frame } from './frames.ts';
import { ProtobufWriter } from './protobuf.ts';
import { title } from './speedscope.ts';
import { type Stack, stacksOf } from './stacks.ts';

/** What each sample has numbers of; readers that do not ask for the default take the last. */
const SAMPLE_TYPES = [
  ['operations', 'count', (stack: Stack) => stack.count],
  ['raised', 'count', (stack: Stack) => stack.raised],
  ['await', 'nanoseconds', (stack: Stack) => stack.awaitNs],
  ['suspended', 'nanoseconds', (stack: Stack) => stack.suspendedNs],
  ['off_cpu', 'nanoseconds', (stack: Stack) => stack.offCpuNs],
  ['gc', 'count', (stack: Stack) => stack.gcCount],
  ['gc_time', 'nanoseconds', (stack: Stack) => stack.gcNs],
  ['self', 'nanoseconds', (stack: Stack) => stack.selfNs],
] as const;

const DEFAULT_TYPE = 'self';

/** Gzipped protobuf, as profile.proto of google/pprof describes it. */
export const pprof: ProfileFormat = {
  summary: 'pprof protobuf: go tool pprof, Pyroscope, Grafana; opcodes and operands are labels',
  extensions: ['pb.gz', 'pprof'],
  binary: true,
  *write(profile) {
    const builder = new PprofBuilder();
    for (const [type, unit] of SAMPLE_TYPES) builder.valueType(1, type, unit);
    for (const stack of stacksOf(profile)) builder.sample(stack);
    yield gzipSync(builder.finish(profile));
  },
};

class PprofBuilder {
  readonly #out = new ProtobufWriter();
  readonly #strings = new Map<string, number>([['', 0]]);
  readonly #locations = new Map<Frame, number>();
  readonly #functions = new Map<Frame, number>();

  valueType(field: number, type: string, unit: string): void {
    this.#out.messageField(field, (message) => {
      message.varintField(1, this.#string(type));
      message.varintField(2, this.#string(unit));
    });
  }

  sample(stack: Stack): void {
    const values = SAMPLE_TYPES.map(([, , of]) => Math.round(of(stack)));
    if (values.every((value) => value === 0)) return;
    // The innermost comes first. Operands are labels.
    const frames = stack.frames.filter(({ kind }) => kind !== 'operands');
    const locations = frames.map((frame) => this.#location(frame)).reverse();
    this.#out.messageField(2, (message) => {
      message.packedField(1, locations);
      message.packedField(2, values);
      for (const [key, value] of labelsOf(stack)) {
        message.messageField(3, (label) => {
          label.varintField(1, this.#string(key));
          label.varintField(2, this.#string(value));
        });
      }
    });
  }

  finish(profile: Profile): Uint8Array {
    const comment = this.#string(title(profile));
    const defaultType = this.#string(DEFAULT_TYPE);
    const out = this.#out;
    out.varintField(9, Math.round(profile.processes[0]?.startUnixNs ?? 0));
    out.varintField(10, Math.round(profile.durationNs));
    out.packedField(13, [comment]);
    out.varintField(14, defaultType);
    for (const text of this.#strings.keys()) out.textField(6, text);
    return out.toBytes();
  }

  #string(text: string): number {
    const known = this.#strings.get(text);
    if (known !== undefined) return known;
    const number = this.#strings.size;
    this.#strings.set(text, number);
    return number;
  }

  #location(frame: Frame): number {
    const known = this.#locations.get(frame);
    if (known !== undefined) return known;
    const id = this.#locations.size + 1;
    this.#locations.set(frame, id);
    const functionId = this.#function(frame);
    this.#out.messageField(4, (location) => {
      location.varintField(1, id);
      location.messageField(4, (line) => {
        line.varintField(1, functionId);
        line.varintField(2, frame.line ?? 0);
        line.varintField(3, frame.column === null ? 0 : frame.column + 1);
      });
    });
    return id;
  }

  #function(frame: Frame): number {
    const known = this.#functions.get(frame);
    if (known !== undefined) return known;
    const id = this.#functions.size + 1;
    this.#functions.set(frame, id);
    const [name, file] = [this.#string(frame.name), this.#string(frame.file)];
    this.#out.messageField(5, (message) => {
      message.varintField(1, id);
      message.varintField(2, name);
      message.varintField(3, name);
      message.varintField(4, file);
      message.varintField(5, frame.line ?? 0);
    });
    return id;
  }
}

function labelsOf({ site, variant }: Stack): [string, string][] {
  if (site === null) return [];
  const labels: [string, string | null | undefined][] = [
    ['opcode', site.opcode],
    ['name', site.name],
    ['kind', site.kind],
    ['how', variant?.how],
    ['type', variant?.type],
    ['other_type', variant?.otherType],
    ['callee', variant?.callee],
    ['freed', variant?.freed],
  ];
  return labels.filter((label): label is [string, string] => typeof label[1] === 'string' && label[1] !== '');
}
