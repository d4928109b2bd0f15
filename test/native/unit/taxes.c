/* What is known of a site beside its counters. */
#define _GNU_SOURCE
#include "taxes.h"

#include <string.h>
#include <time.h>
#include <unistd.h>

#include "recorder.h"
#include "unit.h"

static profile_tax_t none;

static profile_tax_t *taxes(uint32_t index) { return sites[index].taxes ? sites[index].taxes : &none; }

/* An operation that raises inside counts at the one directly around it, if that one ends well. */
static void test_swallowed(void) {
  recorder_site *a = unit_clean_site(48), *b = unit_clean_site(49), *c = unit_clean_site(62);
  recorder_begin(a);
  recorder_begin(b);
  recorder_end(b, clock_now(), 0);
  recorder_end(a, clock_now(), 0);
  CHECK(taxes(48)->swallowed == 0 && taxes(49)->swallowed == 0);
  for (int i = 0; i < 5; i++) {
    recorder_begin(a);
    recorder_begin(b);
    for (int k = 0; k < 3; k++) {
      recorder_begin(c);
      recorder_end(c, clock_now(), 1);
    }
    recorder_begin(c);
    recorder_end(c, clock_now(), 0);
    recorder_end(b, clock_now(), i < 2);
    recorder_end(a, clock_now(), i < 1);
  }
  CHECK(taxes(49)->swallowed == 3 && taxes(48)->swallowed == 1 && taxes(62)->swallowed == 0);
  CHECK(taxes(49)->site == 49 && taxes(48)->site == 48);
  recorder_begin(a);
  recorder_begin(b);
  recorder_end(b, clock_now(), 0);
  recorder_end(a, clock_now(), 0);
  CHECK(taxes(49)->swallowed == 3 && taxes(48)->swallowed == 1);
}

/* Against a model: random trees of operations that raise or not. */
static void test_random_swallowed(void) {
  enum { DEEPEST = 12 };
  uint64_t expected[4] = {0};
  int raises[DEEPEST + 1] = {0};
  uint32_t stack[DEEPEST + 1] = {0}, depth = 0, checked = 0;
  for (uint32_t s = 0; s < 4; s++) unit_clean_site(s + 51);
  for (int step = 0; step < 200000 || depth > 0; step++) {
    uint64_t dice = unit_random();
    if (depth < DEEPEST && step < 200000 && (dice & 1)) {
      stack[++depth] = 51 + (uint32_t)(dice >> 8) % 4;
      raises[depth] = 0;
      recorder_begin(&sites[stack[depth]]);
    } else if (depth > 0) {
      int raised = (dice >> 16) % 3 == 0;
      recorder_end(&sites[stack[depth]], clock_now(), raised);
      if (!raised && raises[depth]) expected[stack[depth] - 51]++;
      if (raised) raises[depth - 1] = 1;
      depth--;
    }
  }
  for (uint32_t s = 0; s < 4; s++) {
    CHECK(taxes(51 + s)->swallowed == expected[s] && expected[s] > 1000);
    checked += (uint32_t)expected[s];
  }
  CHECK(checked > 0 && recorder_depth() == 0);
}

static void spin(double seconds) {
  uint64_t until = clock_ns(CLOCK_THREAD_CPUTIME_ID) + (uint64_t)(seconds * 1e9);
  while (clock_ns(CLOCK_THREAD_CPUTIME_ID) < until) {
  }
}

static uint64_t wall(void) { return clock_ns(CLOCK_MONOTONIC); }

/*
 * Time asleep is the innermost operation's, and of what is around it only what it slept itself. What is too much is told by
 * the wall's clock, read outside of each operation: on a busy machine it may stand anywhere.
 */
static void test_off_cpu(void) {
  enum { MS = 1000000 };
  recorder_site *a = unit_clean_site(55), *b = unit_clean_site(56), *c = unit_clean_site(57);
  uint64_t in_a = wall();
  recorder_begin(a);
  uint64_t in_b = wall();
  off_cpu_start(&recorder_this_thread->off_cpu); /* what ran since the reading before might have slept, for all that is known */
  recorder_begin(b);
  usleep(30000);
  recorder_end(b, clock_now(), 0);
  uint64_t in_c = wall();
  in_b = in_c - in_b;
  recorder_begin(c);
  spin(0.03);
  recorder_end(c, clock_now(), 0);
  in_c = wall() - in_c;
  usleep(20000);
  recorder_end(a, clock_now(), 0);
  in_a = wall() - in_a;
  CHECK(taxes(56)->off_count == 1 && taxes(56)->off_least > 29 * MS && taxes(56)->off_most >= taxes(56)->off_least);
  CHECK(taxes(56)->off_most < in_b + 5 * MS && taxes(56)->off_gil < in_b - 30 * MS + 5 * MS);
  CHECK(taxes(57)->off_most < in_c - 30 * MS + 5 * MS);
  CHECK(taxes(55)->off_count == 1 && taxes(55)->off_least > 19 * MS && taxes(55)->off_most < in_a - 60 * MS + 5 * MS);
}

