/*
 * The recorder: opens and closes operations. Knows nothing of Python; runs with the GIL held, or without one on many
 * threads at a time (PYREWRITE_FREE_THREADED): then each has counters of its own.
 *
 * Each thread has a shadow stack of open operations. The corrected duration of an operation is
 *   end - begin - inner - pairs * pair - looks
 * where `inner` is what an empty operation measures and `pair` what one begin and end inside costs its surroundings.
 * All per-thread state hangs on one pointer.
 */
#ifndef PYREWRITE_RECORDER_H
#define PYREWRITE_RECORDER_H

#include <stdint.h>

#include "clock.h"
#include "contexts.h"
#include "histogram.h"
#include "off_cpu.h"
#include "profile_file.h"
#include "taxes.h"
#include "variants.h"

#ifdef PYREWRITE_FREE_THREADED

/* A place in the program. Its address is constant, and what it holds. */
typedef struct {
  profile_site_t *counters; /* in the profile: of the thread that was the first to come here */
  uint32_t number; /* of the site in this process, from 0; and bits of RECORDER_* */
  uint32_t table;  /* number of its table, from 0 */
  uint32_t index;  /* among the sites of that */
} recorder_site;

/* The table of what stands on the stack and is no operation. */
#define RECORDER_NO_TABLE UINT32_MAX
#define RECORDER_NO_SITE(counts) {.counters = (counts), .number = UINT32_MAX >> 2, .table = RECORDER_NO_TABLE}

/* What a thread counts of a site. Its address is constant; `counters` lie in the profile. */
typedef struct {
  profile_site_t *counters;
  profile_tax_t *taxes;  /* NULL while there are none */
  variant_set *variants; /* the same */
  uint32_t parents;      /* its open operations here that have operations inside: 0 means no recursion */
} recorder_own;

#else

/* A place in the program. Its address is constant; `counters` lie in the profile. */
typedef struct {
  profile_site_t *counters;
  uint32_t number;  /* of the site in this process, from 0; and bits of RECORDER_* */
  uint32_t parents; /* open operations of all threads here that have operations inside: 0 means no recursion */
  profile_tax_t *taxes;  /* NULL while there are none */
  variant_set *variants; /* the same */
} recorder_site;

/* What stands on the stack and is no operation. */
#define RECORDER_NO_SITE(counts) {.counters = (counts), .number = UINT32_MAX >> 2}

/* What is counted of a site: all threads count at the site itself. */
typedef recorder_site recorder_own;

#endif

/* In a site's number: its operands are looked at. */
#define RECORDER_LOOKS (1u << 31)

/* Its operations are counted in their contexts, too. */
#define RECORDER_CALLERS (1u << 30)

/* Those are of code that can suspend: a coroutine or a generator. */
#define RECORDER_SUSPENDS (1u << 29)

typedef struct {
  recorder_site *site; /* NULL at the bottom */
#ifdef PYREWRITE_FREE_THREADED
  recorder_own *own; /* what this thread counts there */
#endif
  uint64_t start;
  int64_t children; /* inclusive ticks of the operations directly inside */
  uint64_t pairs;   /* begin and end pairs inside, at any depth; never 0 at the bottom */
  uint64_t looks;   /* ticks that operands, and the slow ways of parents, took inside, at any depth; valid with pairs */
  uint64_t off;     /* ns off the CPU that were no operation's inside; valid with pairs */
  uint32_t raises;  /* whether an operation directly inside raised; valid with pairs */
  /* Valid for sites with RECORDER_LOOKS: */
  profile_site_t *variant; /* NULL where nothing is known */
  uint64_t look_start;     /* when the look at its operands began; 0 where there was none */
  /* Valid for sites with RECORDER_CALLERS: */
  context_node *outer; /* the context outside */
  const void *frame;   /* the frame that runs it, where that can suspend; else NULL */
} recorder_span;

/* What was seen of the operands of an operation that is about to begin. */
typedef struct {
  const recorder_site *site; /* NULL for nothing */
  uint64_t start; /* when the look began */
  variant_key key;
} recorder_look;

#ifdef PYREWRITE_FREE_THREADED

/* Ticks that are taken off; 0 until calibrated. Written while others read them. */
typedef struct {
  int64_t inner;
  int64_t pair;
  uint64_t first;  /* what the first operation inside costs its parent beside the pair */
  uint64_t parent; /* what the end of a parent costs its surroundings beside the pair */
  uint64_t raise;  /* what an operation that raises costs its surroundings beside its pair */
  int64_t look_cost; /* what a look costs them beside its own time; below zero where they overlap */
} recorder_costs;

#endif

/* See recorder_cache. */
enum { RECORDER_TYPES, RECORDER_CODES, RECORDER_C_CALLEES, RECORDER_CACHES };

