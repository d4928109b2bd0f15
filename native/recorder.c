#include "recorder.h"

#include <stdlib.h>
#include <string.h>

#include "control.h"
#include "pace.h"
#include "recorder_parts.h"
#include "shared.h"

uint32_t (*recorder_name_thread)(void);
int (*recorder_was_preempted)(void);

/* Operations that were open at the fork: their ends are seen here, their begins were the parent's. */
static uint64_t inherited;

static int grow_spans(recorder_thread *thread) {
  size_t depth = (size_t)(thread->top - thread->bottom);
  size_t size = (size_t)(thread->limit - thread->bottom + 1) * 2;
  recorder_span *spans = realloc(thread->bottom, size * sizeof *spans);
  if (!spans) return 0;
  thread->bottom = spans;
  thread->top = spans + depth;
  thread->limit = spans + size - 1;
  return 1;
}

#ifndef PYREWRITE_FREE_THREADED
static int grow_active(recorder_thread *thread, uint32_t number) {
  uint32_t size = profile_head()->sites > number ? profile_head()->sites : number + 1;
  size += size / 4;
  uint32_t *active = realloc(thread->active, size * sizeof *active);
  if (!active) return 0;
  memset(active + thread->active_size, 0, (size - thread->active_size) * sizeof *active);
  thread->active = active;
  thread->active_size = size;
  return 1;
}
#endif

static recorder_span *make_room(void) {
  recorder_thread *thread = recorder_this_thread;
  if (thread == &recorder_no_thread) thread = recorder_new_thread();
  if (!thread || (thread->top == thread->limit && !grow_spans(thread))) return NULL;
  return thread->top + 1;
}

#ifdef PYREWRITE_FREE_THREADED

/* One more of this site is open that has operations inside. */
void recorder_mark_open(recorder_thread *thread, recorder_site *site) {
  recorder_own *own = recorder_find_own(thread, site);
  if (own) own->parents++;
}

/* One less. */
void recorder_unmark_open(recorder_thread *thread, recorder_site *site) {
  recorder_own *own = recorder_find_own(thread, site);
  if (own) own->parents--;
}

/* A parent ends. 1 if it was the outermost of its site on this thread. */
static int unmark_parent(recorder_thread *thread, const recorder_span *span) {
  (void)thread;
  return --span->own->parents == 0;
}

/* Whether no parent of this site is open on this thread. */
static int is_outermost(const recorder_thread *thread, const recorder_span *span) {
  (void)thread;
  return span->own->parents == 0;
}

#else

/* Open parents of a site on this thread, or NULL where none was ever counted. */
static uint32_t *active_of(const recorder_thread *thread, const recorder_site *site) {
  uint32_t number = recorder_number(site);
  return number < thread->active_size ? &thread->active[number] : NULL;
}

/* One more of this site is open that has operations inside. */
void recorder_mark_open(recorder_thread *thread, recorder_site *site) {
  site->parents++;
  if (active_of(thread, site) || grow_active(thread, recorder_number(site))) ++*active_of(thread, site);
}

static int unmark(recorder_thread *thread, recorder_site *site) {
  uint32_t *active = active_of(thread, site);
  site->parents--;
  return !active || --*active == 0;
}

/* One less. */
void recorder_unmark_open(recorder_thread *thread, recorder_site *site) { unmark(thread, site); }

/* A parent ends. 1 if it was the outermost of its site on this thread. */
static int unmark_parent(recorder_thread *thread, const recorder_span *span) { return unmark(thread, span->site); }

/* Whether no parent of this site is open on this thread. */
static int is_outermost(const recorder_thread *thread, const recorder_span *span) {
  const uint32_t *active = active_of(thread, span->site);
  return !active || *active == 0;
}

#endif

void recorder_mark_parent(recorder_thread *thread) {
  thread->top->looks = RECORDER_COST(thread, first);
  thread->top->off = 0;
  thread->top->raises = 0;
  recorder_mark_open(thread, thread->top->site);
}

