/*
 * CPython 3.9 tells tracers that a line begins wherever it enters an exception handler, so also where it enters the
 * one of a probe: tracers would see the raising line twice. No form of the code prevents that. Other versions do not
 * do so; there everything here does nothing.
 *
 * So the thread's trace function is replaced by one that leaves out exactly those events.
 */
#ifndef PYREWRITE_TRACE_FILTER_H
#define PYREWRITE_TRACE_FILTER_H

#include "python_abi.h"

/* Once per process, with a Python frame running. Whatever traces already is covered from here on. */
void trace_filter_init(long hexversion);

/* 0 where no filter is needed, or where it cannot be trusted. */
extern int trace_filter_is_active;

/* Covers the trace function of this thread, if it has one. Keeps a pending exception. */
void trace_filter_cover_thread(void);

/*
 * sys.settrace covers what it sets. A tool written in C may set its function without it, and is found by this at the
 * next instrumented module or the first raising operation. An audit hook would find it at once, but makes each
 * id(), each function.__code__ and each import slower, also of programs that nobody traces.
 */
static inline void trace_filter_cover(void) {
  if (__builtin_expect(trace_filter_is_active, 0)) trace_filter_cover_thread();
}

#endif
