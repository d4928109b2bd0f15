/*
 * Log-scaled histogram: 32 linear buckets per octave. Octave 0 holds 0-31 ticks exactly; octave k >= 1 covers
 * [2^(k+4), 2^(k+5)) in buckets of 2^(k-1) ticks, so that a bucket is at most 1/32 of its value wide.
 */
#ifndef PYREWRITE_HISTOGRAM_H
#define PYREWRITE_HISTOGRAM_H

#include "profile_file.h"

typedef struct {
  unsigned octave;
  unsigned bucket;
} histogram_place;

static inline histogram_place histogram_find(uint64_t ticks) {
  /* Exponent and five bits of mantissa of an IEEE double are octave and bucket: faster than counting zeros. */
  union {
    double value;
    uint64_t bits;
  } number = {(double)(int64_t)ticks};
  uint64_t index = ticks < 32 ? ticks : (number.bits >> 47) - (1027u << 5);
  histogram_place place = {(unsigned)(index >> 5), (unsigned)index & 31u};
  if (__builtin_expect(place.octave >= PROFILE_OCTAVES, 0)) place = (histogram_place){PROFILE_OCTAVES - 1, 31};
  return place;
}

/* First block of this octave at this site, or a passed 2^32. Not inlined: rare. */
void histogram_new_block(profile_site_t *site, histogram_place place);

static inline void histogram_add(profile_site_t *site, uint64_t ticks) {
  histogram_place place = histogram_find(ticks);
  uint32_t block = site->blocks[place.octave];
  if (__builtin_expect(block == 0, 0)) {
    histogram_new_block(site, place);
    return;
  }
  if (__builtin_expect(++profile_block(block)[place.bucket] == 0, 0)) profile_carry(block, place.bucket);
}

/* Value below which `fraction` of the durations of a site lie, in ticks: middle of its bucket. 0 when empty. */
double histogram_percentile(const profile_site_t *site, double fraction);

#endif
