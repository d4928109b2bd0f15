import type { Histogram } from '../profile/histogram.ts';
import type { Interval, SiteStats } from '../profile/profile.ts';
import { variantLabel } from '../profile/variants.ts';
import type { FileChunk, PageHistogram, PageInterval, PageVariant, SiteDetail } from './data.ts';
import { significant, thousandths, thousandthsOrNull } from './round.ts';
import type { SourceText } from './source-text.ts';

const NO_SOURCE: SourceText = {
  text: null,
  note: 'The source was left out of this report.',
  codes: [],
  codeNote: 'The bytecode was left out of this report.',
};

/** Everything about one file that is not needed to open the page. */
export function toChunk(sites: readonly SiteStats[], source: SourceText = NO_SOURCE): FileChunk {
  return {
    source: source.text,
    note: source.note,
    details: sites.map(toDetail),
    codes: source.codes,
    codeNote: source.codeNote,
  };
}

function toDetail(site: SiteStats): SiteDetail {
  const { suspensions, offCpu, estimate } = site;
  const histogram = toHistogram(site.histogram);
  return {
    histogram,
    variants: site.variants.map((variant) => {
      // Most sites have one variant, and its histogram is the site's.
      const own = variant.histogram === site.histogram ? histogram : toHistogram(variant.histogram);
      return toVariant(variant, own);
    }),
    suspensions: suspensions && { ...suspensions, totalNs: thousandths(suspensions.totalNs) },
    offCpu: offCpu && {
      count: offCpu.count,
      leastNs: thousandths(offCpu.leastNs),
      totalNs: thousandths(offCpu.totalNs),
    },
    estimate: estimate && {
      bursts: estimate.bursts,
      count: toInterval(estimate.count),
      selfNs: toInterval(estimate.selfNs),
    },
  };
}

function toInterval({ value, low, high }: Interval): PageInterval {
  return [thousandths(value), thousandths(low), thousandths(high)];
}

function toVariant(variant: SiteStats['variants'][number], histogram: PageHistogram): PageVariant {
  const { count, raised, totalNs, selfNs, p50Ns, p90Ns, p99Ns } = variant;
  return {
    label: variantLabel(variant),
    count,
    raised,
    totalNs: thousandths(totalNs),
    selfNs: thousandths(selfNs),
    p50Ns: thousandthsOrNull(p50Ns),
    p90Ns: thousandthsOrNull(p90Ns),
    p99Ns: thousandthsOrNull(p99Ns),
    histogram,
  };
}

/** The middles of buckets, to four digits: a bucket is a thirty-second of its value wide. */
function toHistogram({ values, counts }: Histogram): PageHistogram {
  const rows = new Array<number>(values.length * 2);
  for (let i = 0; i < values.length; i++) {
    rows[2 * i] = significant(values[i], 4);
    rows[2 * i + 1] = counts[i];
  }
  return rows;
}
