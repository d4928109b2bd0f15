/* Histograms against the plainest reference, and percentiles against sorted values. */
#define _GNU_SOURCE
#include "histogram.h"

#include <string.h>
#include <sys/resource.h>

#include "unit.h"

/* What the comment in histogram.h says, by shifts and comparisons alone. */
static histogram_place reference(uint64_t ticks) {
  if (ticks < 32) return (histogram_place){0, (unsigned)ticks};
  unsigned octave = 1;
  while (ticks >> (octave - 1) >= 64) octave++;
  if (octave >= PROFILE_OCTAVES) return (histogram_place){PROFILE_OCTAVES - 1, 31};
  return (histogram_place){octave, (unsigned)(ticks >> (octave - 1)) - 32};
}

static void check_place(uint64_t ticks) {
  histogram_place place = histogram_find(ticks), expected = reference(ticks);
  CHECK(place.octave == expected.octave && place.bucket == expected.bucket);
  if (ticks >= (uint64_t)1 << 52) return;
  uint64_t width = place.octave ? (uint64_t)1 << (place.octave - 1) : 1;
  uint64_t low = place.octave ? (32 + place.bucket) * width : place.bucket;
  CHECK(low <= ticks && ticks < low + width);
  CHECK(ticks < 32 ? width == 1 : width * 32 <= ticks);
}

/* Every edge of every bucket, and what lies beyond the last. */
void test_histogram_places(void) {
  for (uint64_t t = 0; t < 100000; t++) check_place(t);
  for (unsigned octave = 1; octave < PROFILE_OCTAVES; octave++)
    for (uint64_t bucket = 32; bucket <= 64; bucket++)
      for (int d = -2; d <= 2; d++) check_place((bucket << (octave - 1)) + (uint64_t)d);
  for (unsigned bit = 5; bit < 64; bit++)
    for (int d = -2; d <= 2; d++) check_place(((uint64_t)1 << bit) + (uint64_t)d);
  for (int i = 0; i < 200000; i++) check_place(unit_random() >> (unit_random() % 64));
  check_place(UINT64_MAX);
  check_place(INT64_MAX);
}

/* ---- percentiles */

static int compare(const void *a, const void *b) {
  uint64_t x = *(const uint64_t *)a, y = *(const uint64_t *)b;
  return (x > y) - (x < y);
}

static void check_percentiles(profile_site_t *site, uint64_t *values, size_t count) {
  for (size_t i = 0; i < count; i++)
    if (!histogram_try_add(site, values[i])) histogram_add(site, values[i]);
  qsort(values, count, sizeof *values, compare);
  for (double f = 0.001; f < 1; f += 0.001) {
    double rank = f * (double)count;
    size_t index = (size_t)rank - ((double)(size_t)rank == rank);
    double exact = (double)values[index], found = histogram_percentile(site, f);
    CHECK(exact < 32 ? found == exact : found >= exact * 0.98 && found <= exact * 1.02);
  }
}

/* From one tick to an hour at 4 GHz, all lengths alike; then many short ones; then a narrow band. */
static void test_percentiles(void) {
  enum { VALUES = 20000 };
  static uint64_t values[VALUES];
  CHECK(histogram_percentile(unit_clean_site(10)->counters, 0.5) == 0);
  for (int i = 0; i < VALUES; i++) values[i] = unit_random() >> (20 + unit_random() % 44);
  check_percentiles(unit_clean_site(10)->counters, values, VALUES);
  for (int i = 0; i < VALUES; i++) values[i] = unit_random() % 200;
  check_percentiles(unit_clean_site(10)->counters, values, VALUES);
  for (int i = 0; i < VALUES; i++) values[i] = 123456789 + unit_random() % 1000;
  check_percentiles(unit_clean_site(10)->counters, values, VALUES);
  for (int i = 0; i < VALUES; i++) values[i] = (uint64_t)(i + 1) * 1000;
  check_percentiles(unit_clean_site(10)->counters, values, VALUES);
  check_percentiles(unit_clean_site(10)->counters, values, 1);
}

/* ---- buckets that pass 2^32 */

