import type { Counters, SiteStats, VariantStats } from './profile.ts';

/** What was measured of a site besides its counters. */
type SiteExtras = Pick<SiteStats, 'swallowed' | 'suspensions' | 'offCpu' | 'estimate' | 'variants'>;

/** What a site is, without what was measured. */
type SiteIdentity = Omit<SiteStats, keyof Counters | keyof SiteExtras>;

// All field by field: an object that is spread into another takes several times the room.

/** A site of what it is and what was measured. */
export function newSite(identity: SiteIdentity, counters: Counters, extras: SiteExtras): SiteStats {
  return {
    file: identity.file,
    function: identity.function,
    line: identity.line,
    endLine: identity.endLine,
    column: identity.column,
    endColumn: identity.endColumn,
    opcode: identity.opcode,
    name: identity.name,
    kind: identity.kind,
    count: counters.count,
    raised: counters.raised,
    totalNs: counters.totalNs,
    selfNs: counters.selfNs,
    minNs: counters.minNs,
    maxNs: counters.maxNs,
    p50Ns: counters.p50Ns,
    p90Ns: counters.p90Ns,
    p99Ns: counters.p99Ns,
    histogram: counters.histogram,
    swallowed: extras.swallowed,
    suspensions: extras.suspensions,
    offCpu: extras.offCpu,
    estimate: extras.estimate,
    variants: extras.variants,
    table: identity.table,
    position: identity.position,
  };
}

/** A variant of what it ran on and what was measured. */
export function newVariant(
  { how, type, otherType, callee, frees, freed }: Omit<VariantStats, keyof Counters>,
  counters: Counters,
): VariantStats {
  return {
    how,
    type,
    otherType,
    callee,
    frees,
    freed,
    count: counters.count,
    raised: counters.raised,
    totalNs: counters.totalNs,
    selfNs: counters.selfNs,
    minNs: counters.minNs,
    maxNs: counters.maxNs,
    p50Ns: counters.p50Ns,
    p90Ns: counters.p90Ns,
    p99Ns: counters.p99Ns,
    histogram: counters.histogram,
  };
}
