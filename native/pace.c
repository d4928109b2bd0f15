#include "pace.h"

#include "shared.h"

enum {
  WARM_UP = 2,
  PAIRS = 8,
  RECENT = 9,        /* those in the middle count: others were interrupted */
  MIDDLE = 5,
  COST_FACTOR = 400, /* a measurement takes one part in so many of the time */
};

static struct {
  pace_costs costs; /* multiples */
  double raise, look;
  double pair; /* the latest pace */
  recorder_site *site;
  double recent[RECENT];
  uint32_t next;
  uint64_t due, interval; /* ticks */
  double sum, count;      /* of the paces that were used */
  int runs;
} pace;

/* As the slots of probes do it. Those inside belong to nobody. */
double pace_measure(recorder_site *site) {
  SHARED_SCOPE();
  recorder_thread *thread = recorder_this_thread;
#ifdef PYREWRITE_FREE_THREADED
  recorder_own counted = {.counters = site->counters}, *own = &counted;
#else
  recorder_own *own = site;
#endif
  if (!recorder_has_room(thread)) return 0;
  recorder_span surroundings = *thread->top;
  uint64_t start = 0;
  for (int i = -WARM_UP; i < PAIRS; i++) {
    if (i == 0) start = clock_now();
    recorder_span *span = thread->top + 1;
    recorder_open(thread, span, site, own);
    span->start = clock_now();
    recorder_latest latest = recorder_close_leaf(thread, site, clock_now());
    if (!latest.site || !histogram_try_add(latest.site, latest.ticks)) {
      if (latest.site) histogram_add(latest.site, latest.ticks);
    }
  }
  double ticks = (double)(clock_now() - start) / PAIRS;
  *thread->top = surroundings;
  return ticks;
}

static int64_t nearest(double ticks) { return (int64_t)(ticks < 0 ? ticks - 0.5 : ticks + 0.5); }

static uint32_t whole(double ticks) { return ticks > 0 ? (uint32_t)(ticks + 0.5) : 0; }

static void set_kinds(void) {
  recorder_set_kinds(whole((pace.raise - pace.costs.pair) * pace.pair), nearest(pace.look * pace.pair));
}

void pace_set_raise(double multiple) {
  SHARED_SCOPE();
  pace.raise = multiple;
  set_kinds();
}

void pace_set_look(double multiple) {
  SHARED_SCOPE();
  pace.look = multiple;
  set_kinds();
}

/* What is taken off is of now; what the header says, of all times. */
static void apply(double pair) {
  profile_header_t *head = profile_head();
  const pace_costs *costs = &pace.costs;
  pace.sum += pair;
  pace.count++;
  double mean = pace.sum / pace.count;
  head->inner_ticks = costs->inner * mean;
  head->pair_ticks = costs->pair * mean;
  head->spread_ticks = costs->spread * mean;
  head->floor_ticks = costs->floor * mean;
  head->inner_subtracted = whole(costs->inner * pair);
  head->pair_subtracted = whole(costs->pair * pair);
  head->first_subtracted = whole(costs->first * pair);
  head->parent_subtracted = whole(costs->parent * pair);
  pace.pair = pair;
  set_kinds();
  recorder_set_costs(head->inner_subtracted, head->pair_subtracted, head->first_subtracted, head->parent_subtracted);
}

void pace_stop(void) {
  SHARED_SCOPE();
  pace.runs = 0;
  recorder_clear_costs();
}

void pace_start(const pace_costs *costs, double pair, recorder_site *site) {
  SHARED_SCOPE();
  pace.costs = *costs;
  pace.site = site;
  for (int i = 0; i < RECENT; i++) pace.recent[i] = pair;
  pace.interval = (uint64_t)(pair * (PAIRS + WARM_UP)) * COST_FACTOR;
  pace.due = clock_now() + pace.interval;
  apply(pair);
  pace.runs = 1;
}

/* The mean of those in the middle: a clock that moves in steps would round their median to one. */
static double middle(void) {
  double sorted[RECENT], sum = 0;
  for (int i = 0; i < RECENT; i++) {
    int k = i;
    for (; k > 0 && sorted[k - 1] > pace.recent[i]; k--) sorted[k] = sorted[k - 1];
    sorted[k] = pace.recent[i];
  }
  for (int i = 0; i < MIDDLE; i++) sum += sorted[(RECENT - MIDDLE) / 2 + i];
  return sum / MIDDLE;
}

/* Without a GIL one thread at a time, since all count with the same site. */
int pace_follow(uint64_t now) {
  SHARED_SCOPE();
  if (!pace.runs || (int64_t)(now - pace.due) < 0) return 0;
  double pair = pace_measure(pace.site);
  pace.due = now + pace.interval;
  if (pair <= 0) return 0;
  pace.recent[pace.next++ % RECENT] = pair;
  apply(middle());
  return 1;
}