typedef struct recorder_thread {
  recorder_span *top;
  recorder_span *limit; /* last usable span */
#ifdef PYREWRITE_FREE_THREADED
  recorder_own **own; /* for each table its sites; NULL where this thread never was */
  uint32_t own_size;
  recorder_own elsewhere; /* for RECORDER_NO_TABLE */
  profile_site_t nowhere;
  const recorder_costs *costs;
  context_tree *tree;
  uint64_t look_ticks; /* as in the profile's header, of this thread, */
  uint64_t told_ticks; /* and how many of them it has */
  void *caches[RECORDER_CACHES];
  struct recorder_thread *next; /* of all states */
  struct recorder_thread *next_free;
#else
  uint32_t *active; /* open parents (see recorder_site) of each site on this thread, by number */
  uint32_t active_size;
#endif
  recorder_span *bottom;
  recorder_look look;
  off_cpu_clock off_cpu;
  context_node *context; /* of the innermost open operation with RECORDER_CALLERS, else the root; NULL before the first */
  context_node *root;
} recorder_thread;

/* Never NULL: a thread that recorded nothing yet has one without room. */
extern _Thread_local recorder_thread *recorder_this_thread;
extern recorder_thread recorder_no_thread;

#ifdef PYREWRITE_FREE_THREADED
/* The thread's that calibrates are its own meanwhile. */
#define RECORDER_COST(thread, name) __atomic_load_n(&(thread)->costs->name, __ATOMIC_RELAXED)
#else
/* Ticks that are taken off; 0 until calibrated. */
extern int64_t recorder_inner;
extern int64_t recorder_pair;
extern uint64_t recorder_first;  /* what the first operation inside costs its parent beside the pair */
extern uint64_t recorder_parent; /* what the end of a parent costs its surroundings beside the pair */
extern uint64_t recorder_raise;    /* what an operation that raises costs its surroundings beside its pair */
extern int64_t recorder_look_cost; /* what a look costs them beside its own time; below zero where they overlap */
#define RECORDER_COST(thread, name) recorder_##name
#endif

/* Nothing is taken off on this thread, until they are set. */
void recorder_clear_costs(void);
void recorder_set_costs(int64_t inner, int64_t pair, uint64_t first, uint64_t parent);
void recorder_set_kinds(uint64_t raise, int64_t look);

/* Once per process, before the first probe. 1 on success. */
int recorder_init(void);

static inline uint32_t recorder_number(const recorder_site *site) {
  return site->number & ~(RECORDER_LOOKS | RECORDER_CALLERS | RECORDER_SUSPENDS);
}

/* Gives the name of this thread (see names.h), 0 for none. NULL: threads have no names. Runs no Python of the program. */
extern uint32_t (*recorder_name_thread)(void);

/*
 * Whether this thread was off the CPU since its clocks were read only because others got it, and waited for nothing: then
 * no operation took that time. NULL: time off the CPU is the operations', whatever it was for.
 */
extern int (*recorder_was_preempted)(void);

/* Reads the clocks of this thread, which has a state of its own, and takes such time out of what is open. */
void recorder_skip_preempted(void);

/* Makes sure that this thread has a state of its own. 0 when nothing is recorded. */
int recorder_ready(void);

/* Makes it, where this thread has none. NULL when nothing is recorded. */
recorder_thread *recorder_new_thread(void);

/* Of this thread, which has a state of its own. */
context_tree *recorder_tree(void);

/* What looks took, at least those of this thread: put back what was read here, and those since were none of the program. */
uint64_t recorder_look_ticks(void);
void recorder_set_look_ticks(uint64_t ticks);

/* The profile gets what it lacks of this thread. */
void recorder_finish(void);

/* The variants that this thread counts at this site are in no profile. */
void recorder_hide_variants(recorder_site *site);

/* What looks at operands keep: of this thread, which has a state of its own, or with the GIL of all. NULL at first. */
void **recorder_cache(int which);

/* In a child of fork: this thread begins anew, with what it has already. */
void recorder_spare_thread(void);

#ifdef PYREWRITE_FREE_THREADED

/* Notes sites whose counters are these, for the first thread that comes there. Gives the number of their table. */
uint32_t recorder_add_table(profile_site_t *counters, uint32_t site_count);

/* What this thread counts at the sites of a table, made at first need. NULL without memory. */
recorder_own *recorder_make_own(recorder_thread *thread, const recorder_site *site);

/* Makes a state its own again whose thread ended with operations open, or does not exist in this child of a fork. */
void recorder_clear_own(recorder_thread *thread);

#endif

