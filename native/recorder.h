/*
 * The recorder: opens and closes operations. Knows nothing of Python; runs with the GIL held.
 *
 * Each thread has a shadow stack of open operations. The corrected duration of an operation is
 *   end - begin - inner - pairs * pair
 * where `inner` is what an empty operation measures and `pair` what one begin and end inside costs its surroundings.
 * All per-thread state hangs on one pointer, so that a free-threaded build can give each thread its own counters.
 */
#ifndef PYREWRITE_RECORDER_H
#define PYREWRITE_RECORDER_H

#include <stdint.h>

#include "clock.h"
#include "histogram.h"
#include "profile_file.h"

/* A place in the program. Its address is constant; `counters` lie in the profile. */
typedef struct {
  profile_site_t *counters;
  uint32_t number;  /* of the site in this process, from 0 */
  uint32_t parents; /* open operations of all threads here that have operations inside: 0 means no recursion */
} recorder_site;

typedef struct {
  recorder_site *site; /* NULL at the bottom */
  uint64_t start;
  int64_t children; /* inclusive ticks of the operations directly inside */
  uint64_t pairs;   /* begin and end pairs inside, at any depth; never 0 at the bottom */
} recorder_span;

typedef struct recorder_thread {
  recorder_span *top;
  recorder_span *limit; /* last usable span */
  uint32_t *active;     /* open parents (see recorder_site) of each site on this thread, by number */
  uint32_t active_size;
  recorder_span *bottom;
} recorder_thread;

/* Never NULL: a thread that recorded nothing yet has one without room. */
extern _Thread_local recorder_thread *recorder_this_thread;
extern recorder_thread recorder_no_thread;

/* Ticks that are taken off; 0 until calibrated. */
extern int64_t recorder_inner;
extern int64_t recorder_pair;

/* Once per process, before the first probe. 1 on success. */
int recorder_init(void);

/* Time that is our own: what passes between the two calls belongs to no operation of this thread. */
typedef struct {
  uint64_t start;
  int64_t children;
  uint64_t pairs;
} recorder_pause;

recorder_pause recorder_pause_begin(void);
void recorder_pause_end(const recorder_pause *pause);

/* Operations open on this thread. */
uint32_t recorder_depth(void);

void recorder_fork_child(void);

/* Slow paths. */
recorder_span *recorder_make_room(void);
void recorder_end_elsewhere(recorder_site *site, uint64_t now, int raised);

/* The top of the stack gets its first operation inside. Not inlined: leaves are many. */
void recorder_mark_parent(recorder_thread *thread);

/* It ends. 1 if it was the outermost of its site on this thread. */
int recorder_unmark_parent(recorder_thread *thread, recorder_site *site);

/* Whether no parent of this site is open on this thread. */
int recorder_is_outermost(const recorder_thread *thread, const recorder_site *site);

/* Awaits: keyed by frame, because other code runs between begin and end. */
void recorder_await_begin(recorder_site *site, const void *frame);
void recorder_await_end(recorder_site *site, const void *frame, uint64_t now, int raised);

__attribute__((always_inline)) static inline void recorder_count(profile_site_t *counters, int64_t ticks, uint64_t now, int raised) {
  uint64_t duration = ticks < 0 ? 0 : (uint64_t)ticks;
  uint64_t before = counters->count;
  counters->raised += (uint64_t)raised;
  if (duration < counters->min || before == 0) counters->min = duration;
  if (duration > counters->max) counters->max = duration;
  counters->last = now;
  counters->count = before + 1;
  /* Into the histogram with the next one: finding a bucket takes as long as many operations, and now it would wait. */
  profile_header_t *head = profile_head();
  uint64_t latest = head->latest_site;
  uint64_t latest_duration = head->latest_duration;
  head->latest_site = profile_offset(counters);
  head->latest_duration = duration;
  if (__builtin_expect(latest != 0, 1)) histogram_add((profile_site_t *)(profile_base + latest), latest_duration);
}

#define RECORDER_INLINE __attribute__((always_inline)) static inline

/* Closes the top span, which must belong to `site`. A leaf needs neither its children's time nor its pairs' cost. */
RECORDER_INLINE void recorder_close_top(recorder_thread *thread, recorder_site *site, uint64_t now, int raised) {
  recorder_span *span = thread->top;
  profile_site_t *counters = site->counters;
  uint64_t pairs = span->pairs;
  int64_t inclusive = (int64_t)(now - span->start) - recorder_inner;
  thread->top = span - 1;
  if (pairs == 0) {
    counters->self += inclusive;
    if (__builtin_expect(site->parents == 0 || recorder_is_outermost(thread, site), 1)) counters->total += inclusive;
  } else {
    inclusive -= (int64_t)pairs * recorder_pair;
    counters->self += inclusive - span->children;
    if (recorder_unmark_parent(thread, site)) counters->total += inclusive;
  }
  span[-1].children += inclusive;
  span[-1].pairs += pairs + 1;
  recorder_count(counters, inclusive, now, raised);
}

RECORDER_INLINE int recorder_can_close(const recorder_thread *thread, const recorder_site *site) {
  return thread->top->site == site;
}

RECORDER_INLINE void recorder_end(recorder_site *site, uint64_t now, int raised) {
  recorder_thread *thread = recorder_this_thread;
  if (__builtin_expect(!recorder_can_close(thread, site), 0)) recorder_end_elsewhere(site, now, raised);
  else recorder_close_top(thread, site, now, raised);
}

RECORDER_INLINE int recorder_has_room(const recorder_thread *thread) { return thread->top != thread->limit; }

/* `span` is the one above the top. Its start is the caller's to set, as the last act: what begin costs lies outside. */
RECORDER_INLINE void recorder_open(recorder_thread *thread, recorder_span *span, recorder_site *site) {
  if (__builtin_expect(span[-1].pairs == 0, 0)) recorder_mark_parent(thread);
  span->site = site;
  span->children = 0;
  span->pairs = 0;
  thread->top = span;
  __asm__ volatile("" ::: "memory");
}

RECORDER_INLINE void recorder_begin(recorder_site *site) {
  recorder_span *span = recorder_this_thread->top + 1;
  if (__builtin_expect(!recorder_has_room(recorder_this_thread), 0)) {
    span = recorder_make_room();
    if (!span) return;
  }
  recorder_open(recorder_this_thread, span, site);
  span->start = clock_now();
}

#endif