/* Puts a span on the stack, but for its start; NULL when nothing is recorded. */
recorder_span *recorder_open_span(recorder_site *site) {
  recorder_thread *thread = recorder_this_thread;
  recorder_span *span = thread->top + 1;
  if (thread->top == thread->limit) {
    span = make_room();
    if (!span) return NULL;
    thread = recorder_this_thread;
  }
  recorder_own *own = recorder_find_own(thread, site);
  if (!own) return NULL;
  if (span[-1].pairs == 0) recorder_mark_parent(thread);
  recorder_open(thread, span, site, own);
  return span;
}

/* The name is asked for before anything is opened: telling it may collect garbage, and finalizers run operations. */
context_node *recorder_context(void) {
  if (!recorder_ready()) return NULL;
  if (recorder_this_thread->context) return recorder_this_thread->context;
  uint32_t name = recorder_name_thread ? recorder_name_thread() : 0;
  recorder_thread *thread = recorder_this_thread;
  if (!thread->context) thread->context = thread->root = contexts_root(recorder_tree(), PROFILE_CONTEXT_THREAD, name);
  return thread->context;
}

void recorder_begin(recorder_site *site) {
  if (recorder_has_context(site)) {
    recorder_begin_at(site, RECORDER_ANYWHERE);
    return;
  }
  recorder_span *span = recorder_open_span(site);
  if (span) span->start = clock_now();
}

void recorder_begin_at(recorder_site *site, recorder_place place) {
  if (!recorder_context()) return;
  recorder_span *span = recorder_open_span(site);
  if (!span) return;
  recorder_enter(recorder_this_thread, span, site, place);
  span->start = clock_now();
}

const void *recorder_frame(void) {
  const recorder_thread *thread = recorder_this_thread;
  const recorder_span *span = thread->top;
  while (span > thread->bottom && !recorder_has_context(span->site)) span--;
  return span > thread->bottom ? span->frame : NULL;
}

recorder_look recorder_take_look(const recorder_site *site) {
  recorder_look *look = &recorder_this_thread->look, taken = *look;
  if (taken.site != site) return (recorder_look){.site = NULL};
  look->site = NULL;
  return taken;
}

profile_site_t *recorder_variant(recorder_own *own, const recorder_look *look) {
  return look->site ? variants_find(&own->variants, recorder_number(look->site), look->key) : NULL;
}

void recorder_hide_variants(recorder_site *site) {
  recorder_own *own = recorder_find_own(recorder_this_thread, site);
  if (own && !own->variants) own->variants = variants_new_private();
}

void recorder_begin_looked(recorder_site *site, recorder_place place) {
  if (recorder_has_context(site) && !recorder_context()) return;
  recorder_look look = recorder_take_look(site);
  recorder_span *span = recorder_open_span(site);
  if (!span) return;
  span->variant = recorder_variant(recorder_span_own(span, site), &look);
  span->look_start = look.site ? look.start : 0;
  if (recorder_has_context(site)) recorder_enter(recorder_this_thread, span, site, place);
  __asm__ volatile("" ::: "memory");
  span->start = clock_now();
}

void recorder_count_whole(profile_site_t *counters, int64_t ticks, uint64_t now, int raised) {
  recorder_latest latest = recorder_count(counters, ticks, now, raised);
  if (latest.site) histogram_add(latest.site, latest.ticks);
}

void recorder_count_variant(profile_site_t *variant, int64_t inclusive, int64_t self, int outermost, uint64_t now, int raised) {
  uint64_t duration = inclusive < 0 ? 0 : (uint64_t)inclusive;
  variant->self += self;
  if (outermost) variant->total += inclusive;
  if (duration < variant->min || variant->count == 0) variant->min = duration;
  if (duration > variant->max) variant->max = duration;
  variant->raised += (uint64_t)raised;
  variant->last = now;
  variant->count++;
  histogram_add(variant, duration);
}

/* ---- what else is known of an operation that ends ---- */

