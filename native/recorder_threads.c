/* What the recorder keeps for each thread: made when it runs its first probe, freed when it ends. */
#include <pthread.h>
#include <stdlib.h>
#include <string.h>

#include "control.h"
#include "recorder_parts.h"
#include "shared.h"

enum { FIRST_SPANS = 256, UNTOLD_LOOK_TICKS = 1 << 16 };

static recorder_span no_span = {.pairs = 1};

#ifdef PYREWRITE_FREE_THREADED
static const recorder_costs no_costs;
recorder_thread recorder_no_thread = {.top = &no_span, .limit = &no_span, .bottom = &no_span, .costs = &no_costs};
#else
recorder_thread recorder_no_thread = {.top = &no_span, .limit = &no_span, .bottom = &no_span};
#endif
_Thread_local recorder_thread *recorder_this_thread = &recorder_no_thread;

static pthread_key_t thread_key;

static recorder_span *allocate_spans(recorder_thread *thread) {
  recorder_span *spans = calloc(FIRST_SPANS, sizeof *spans);
  thread->bottom = spans;
  if (spans) thread->limit = spans + FIRST_SPANS - 1;
  return spans;
}

/* With nothing open. */
static void clear(recorder_thread *thread) {
  thread->top = thread->bottom;
  thread->look.site = NULL;
  thread->context = thread->root;
  *thread->bottom = (recorder_span){.pairs = 1};
}

#ifdef PYREWRITE_FREE_THREADED

/* Ticks that are taken off on threads that do not calibrate. */
static recorder_costs costs;

/* All states, and those whose threads ended: they go to the next threads that begin, with their counters. */
static recorder_thread *all_threads, *free_threads;

void recorder_clear_costs(void) { recorder_this_thread->costs = &no_costs; }

void recorder_set_costs(int64_t inner, int64_t pair, uint64_t first, uint64_t parent) {
  __atomic_store_n(&costs.inner, inner, __ATOMIC_RELAXED);
  __atomic_store_n(&costs.pair, pair, __ATOMIC_RELAXED);
  __atomic_store_n(&costs.first, first, __ATOMIC_RELAXED);
  __atomic_store_n(&costs.parent, parent, __ATOMIC_RELAXED);
  recorder_this_thread->costs = &costs;
}

void recorder_set_kinds(uint64_t raise, int64_t look) {
  __atomic_store_n(&costs.raise, raise, __ATOMIC_RELAXED);
  __atomic_store_n(&costs.look_cost, look, __ATOMIC_RELAXED);
}

context_tree *recorder_tree(void) { return recorder_this_thread->tree; }

void **recorder_cache(int which) { return &recorder_this_thread->caches[which]; }

/* Threads that run at once would wait for each other if they told the header of each look. */
static void tell_look_ticks(recorder_thread *thread) {
  SHARED_SCOPE();
  profile_head()->look_ticks += thread->look_ticks - thread->told_ticks;
  thread->told_ticks = thread->look_ticks;
}

void recorder_add_look_ticks(uint64_t ticks) {
  recorder_thread *thread = recorder_this_thread;
  thread->look_ticks += ticks;
  if (thread->look_ticks - thread->told_ticks > UNTOLD_LOOK_TICKS) tell_look_ticks(thread);
}

uint64_t recorder_look_ticks(void) { return recorder_this_thread->look_ticks; }

void recorder_set_look_ticks(uint64_t ticks) {
  tell_look_ticks(recorder_this_thread);
  recorder_this_thread->look_ticks = ticks;
  tell_look_ticks(recorder_this_thread);
}

void recorder_finish(void) {
  if (recorder_this_thread != &recorder_no_thread) tell_look_ticks(recorder_this_thread);
}

static void give_back(recorder_thread *thread) {
  thread->next_free = free_threads;
  free_threads = thread;
}

static void free_thread(void *value) {
  recorder_this_thread = &recorder_no_thread;
  tell_look_ticks(value);
  SHARED_SCOPE();
  give_back(value);
}

