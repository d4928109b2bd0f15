/* Costs that follow the pace of the CPU: told as multiples of a pair around nothing, and measured between operations. */
#define _GNU_SOURCE
#include "pace.h"

#include <unistd.h>

#include "unit.h"

static const pace_costs costs = {.pair = 2, .inner = 0.5, .spread = 0.25, .floor = 0.125, .first = 1, .parent = 4};

static void test_measuring_leaves_no_trace(void) {
  recorder_site *outer = unit_clean_site(57), *site = unit_clean_site(58);
  recorder_begin(outer);
  recorder_begin(unit_clean_site(59));
  recorder_end(&sites[59], clock_now(), 0);
  recorder_span before = *recorder_this_thread->top;
  uint32_t depth = recorder_depth();
  for (int i = 0; i < 100; i++) CHECK(pace_measure(site) >= 0);
  CHECK(recorder_depth() == depth && site->counters->count >= 800 && site->parents == 0);
  const recorder_span *after = recorder_this_thread->top;
  CHECK(after->site == before.site && after->start == before.start && after->children == before.children);
  CHECK(after->pairs == before.pairs && after->looks == before.looks && after->raises == before.raises);
  recorder_end(outer, clock_now(), 0);
  CHECK(outer->counters->count == 1 && sites[59].counters->count == 1);
}

/* An operation without anything inside has no room for those that measure: it would become a parent. */
static void test_inside_of_leaves(void) {
  recorder_site *leaf = unit_clean_site(57);
  recorder_begin(leaf);
  CHECK(pace_measure(&sites[58]) == 0);
  recorder_end(leaf, clock_now(), 0);
  CHECK(leaf->counters->count == 1 && leaf->parents == 0);
}

/* A pair is said to have taken 10,000 ticks, which it does nowhere; the runs after that take what they take here. */
static void test_following(void) {
  recorder_site *site = unit_clean_site(58);
  const profile_header_t *head = profile_head();
  uint64_t far = clock_now();
  pace_start(&costs, 10000, site);
  CHECK(recorder_pair == 20000 && recorder_inner == 5000 && recorder_first == 10000 && recorder_parent == 40000);
  CHECK(head->pair_ticks == 20000 && head->inner_ticks == 5000 && head->spread_ticks == 2500 && head->floor_ticks == 1250);
  pace_set_raise(5);
  pace_set_look(-0.5);
  CHECK(recorder_raise == 30000 && recorder_look_cost == -5000);
  CHECK(!pace_follow(far) && recorder_pair == 20000); /* the last one was just now */
  int64_t pair = recorder_pair;
  double sum = (double)pair, used = 1;
  for (int i = 0; i < 20; i++) {
    if (!pace_follow(far += 1000000000000)) continue; /* the clock stood still, as those of emulators do at times */
    sum += (double)recorder_pair;
    used++;
  }
  CHECK(used > 10);
  CHECK(recorder_pair != pair && recorder_pair > 0 && recorder_parent >= 2 * (uint64_t)recorder_pair - 2);
  CHECK(head->pair_subtracted == recorder_pair && head->inner_subtracted == recorder_inner);
  double mean = sum / used; /* of all; those in use are whole ticks */
  CHECK(head->pair_ticks >= mean - 0.5 && head->pair_ticks <= mean + 0.5);
  CHECK(recorder_raise > (uint64_t)recorder_pair && recorder_look_cost < 0);
  pace_stop();
  CHECK(recorder_raise == 0 && recorder_look_cost == 0);
  CHECK(!pace_follow(far + 1000000000));
  CHECK(recorder_pair == 0 && recorder_inner == 0 && recorder_first == 0 && recorder_parent == 0);
}

/* What raising costs beside its pair is its surroundings' no more. */
static void test_raising(void) {
  recorder_site *outer = unit_clean_site(57), *site = unit_clean_site(58);
  for (int raised = 0; raised < 2; raised++) {
    recorder_set_kinds(raised ? 400 : 0, 0);
    recorder_begin(outer);
    recorder_this_thread->top->start = 1000;
    recorder_begin(site);
    recorder_this_thread->top->start = 1100;
    recorder_end(site, 1200, raised);
    recorder_end(outer, 2000, 0);
    CHECK(outer->counters->total == (raised ? 1000 + 600 : 1000));
  }
  CHECK(site->counters->total == 200 && site->counters->raised == 1);
  recorder_set_kinds(0, 0);
}

/* The pace is measured where an operation ends, with the stack above it: what is known of that one is its own nevertheless. */
static void test_following_where_an_operation_ends(void) {
  recorder_site *outer = unit_clean_site(56), *site = unit_clean_site(57);
  recorder_begin(outer);
  pace_start(&costs, 1, unit_clean_site(58));
  recorder_begin(site);
  usleep(20000);
  recorder_end(site, clock_now(), 0);
  CHECK(sites[58].counters->count > 0);
  CHECK(site->taxes && site->taxes->off_count == 1 && site->taxes->off_most > 19000000);
  CHECK(!sites[58].taxes || sites[58].taxes->off_count == 0);
  recorder_end(outer, clock_now(), 0);
  pace_stop();
}

void test_pace(void) {
  test_raising();
  test_measuring_leaves_no_trace();
  test_inside_of_leaves();
  test_following();
  test_following_where_an_operation_ends();
}