profile_tax_t *recorder_taxes(recorder_own *own, const recorder_site *site) {
  return taxes_of(&own->taxes, recorder_number(site));
}

static void count_swallowed(recorder_own *own, const recorder_site *site) {
  profile_tax_t *row = recorder_taxes(own, site);
  if (row) row->swallowed++;
}

static uint64_t at_most(uint64_t a, uint64_t b) { return a < b ? a : b; }

/* What an act of the runtime's own took that is over now: it is nobody's, and so is what the thread lost meanwhile. */
static uint64_t own_ticks(recorder_thread *thread, uint64_t start) {
  uint64_t ticks = clock_now() - start;
  if (!off_cpu_is_long(ticks)) return ticks;
  off_cpu_start(&thread->off_cpu);
  return clock_now() - start;
}

/* Reads the thread's clocks, when its top span ends before that is counted. */
static off_cpu_span read_off_cpu(recorder_thread *thread, uint64_t now) {
  off_cpu_span since = off_cpu_read(&thread->off_cpu, now);
  if (since.off > 0 && recorder_was_preempted && recorder_was_preempted()) {
    recorder_skip_time(thread, &since, now);
    since.off = 0;
  }
  return since;
}

void recorder_skip_preempted(void) { read_off_cpu(recorder_this_thread, clock_now()); }

/*
 * Time off the CPU between the latest readings of the thread's clocks is the top span's own as far as it may have fallen
 * into it; the rest, that of what is around it. `since` is NULL where they were not read.
 */
static void count_off_cpu(recorder_thread *thread, recorder_span *span, const off_cpu_span *since, uint64_t now) {
  recorder_site *site = span->site;
  recorder_own *site_own = recorder_span_own(span, site); /* measuring the pace will have the span's place */
  uint64_t most = span->pairs > 0 ? span->off : 0, least = 0, gil = most;
  if (since) {
    uint64_t begin = span->start > since->since ? span->start : since->since;
    uint64_t inside = (uint64_t)((double)(now - begin) * since->ns_per_tick);
    uint64_t outside = (uint64_t)((double)(begin - since->since) * since->ns_per_tick);
    uint64_t own = at_most(since->off, inside);
    most += own;
    gil += at_most(own, since->others);
    least = since->off > outside ? at_most(since->off - outside, own) : 0;
    if (span[-1].pairs > 0) span[-1].off += at_most(since->off - own, outside);
    uint64_t start = clock_now();
    pace_follow(start);
    span[-1].looks += own_ticks(thread, start);
  }
  profile_tax_t *row = most > 0 ? recorder_taxes(site_own, site) : NULL;
  if (!row) return;
  row->off_count++;
  row->off_most += most;
  row->off_least += least;
  row->off_gil += OFF_CPU_BY_GIL ? gil : 0;
}

/* What looking at the operands took before the operation began. */
static uint64_t look_before(const recorder_span *span) { return span->look_start ? span->start - span->look_start : 0; }

/*
 * What looking at the operands of an operation took, before it and after its end, is its surroundings' no more. Behind
 * the second reading comes what every end does.
 */
static void take_off_look(recorder_thread *thread, recorder_span *span, uint64_t end) {
  uint64_t ticks = look_before(span) + (span->look_start ? (uint64_t)RECORDER_COST(thread, look_cost) : 0);
  ticks += own_ticks(thread, end);
  span[-1].looks += ticks;
  recorder_add_look_ticks(ticks);
}