static recorder_thread *reuse(void) {
  recorder_thread *thread = free_threads;
  if (!thread->bottom && !allocate_spans(thread)) return NULL;
  free_threads = thread->next_free;
  if (thread->top != thread->bottom) recorder_clear_own(thread);
  thread->root = NULL; /* it may have another name */
  clear(thread);
  return thread;
}

static recorder_thread *allocate_thread(void) {
  recorder_thread *thread = calloc(1, sizeof *thread);
  if (!thread || !(thread->tree = contexts_new_tree()) || !allocate_spans(thread)) {
    if (thread) free(thread->tree);
    free(thread);
    return NULL;
  }
  thread->costs = &costs;
  thread->elsewhere.counters = &thread->nowhere;
  thread->next = all_threads;
  all_threads = thread;
  clear(thread);
  return thread;
}

static recorder_thread *find_thread(void) { return free_threads ? reuse() : allocate_thread(); }

/* The other threads do not exist here. What they were about to do with their stacks is not known. */
void recorder_spare_thread(void) {
  recorder_thread *here = recorder_this_thread;
  free_threads = NULL;
  for (recorder_thread *thread = all_threads; thread; thread = thread->next) {
    if (thread == here) continue;
    thread->bottom = NULL;
    thread->told_ticks = thread->look_ticks = 0;
    memset(thread->caches, 0, sizeof thread->caches);
    give_back(thread);
  }
  if (here == &recorder_no_thread) return;
  pthread_setspecific(thread_key, NULL);
  recorder_this_thread = &recorder_no_thread;
  give_back(here);
}

#else

static context_tree *tree;

context_tree *recorder_tree(void) { return tree; }

void **recorder_cache(int which) {
  static void *caches[RECORDER_CACHES];
  return &caches[which];
}

void recorder_finish(void) {}

void recorder_add_look_ticks(uint64_t ticks) { profile_head()->look_ticks += ticks; }

uint64_t recorder_look_ticks(void) { return profile_head()->look_ticks; }

void recorder_set_look_ticks(uint64_t ticks) { profile_head()->look_ticks = ticks; }

/* The forking thread's state in the child; not freed there, because malloc may not be called in a fork handler. */
static recorder_thread *spare;

static void free_thread(void *value) {
  recorder_thread *thread = value;
  recorder_this_thread = &recorder_no_thread;
  free(thread->bottom);
  free(thread->active);
  free(thread);
}

static recorder_thread *allocate_thread(void) {
  recorder_thread *thread = calloc(1, sizeof *thread);
  if (!thread || !allocate_spans(thread)) {
    free(thread);
    return NULL;
  }
  clear(thread);
  return thread;
}

static recorder_thread *reuse_spare(void) {
  recorder_thread *thread = spare;
  spare = NULL;
  clear(thread);
  if (thread->active) memset(thread->active, 0, thread->active_size * sizeof *thread->active);
  return thread;
}

static recorder_thread *find_thread(void) { return spare ? reuse_spare() : allocate_thread(); }

void recorder_spare_thread(void) {
  recorder_thread *thread = recorder_this_thread;
  if (thread == &recorder_no_thread) return;
  pthread_setspecific(thread_key, NULL);
  recorder_this_thread = &recorder_no_thread;
  spare = thread;
}

#endif

int recorder_init(void) {
#ifndef PYREWRITE_FREE_THREADED
  if (!(tree = contexts_new_tree())) return 0;
#endif
  return recorder_init_awaits() && pthread_key_create(&thread_key, free_thread) == 0;
}

recorder_thread *recorder_new_thread(void) {
  SHARED_SCOPE();
  if (profile_get_state() == PROFILE_FORKED && !profile_open_after_fork()) return NULL;
  if (profile_get_state() == PROFILE_FAILED || profile_get_state() == PROFILE_NONE) return NULL;
  recorder_thread *thread = find_thread();
  if (!thread) return NULL;
  off_cpu_start(&thread->off_cpu);
  pthread_setspecific(thread_key, thread);
  recorder_this_thread = thread;
  profile_head()->threads++;
  control_note();
  profile_anchor();
  return thread;
}

int recorder_ready(void) { return recorder_this_thread != &recorder_no_thread || recorder_new_thread() != NULL; }
