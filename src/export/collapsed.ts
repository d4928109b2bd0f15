import type { ProfileFormat } from './format.ts';
import { METRICS, stacksOf } from './stacks.ts';

/** `frame;frame;frame 42`: whole numbers of nanoseconds or executions. */
export const collapsed: ProfileFormat = {
  summary: 'collapsed stacks: flamegraph.pl, inferno, speedscope',
  extensions: ['collapsed', 'folded'],
  binary: false,
  *write(profile, { metric = 'self' }) {
    const { of } = METRICS[metric];
    for (const stack of stacksOf(profile)) {
      const weight = Math.round(of(stack));
      if (weight > 0) yield `${stack.frames.map(({ name }) => frameName(name)).join(';')} ${weight}\n`;
    }
  },
};

/** The format has no escapes. */
function frameName(name: string): string {
  return name.replace(/;/g, ',').replace(/\s+/g, ' ');
}
