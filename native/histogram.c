#include "histogram.h"

#include "shared.h"

/* First block of this octave at this site. */
static void add_block(profile_site_t *site, histogram_place place) {
  SHARED_SCOPE();
  uint32_t block = profile_new_block();
  if (block == 0) {
    profile_head()->unrecorded_durations++;
    return;
  }
  profile_block(block)[place.bucket] = 1;
  site->blocks[place.octave] = block;
  profile_anchor(); /* rare enough, and often enough to date a process that is killed */
}

void histogram_add(profile_site_t *site, uint64_t ticks) {
  histogram_place place = histogram_find(ticks);
  uint32_t block = site->blocks[place.octave];
  if (block == 0) add_block(site, place);
  else if (++profile_block(block)[place.bucket] == 0) profile_carry(block, place.bucket);
}

static double bucket_middle(unsigned octave, unsigned bucket) {
  if (octave == 0) return bucket;
  double width = (double)((uint64_t)1 << (octave - 1));
  return (32.0 + bucket) * width + (width - 1) / 2;
}

/* Octaves may share a block (in a CALIBRATION record, the long ones do): it counts once. */
static const uint32_t *block_of(const profile_site_t *site, unsigned octave) {
  uint32_t block = site->blocks[octave];
  return block == 0 || (octave > 0 && block == site->blocks[octave - 1]) ? NULL : profile_block(block);
}

static uint64_t histogram_count(const profile_site_t *site) {
  uint64_t count = 0;
  for (unsigned o = 0; o < PROFILE_OCTAVES; o++) {
    const uint32_t *block = block_of(site, o);
    for (unsigned b = 0; block && b < PROFILE_SUB_BUCKETS; b++) count += block[b];
  }
  return count;
}

double histogram_percentile(const profile_site_t *site, double fraction) {
  double left = fraction * (double)histogram_count(site);
  double value = 0;
  for (unsigned o = 0; o < PROFILE_OCTAVES; o++) {
    const uint32_t *block = block_of(site, o);
    for (unsigned b = 0; block && b < PROFILE_SUB_BUCKETS; b++) {
      if (block[b] == 0) continue;
      value = bucket_middle(o, b);
      left -= block[b];
      if (left <= 0) return value;
    }
  }
  return value;
}
