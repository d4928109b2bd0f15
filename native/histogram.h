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
  /* By masks: short operations take about 32 ticks, and no CPU guesses on which side the next one lies. */
  uint64_t is_short = 0 - (uint64_t)(ticks < 32);
  uint64_t index = (ticks & is_short) | (((number.bits >> 47) - (1027u << 5)) & ~is_short);
  histogram_place place = {(unsigned)(index >> 5), (unsigned)index & 31u};
  if (__builtin_expect(place.octave >= PROFILE_OCTAVES, 0)) place = (histogram_place){PROFILE_OCTAVES - 1, 31};
  return place;
}

/* Adds a duration where histogram_try_add cannot: the first of its octave at this site, or one that passes 2^32. */
void histogram_add(profile_site_t *site, uint64_t ticks);

/* 1 when it is added; 0 in the rare cases that are not for this. */
__attribute__((always_inline)) static inline int histogram_try_add(profile_site_t *site, uint64_t ticks) {
  histogram_place place = histogram_find(ticks);
  uint32_t block = site->blocks[place.octave];
  uint32_t *bucket = &profile_block(block)[place.bucket];
  if (__builtin_expect(block == 0 || *bucket == UINT32_MAX, 0)) return 0;
  ++*bucket;
  return 1;
}

/* Value below which `fraction` of the durations of a site lie, in ticks: middle of its bucket. 0 when empty. */
double histogram_percentile(const profile_site_t *site, double fraction);

#endif
