/* The recorder: shadow stacks of one thread and of many. Starts are set by hand, so that durations are exact. */
#define _GNU_SOURCE
#include "recorder.h"

#include <pthread.h>
#include <unistd.h>

#include "unit.h"

static void begin_at(recorder_site *site, uint64_t ticks) {
  recorder_begin(site);
  recorder_this_thread->top->start = ticks;
}

static void test_nesting(void) {
  recorder_site *a = &sites[0], *b = &sites[1];
  recorder_inner = 10;
  recorder_pair = 25;
  begin_at(a, 1000);
  begin_at(b, 1100);
  recorder_end(b, 1210, 0); /* 100 */
  begin_at(b, 1300);
  recorder_end(b, 1360, 1); /* 50 */
  recorder_end(a, 2060, 0); /* 1060 - 10 - 2 * 25 = 1000 */
  CHECK(b->counters->count == 2 && b->counters->raised == 1);
  CHECK(b->counters->total == 150 && b->counters->self == 150);
  CHECK(b->counters->min == 50 && b->counters->max == 100 && b->counters->last == 1360);
  CHECK(a->counters->count == 1 && a->counters->total == 1000 && a->counters->self == 850);
  CHECK(recorder_depth() == 0);
}

static void test_recursion(void) {
  recorder_site *a = &sites[2];
  recorder_inner = recorder_pair = 0;
  for (uint64_t i = 0; i < 5000; i++) begin_at(a, 1000 + i);
  CHECK(recorder_depth() == 5000);
  for (uint64_t i = 0; i < 5000; i++) recorder_end(a, 10000 + i, 0);
  CHECK(a->counters->count == 5000);
  CHECK(a->counters->total == 14999 - 1000); /* the outermost alone */
  CHECK(a->counters->self == 14999 - 1000);
  CHECK(a->counters->lost == 0);
}

static void test_short_operations_stay_unbiased(void) {
  recorder_site *a = &sites[3];
  recorder_inner = 20;
  begin_at(a, 100);
  recorder_end(a, 110, 0); /* -10 */
  begin_at(a, 200);
  recorder_end(a, 230, 0); /* +10 */
  CHECK(a->counters->total == 0 && a->counters->min == 0 && a->counters->max == 10);
  recorder_inner = 0;
}

static void test_lost(void) {
  recorder_site *a = &sites[4], *b = &sites[5], *c = &sites[6];
  uint64_t spans = profile_head()->lost_spans, ends = profile_head()->lost_ends;
  begin_at(a, 0);
  begin_at(b, 10);
  begin_at(c, 20);
  recorder_end(a, 100, 1); /* an exit that b and c did not see */
  CHECK(a->counters->count == 1 && a->counters->total == 100 && a->counters->self == 100);
  CHECK(b->counters->count == 0 && b->counters->lost == 1 && c->counters->lost == 1);
  CHECK(profile_head()->lost_spans == spans + 2);
  recorder_end(b, 200, 0);
  CHECK(b->counters->count == 0 && profile_head()->lost_ends == ends + 1);
  CHECK(recorder_depth() == 0);
}

static void test_pause(void) {
  recorder_site *a = &sites[7], *b = &sites[8];
  uint64_t outside = clock_now();
  recorder_begin(a);
  recorder_pause pause = recorder_pause_begin(0);
  uint64_t inside = clock_now();
  recorder_begin(b);
  usleep(20000);
  recorder_end(b, clock_now(), 0);
  inside = clock_now() - inside;
  recorder_pause_end(&pause);
  recorder_end(a, clock_now(), 0);
  outside = clock_now() - outside - inside; /* next to nothing, but on a busy machine */
  CHECK(a->counters->total == a->counters->self);
  CHECK(b->counters->total > 0 && a->counters->total < b->counters->total / 2 + (int64_t)outside);
}

/* ---- random programs against a plain model of what the counters mean */

enum { MODEL_SITES = 8, MODEL_DEPTH = 40, INNER = 3, PAIR = 7 };

typedef struct {
  uint32_t site;
  uint64_t start, pairs;
  int64_t children;
} model_span;

typedef struct {
  uint64_t count, raised, lost, min, max;
  int64_t total, self;
} model_site;

static struct {
  model_span stack[MODEL_DEPTH + 1];
  uint32_t depth;
  model_site sites[MODEL_SITES];
  uint64_t lost_ends;
} model;

static int model_is_open(uint32_t site) {
  for (uint32_t i = 1; i <= model.depth; i++)
    if (model.stack[i].site == site) return 1;
  return 0;
}

static void model_begin(uint32_t site, uint64_t now) {
  model.stack[++model.depth] = (model_span){.site = site, .start = now};
}