/* Time that is our own: what passes between the two calls belongs to no operation of this thread. */
typedef struct {
  uint64_t start;
  int64_t children;
  uint64_t pairs;
  uint64_t looks;
  uint64_t off;
  uint32_t raises;
  uint32_t depth;
  int blocks;
  off_cpu_clock before; /* the thread's clocks: the reading before the pause, and where it `blocks`, that of its begin */
  off_cpu_clock begin;
} recorder_pause;

/* `blocks`: whether the thread may wait meanwhile. */
recorder_pause recorder_pause_begin(int blocks);

/* Gives how long it was. */
uint64_t recorder_pause_end(const recorder_pause *pause);

/* Operations open on this thread. */
uint32_t recorder_depth(void);

/*
 * Surroundings that are not timed, of operations that are: a span of its own, whose operations count as inside the
 * innermost site that is open there and not as inside the timed operation below it.
 */
typedef struct {
  int64_t *orphans; /* gets their inclusive ticks; NULL where nothing is open that is measured */
  const void *frame, *caller; /* what they are in, for those who want to know it again */
  int caller_at;
  uint32_t count;
  recorder_site *open[]; /* sites with executions open in them: recursion counts once */
} recorder_around;

/* Puts them on the stack, which frees them. */
void recorder_enter_around(recorder_around *around);

/* Those on top of the stack, or NULL. */
const recorder_around *recorder_top_around(void);
void recorder_leave_around(void);
int recorder_drop_around(void); /* 1 if there were any */

/* For them: a span on the stack, but for its start; that one more or one less of a site is open that has operations inside. */
recorder_span *recorder_open_span(recorder_site *site);
void recorder_mark_open(recorder_thread *thread, recorder_site *site);
void recorder_unmark_open(recorder_thread *thread, recorder_site *site);

/*
 * Operations that begin and end while recording is off. Inside of others that are open they are counted on the stack, so
 * that an end is known to be theirs, whether recording is on again by then or not.
 */
void recorder_skip_begin(recorder_thread *thread);
int recorder_skip_end(recorder_thread *thread); /* 1 if the end is of such an operation that is on top */
int recorder_skip_end_below(recorder_thread *thread); /* the same, whatever was left open above it */
int recorder_is_skipped(const recorder_span *span);

/* 1 once recording was off: an end without a begin is of an operation that began then. */
extern int recorder_was_off;

/* Drops the top span, whose end was not seen. */
void recorder_drop_top(recorder_thread *thread);

/* The site of the innermost open operation, which began at `start`; NULL for none. */
recorder_site *recorder_top(uint64_t *start);

void recorder_fork_child(void);

/* Awaits: keyed by frame, because other code runs between begin and end. From one turn to the next it is suspended. */
void recorder_await_begin(recorder_site *site, const void *frame, context_node *context);
void recorder_await_end(recorder_site *site, const void *frame, uint64_t now, int raised);
/* The context of this thread's operations inside the await that is open in this frame; NULL for none. */
context_node *recorder_await_context(const void *frame);

/* How many awaits ended on another thread than they began. */
uint32_t recorder_moved_awaits(void);

void recorder_await_turn(const void *frame);

/* An await begins in this frame that is not recorded: what it had open was dropped. */
void recorder_await_skip(const void *frame);

/* The frame is left, or entered again: if it has an await open, that is suspended now, or goes on. */
int recorder_has_awaits(void);
void recorder_frame_left(const void *frame);
void recorder_frame_entered(const void *frame);

#define RECORDER_INLINE __attribute__((always_inline)) static inline

/* The operation before this one, whose duration goes into the histogram now; `site` is NULL for none. */
typedef struct {
  profile_site_t *site;
  uint64_t ticks;
} recorder_latest;

/* What this thread counts at a site; where it is not there yet, that must be made. */
#ifdef PYREWRITE_FREE_THREADED
RECORDER_INLINE int recorder_has_own(const recorder_thread *thread, const recorder_site *site) {
  return site->table < thread->own_size && thread->own[site->table];
}
RECORDER_INLINE recorder_own *recorder_own_of(const recorder_thread *thread, recorder_site *site) {
  return thread->own[site->table] + site->index;
}
RECORDER_INLINE recorder_own *recorder_span_own(const recorder_span *span, recorder_site *site) {
  (void)site;
  return span->own;
}
#else
RECORDER_INLINE int recorder_has_own(const recorder_thread *thread, const recorder_site *site) {
  (void)thread;
  (void)site;
  return 1;
}
RECORDER_INLINE recorder_own *recorder_own_of(const recorder_thread *thread, recorder_site *site) {
  (void)thread;
  return site;
}
RECORDER_INLINE recorder_own *recorder_span_own(const recorder_span *span, recorder_site *site) {
  (void)span;
  return site;
}
#endif