/* Closes the top span, which must belong to `site`. A leaf needs neither its children's time nor its pairs' cost. */
static void close_top(recorder_thread *thread, recorder_site *site, uint64_t now, int raised) {
  recorder_span *span = thread->top;
  recorder_own *own = recorder_span_own(span, site);
  profile_site_t *counters = own->counters;
  if (recorder_looks_at_operands(site) && off_cpu_is_long(look_before(span))) off_cpu_start(&thread->off_cpu);
  uint64_t is_due = off_cpu_is_due(&thread->off_cpu, now), looked = now;
  off_cpu_span since = {0};
  if (is_due) {
    since = read_off_cpu(thread, now);
    looked += own_ticks(thread, now);
    span[-1].looks += looked - now;
  }
  uint64_t looks = span->pairs > 0 ? span->looks : 0;
  int64_t inclusive = (int64_t)(now - span->start - looks) - RECORDER_COST(thread, inner) -
                      (int64_t)span->pairs * RECORDER_COST(thread, pair);
  int outermost = span->pairs > 0 ? unmark_parent(thread, span) : is_outermost(thread, span);
  thread->top = span - 1;
  counters->self += inclusive - span->children;
  if (outermost) counters->total += inclusive;
  span[-1].children += inclusive;
  span[-1].pairs += span->pairs + 1;
  if (span->pairs > 0) span[-1].looks += looks + RECORDER_COST(thread, parent);
  if (recorder_has_context(site))
    contexts_count(recorder_leave(thread, span), outermost ? inclusive : 0, inclusive - span->children, raised);
  if (recorder_looks_at_operands(site)) {
    if (span->variant) recorder_count_variant(span->variant, inclusive, inclusive - span->children, outermost, now, raised);
    take_off_look(thread, span, looked);
  }
  recorder_count_whole(counters, inclusive, now, raised);
  if (raised) {
    span[-1].raises = 1;
    span[-1].looks += RECORDER_COST(thread, raise);
  }
  if (!raised && span->pairs > 0 && span->raises) count_swallowed(own, site);
  if (is_due || (span->pairs > 0 && span->off > 0)) count_off_cpu(thread, span, is_due ? &since : NULL, now);
  if (is_due && control_is_asked()) control_obey();
}

static void count_lost_span(void) {
  SHARED_SCOPE();
  profile_head()->lost_spans++;
}

/* Drops the top span; the time of what ran inside stays with its surroundings. */
void recorder_drop_top(recorder_thread *thread) {
  recorder_span *span = thread->top;
  if (recorder_drop_around()) return;
  if (span->pairs > 0) {
    unmark_parent(thread, span);
    span[-1].looks += span->looks;
  }
  if (recorder_has_context(span->site)) recorder_leave(thread, span);
  recorder_span_own(span, span->site)->counters->lost++;
  count_lost_span();
  span[-1].children += span->children;
  span[-1].pairs += span->pairs + 1;
  thread->top = span - 1;
}

static int is_open(const recorder_thread *thread, const recorder_site *site) {
  for (const recorder_span *span = thread->top; span > thread->bottom && !recorder_is_skipped(span); span--)
    if (span->site == site) return 1;
  return 0;
}

void recorder_count_end_without_begin(void) {
  SHARED_SCOPE();
  int is_inherited = inherited > 0;
  inherited -= (uint64_t)is_inherited;
  if (recorder_was_off && !is_inherited) return;
  if (profile_get_state() != PROFILE_OPEN && profile_get_state() != PROFILE_FINISHED) return;
  if (is_inherited) profile_head()->inherited_ends++;
  else profile_head()->lost_ends++;
}

/* Where the top is another operation, ends were lost above ours (an exit that nobody saw), or our begin was. */
void recorder_end(recorder_site *site, uint64_t now, int raised) {
  recorder_thread *thread = recorder_this_thread;
  if (thread->top->site != site && !is_open(thread, site)) {
    if (!recorder_skip_end_below(thread)) recorder_count_end_without_begin();
    return;
  }
  while (thread->top->site != site) recorder_drop_top(thread);
  close_top(thread, site, now, raised);
}

uint32_t recorder_depth(void) {
  recorder_thread *thread = recorder_this_thread;
  return (uint32_t)(thread->top - thread->bottom);
}

/* The child's other threads do not exist: what they had open is not ours to close. */
void recorder_fork_child(void) {
  recorder_thread *thread = recorder_this_thread;
  inherited = recorder_forget_awaits() + (uint64_t)(thread->top - thread->bottom);
  recorder_spare_thread();
}