/* Takes the top off and gives its time to what surrounds it. */
static model_span model_pop(int64_t inclusive) {
  model_span span = model.stack[model.depth--];
  model.stack[model.depth].children += inclusive;
  model.stack[model.depth].pairs += span.pairs + 1;
  return span;
}

static void model_close(uint32_t site, uint64_t now, int raised) {
  const model_span *top = &model.stack[model.depth];
  int64_t inclusive = (int64_t)(now - top->start) - INNER - (int64_t)top->pairs * PAIR;
  model_span span = model_pop(inclusive);
  model_site *counters = &model.sites[site];
  uint64_t duration = inclusive < 0 ? 0 : (uint64_t)inclusive;
  if (counters->count == 0 || duration < counters->min) counters->min = duration;
  if (duration > counters->max) counters->max = duration;
  counters->count++;
  counters->raised += (uint64_t)raised;
  counters->self += inclusive - span.children;
  if (!model_is_open(site)) counters->total += inclusive;
}

static void model_end(uint32_t site, uint64_t now, int raised) {
  if (!model_is_open(site)) {
    model.lost_ends++;
    return;
  }
  while (model.stack[model.depth].site != site) {
    model.sites[model.stack[model.depth].site].lost++;
    model_pop(model.stack[model.depth].children);
  }
  model_close(site, now, raised);
}

/* As a probe does: the short way where it may be taken. */
static void end_as_probes_do(recorder_site *site, uint64_t now) {
  recorder_thread *thread = recorder_this_thread;
  if (!recorder_is_leaf(thread, site, clock_now())) {
    recorder_end(site, now, 0);
    return;
  }
  recorder_latest latest = recorder_close_leaf(thread, site, now);
  if (latest.site && !histogram_try_add(latest.site, latest.ticks)) histogram_add(latest.site, latest.ticks);
}

static void begin_as_probes_do(recorder_site *site, uint64_t now) {
  recorder_thread *thread = recorder_this_thread;
  if (!recorder_is_usual(thread, site)) recorder_begin(site);
  else recorder_open(thread, thread->top + 1, site, site);
  recorder_this_thread->top->start = now;
}

static void check_model(void) {
  CHECK(recorder_depth() == model.depth);
  for (uint32_t s = 0; s < MODEL_SITES; s++) {
    const profile_site_t *found = sites[s].counters;
    const model_site *expected = &model.sites[s];
    CHECK(found->count == expected->count && found->raised == expected->raised && found->lost == expected->lost);
    CHECK(found->total == expected->total && found->self == expected->self);
    CHECK(found->min == expected->min && found->max == expected->max);
  }
}

static uint64_t in_histogram(const profile_site_t *site) {
  uint64_t sum = 0;
  for (unsigned o = 0; o < PROFILE_OCTAVES; o++)
    for (unsigned b = 0; site->blocks[o] && b < PROFILE_SUB_BUCKETS; b++) sum += profile_block(site->blocks[o])[b];
  return sum;
}

static void check_histograms(void) {
  for (uint32_t s = 0; s < MODEL_SITES; s++) {
    const profile_site_t *site = sites[s].counters;
    uint64_t waiting = profile_head()->latest_site == profile_offset(site); /* for the next operation */
    CHECK(in_histogram(site) + waiting == site->count);
  }
}

static void test_random_programs(void) {
  for (uint32_t s = 0; s < MODEL_SITES; s++) unit_clean_site(s);
  recorder_inner = INNER;
  recorder_pair = PAIR;
  uint64_t now = 1000, lost_ends = profile_head()->lost_ends;
  for (int step = 0; step < 400000; step++) {
    uint64_t dice = unit_random();
    uint32_t site = (uint32_t)(dice >> 8) % MODEL_SITES;
    int other = (dice >> 16) % 50 == 0; /* an end of anything: lost ends and lost begins */
    now += (dice >> 24) % 1000;
    if (model.depth < MODEL_DEPTH && dice % 100 < 51) {
      begin_as_probes_do(&sites[site], now);
      model_begin(site, now);
    } else if (model.depth > 0) {
      if (!other) site = model.stack[model.depth].site;
      int raised = (dice >> 40) % 5 == 0;
      if (raised) recorder_end(&sites[site], now, 1);
      else end_as_probes_do(&sites[site], now);
      model_end(site, now, raised);
    }
    if (step % 100 == 0) check_model();
  }
  while (model.depth > 0) {
    uint32_t site = model.stack[model.depth].site;
    end_as_probes_do(&sites[site], now += 10);
    model_end(site, now, 0);
  }
  check_model();
  check_histograms();
  CHECK(profile_head()->lost_ends == lost_ends + model.lost_ends && model.lost_ends > 1000);
  recorder_inner = recorder_pair = 0;
}

void test_recorder(void) {
  test_nesting();
  test_recursion();
  test_short_operations_stay_unbiased();
  test_lost();
  test_pause();
  test_random_programs();
}
