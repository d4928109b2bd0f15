/*
 * The trace function of a thread, where something depends on it: up to CPython 3.9, whose threads begin the same in all
 * releases. Elsewhere nobody asks.
 */
#ifndef PYREWRITE_THREAD_TRACE_H
#define PYREWRITE_THREAD_TRACE_H

#include "python_abi.h"

typedef int (*trace_function)(PyObject *object, struct _frame *frame, int event, PyObject *argument);

/* How a thread's state begins; checked before it is believed. */
typedef struct thread_start {
  struct thread_start *previous, *next;
  void *interpreter;
  struct _frame *frame;
  int recursion_depth;
  char overflowed, recursion_critical;
  int stack_check_counter, tracing, use_tracing;
  trace_function profile, trace;
  PyObject *profile_object, *trace_object;
} thread_start;

/* With a Python frame running: 1 where threads are as we think. Clears exceptions. */
int thread_trace_init(long hexversion);

static inline thread_start *thread_trace_here(void) { return (thread_start *)(void *)PyThreadState_Get(); }

/*
 * Whether tracers see which body runs: CPython 3.8 tells them of a line whenever control steps back, and the copy stands
 * behind the original.
 */
extern int thread_trace_shows_bodies;

/* Whether this thread is traced by somebody who would see that. */
static inline int thread_trace_must_hide(void) { return thread_trace_shows_bodies && thread_trace_here()->trace; }

#endif