static uint64_t carried(uint32_t block, uint32_t bucket) {
  uint64_t times = 0, entries = 0;
  for (uint64_t at = PROFILE_HEADER_SIZE; at < profile_head()->used;) {
    profile_record_t *record = (profile_record_t *)(profile_base + at);
    profile_carry_t *carry = (profile_carry_t *)record;
    profile_carry_entry_t *entry = (profile_carry_entry_t *)(carry + 1);
    for (uint32_t i = 0; record->type == PROFILE_RECORD_CARRY && i < carry->taken; i++)
      if (entry[i].block == block && entry[i].bucket == bucket) {
        times += entry[i].times;
        entries++;
      }
    at += record->length;
  }
  CHECK(entries <= 1);
  return times;
}

static void test_carries(void) {
  profile_site_t *site = unit_clean_site(11)->counters;
  for (unsigned octave = 0; octave < 4; octave++)
    for (uint64_t bucket = 0; bucket < 32; bucket++) {
      uint64_t ticks = octave ? (32 + bucket) << (octave - 1) : bucket;
      histogram_add(site, ticks);
      uint32_t block = site->blocks[octave];
      for (uint64_t times = 1; times <= 3; times++) {
        profile_block(block)[bucket] = UINT32_MAX;
        CHECK(!histogram_try_add(site, ticks));
        CHECK(profile_block(block)[bucket] == UINT32_MAX);
        histogram_add(site, ticks);
        CHECK(profile_block(block)[bucket] == 0 && carried(block, (uint32_t)bucket) == times);
      }
    }
  CHECK(unit_count_records(PROFILE_RECORD_CARRY) == 3); /* of 60 entries each */
}

/* ---- every octave of every site has a block of its own */

static void test_blocks(void) {
  uint32_t before = unit_count_records(PROFILE_RECORD_BLOCKS);
  for (uint32_t s = 0; s < SITES; s++) unit_clean_site(s);
  for (unsigned octave = 0; octave < PROFILE_OCTAVES; octave++)
    for (uint32_t s = 0; s < SITES; s++) {
      uint64_t ticks = octave ? (uint64_t)32 << (octave - 1) : 0;
      for (uint32_t i = 0; i <= s; i++) histogram_add(sites[s].counters, ticks);
    }
  for (unsigned octave = 0; octave < PROFILE_OCTAVES; octave++)
    for (uint32_t s = 0; s < SITES; s++) {
      const uint32_t *block = profile_block(sites[s].counters->blocks[octave]);
      CHECK(block[0] == s + 1);
      for (unsigned b = 1; b < PROFILE_SUB_BUCKETS; b++) CHECK(block[b] == 0);
    }
  CHECK(unit_count_records(PROFILE_RECORD_BLOCKS) >= before + 48 * 64 / 255);
  for (uint32_t s = 0; s < SITES; s++) unit_clean_site(s);
}

/* Where the file cannot grow, durations are counted as missing and nothing else changes. */
static void test_blocks_without_room(void) {
  profile_site_t *site = unit_clean_site(12)->counters;
  struct rlimit old, small;
  getrlimit(RLIMIT_FSIZE, &old);
  small = old;
  small.rlim_cur = profile_head()->file_size;
  setrlimit(RLIMIT_FSIZE, &small);
  while (profile_add_record(99, 64)) profile_publish();
  while (profile_new_block() != 0) continue;
  uint64_t missing = profile_head()->unrecorded_durations;
  for (uint64_t i = 0; i < 100; i++) CHECK(!histogram_try_add(site, i << 20));
  for (uint64_t i = 0; i < 100; i++) histogram_add(site, i << 20);
  CHECK(profile_head()->unrecorded_durations == missing + 100);
  CHECK(profile_head()->flags & PROFILE_FLAG_FULL);
  setrlimit(RLIMIT_FSIZE, &old);
  histogram_add(site, 7);
  CHECK(profile_head()->unrecorded_durations == missing + 100 && histogram_percentile(site, 1) == 7);
}

void test_histograms(void) {
  test_percentiles();
  test_carries();
  test_blocks();
  test_blocks_without_room();
}