#ifndef PYREWRITE_FREE_THREADED
/*
 * Counts all but the histogram: finding a bucket takes as long as a short operation, and now it would have to wait for
 * the clock. So it is the next operation's, and until then the profile's header keeps it.
 */
#else
/* Counts all but the histogram: that is to be done now, because a header cannot keep it for each thread. */
#endif
RECORDER_INLINE recorder_latest recorder_count(profile_site_t *counters, int64_t ticks, uint64_t now, int raised) {
  uint64_t duration = ticks < 0 ? 0 : (uint64_t)ticks;
  uint64_t before = counters->count;
  counters->raised += (uint64_t)raised;
  if (duration < counters->min || before == 0) counters->min = duration;
  if (duration > counters->max) counters->max = duration;
  counters->last = now;
  counters->count = before + 1;
#ifdef PYREWRITE_FREE_THREADED
  return (recorder_latest){counters, duration};
#else
  profile_header_t *head = profile_head();
  uint64_t site = head->latest_site;
  recorder_latest latest = {site ? (profile_site_t *)(profile_base + site) : NULL, head->latest_duration};
  head->latest_site = profile_offset(counters);
  head->latest_duration = duration;
  return latest;
#endif
}

/* Closes a top span that had no operations inside, at a site that has no parents open: the usual case. */
RECORDER_INLINE recorder_latest recorder_close_leaf(recorder_thread *thread, recorder_site *site, uint64_t now) {
  recorder_span *span = thread->top;
  profile_site_t *counters = recorder_span_own(span, site)->counters;
  int64_t inclusive = (int64_t)(now - span->start) - RECORDER_COST(thread, inner);
  thread->top = span - 1;
  counters->self += inclusive;
  counters->total += inclusive;
  span[-1].children += inclusive;
  span[-1].pairs++;
  return recorder_count(counters, inclusive, now, 0);
}

/* Whether the top span is such a one, and of this site, and nothing else is to be done at its end. */
RECORDER_INLINE int recorder_is_leaf(const recorder_thread *thread, recorder_site *site, uint64_t now) {
  const recorder_span *span = thread->top;
  return span->site == site &&
         (span->pairs | recorder_span_own(span, site)->parents | off_cpu_is_due(&thread->off_cpu, now)) == 0;
}

/* Any end: of a leaf or not, with its begin on top or not. */
void recorder_end(recorder_site *site, uint64_t now, int raised);

/* Whether an operation can begin that is neither the first inside its surroundings nor in need of room. */
RECORDER_INLINE int recorder_has_room(const recorder_thread *thread) {
  return thread->top != thread->limit && thread->top->pairs != 0;
}

/* Likewise at a site, if this thread was at its table before. */
RECORDER_INLINE int recorder_is_usual(const recorder_thread *thread, const recorder_site *site) {
  return recorder_has_room(thread) && recorder_has_own(thread, site);
}

/* `span` is the one above the top. Its start is the caller's to set, as the last act: what begin costs lies outside. */
RECORDER_INLINE void recorder_open(recorder_thread *thread, recorder_span *span, recorder_site *site, recorder_own *own) {
  span->site = site;
#ifdef PYREWRITE_FREE_THREADED
  span->own = own;
#else
  (void)own;
#endif
  span->children = 0;
  span->pairs = 0;
  thread->top = span;
  __asm__ volatile("" ::: "memory");
}

/* Where an operation runs. */
typedef struct {
  context_node *context; /* the one around it; NULL for the thread's */
  const void *frame;     /* if that can suspend; else NULL */
} recorder_place;

#define RECORDER_ANYWHERE ((recorder_place){NULL, NULL})

/* For a site with RECORDER_CALLERS, right after recorder_open. */
RECORDER_INLINE void recorder_enter(recorder_thread *thread, recorder_span *span, recorder_site *site, recorder_place place) {
  span->outer = thread->context;
  span->frame = place.frame;
  thread->context = contexts_enter(place.context ? place.context : thread->context, recorder_number(site));
  __asm__ volatile("" ::: "memory");
}

/* Gives the context of the top span, which ends. */
RECORDER_INLINE context_node *recorder_leave(recorder_thread *thread, const recorder_span *span) {
  context_node *context = thread->context;
  thread->context = span->outer;
  return context;
}

/* Any begin. */
void recorder_begin(recorder_site *site);

/* Any begin of a site with RECORDER_CALLERS. */
void recorder_begin_at(recorder_site *site, recorder_place place);

/* The frame of the innermost open operation with a context, if it can suspend. */
const void *recorder_frame(void);

/* The context of what this thread does now; NULL when nothing is recorded. */
context_node *recorder_context(void);

/* A begin behind a look at its operands. */
void recorder_begin_looked(recorder_site *site, recorder_place place);

#endif