/* Sleep before an operation is not for certain its own; that in a pause is nobody's. */
static void test_off_cpu_outside(void) {
  recorder_site *a = unit_clean_site(58), *b = unit_clean_site(59);
  usleep(30000);
  uint64_t in_a = wall();
  recorder_begin(a);
  spin(0.005);
  recorder_end(a, clock_now(), 0);
  in_a = wall() - in_a;
  CHECK(in_a >= 5000000 && taxes(58)->off_least <= in_a - 5000000 + 1000000 && taxes(58)->off_most <= in_a + 1000000);
  uint64_t in_b = wall();
  recorder_begin(b);
  recorder_pause pause = recorder_pause_begin(1);
  uint64_t in_pause = wall();
  usleep(50000);
  in_pause = wall() - in_pause;
  CHECK(recorder_pause_end(&pause) > 0);
  recorder_end(b, clock_now(), 0);
  in_b = wall() - in_b;
  CHECK(taxes(59)->off_most < in_b - in_pause + 20000000);
}

/* A parent that ends where nothing was read keeps what fell into it before its child. */
static void test_off_cpu_of_parents(void) {
  recorder_site *a = unit_clean_site(60), *b = unit_clean_site(61);
  recorder_begin(b);
  spin(0.001);
  recorder_end(b, clock_now(), 0); /* reads the clocks */
  uint64_t before = taxes(61)->off_most;
  recorder_begin(a);
  usleep(20000);
  uint64_t in_b = wall();
  recorder_begin(b);
  recorder_end(b, clock_now(), 0); /* reads them again */
  in_b = wall() - in_b;
  recorder_end(a, clock_now(), 0);
  CHECK(taxes(60)->off_count == 1 && taxes(60)->off_most > 19000000);
  CHECK(taxes(61)->off_most - before < in_b + 15000000);
}

static void test_rows_of_collections(void) {
  uint32_t before = unit_count_records(PROFILE_RECORD_COLLECTIONS);
  for (uint32_t i = 0; i < 300; i++) taxes_count_collection(i % 100 == 99 ? TAXES_NO_SITE : i % 100, i % 3, 2, 10 + i);
  uint64_t count = 0, collected = 0, total = 0, max = 0, rows = 0, at = PROFILE_HEADER_SIZE;
  for (profile_record_t *record; at < profile_head()->used; at += record->length) {
    record = (profile_record_t *)(profile_base + at);
    if (record->type != PROFILE_RECORD_COLLECTIONS) continue;
    profile_collections_t *head = (profile_collections_t *)record;
    profile_collection_t *row = (profile_collection_t *)(head + 1);
    CHECK(head->taken <= head->capacity);
    for (uint32_t i = 0; i < head->taken; i++, row++) {
      CHECK(row->generation < 3 && (row->site < 99 || row->site == TAXES_NO_SITE));
      count += row->count;
      collected += row->collected;
      total += row->total;
      if (row->max > max) max = row->max;
      rows++;
    }
  }
  CHECK(count == 300 && collected == 600 && rows == 300 && max == 309 && total == 300 * 10 + 299 * 300 / 2);
  CHECK(unit_count_records(PROFILE_RECORD_COLLECTIONS) == before + 5);
}

static uint64_t parents_swallowed;

/* The child's rows are the parent's, with nothing counted. */
static void count_in_child(void) {
  recorder_site *a = &sites[48], *b = &sites[49], *c = &sites[62];
  CHECK(profile_open_after_fork());
  CHECK(taxes(49)->site == 49 && taxes(49)->swallowed == 0 && taxes(48)->swallowed == 0);
  recorder_begin(a);
  recorder_begin(b);
  recorder_begin(c);
  recorder_end(c, clock_now(), 1);
  recorder_end(b, clock_now(), 0);
  recorder_end(a, clock_now(), 0);
  taxes_count_collection(5, 2, 3, 4);
  CHECK(taxes(49)->swallowed == 1 && taxes(48)->swallowed == 0);
  CHECK(unit_count_records(PROFILE_RECORD_TAXES) > 0);
}

void test_taxes(void) {
  test_swallowed();
  test_random_swallowed();
  test_off_cpu();
  test_off_cpu_outside();
  test_off_cpu_of_parents();
  test_rows_of_collections();
  parents_swallowed = taxes(49)->swallowed;
  unit_in_child(count_in_child);
  CHECK(taxes(49)->swallowed == parents_swallowed && parents_swallowed > 0);
}
