#include "trace_filter.h"

#include "c_function.h"
#include "echo.h"

enum { FILTERS = 8 };

typedef int (*trace_function)(PyObject *object, struct _frame *frame, int event, PyObject *argument);

/* How a thread's state of 3.9 begins, through all its releases; checked before it is believed. */
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

int trace_filter_is_active;

static int filter(trace_function inner, PyObject *object, struct _frame *frame, int event, PyObject *argument) {
  echo_frame *start = (echo_frame *)(void *)frame;
  if (event == ECHO_EVENT_LINE && echo_is(start)) return 0;
  int result = inner(object, frame, event, argument);
  echo_note(start, event);
  trace_filter_cover_thread(); /* tools may set another from within */
  return result;
}

/* ---- one function for each that was found: the object that it gets is the tool's own, and so can tell us nothing */

static trace_function found[FILTERS];

#define FILTER(n)                                                                             \
  static int filter_##n(PyObject *object, struct _frame *frame, int event, PyObject *argument) { \
    return filter(found[n], object, frame, event, argument);                                  \
  }
FILTER(0) FILTER(1) FILTER(2) FILTER(3) FILTER(4) FILTER(5) FILTER(6) FILTER(7)

static const trace_function filters[FILTERS] = {filter_0, filter_1, filter_2, filter_3,
                                                filter_4, filter_5, filter_6, filter_7};

/* The function itself where it is a filter, or where more tools trace than there are filters. */
static trace_function filter_for(trace_function function) {
  for (int i = 0; i < FILTERS; i++)
    if (function == filters[i]) return function;
  for (int i = 0; i < FILTERS; i++) {
    if (!found[i]) found[i] = function;
    if (found[i] == function) return filters[i];
  }
  return function;
}

static void cover(thread_start *thread) {
  if (thread->trace) thread->trace = filter_for(thread->trace);
}

static thread_start *this_thread(void) { return (thread_start *)(void *)PyThreadState_Get(); }

void trace_filter_cover_thread(void) { cover(this_thread()); }

static void cover_all_threads(void) {
  thread_start *here = this_thread();
  for (thread_start *thread = here; thread; thread = thread->next) cover(thread);
  for (thread_start *thread = here->previous; thread; thread = thread->previous) cover(thread);
}

/* ---- sys.settrace */

static PyCFunction interpreters_settrace;

static PyObject *settrace(PyObject *module, PyObject *function) {
  PyObject *result = interpreters_settrace(module, function);
  trace_filter_cover_thread();
  return result;
}

/* ---- whether the structures are as we think */

static int thread_is_right(const thread_start *thread) {
  if (!thread->frame || thread->frame != PyEval_GetFrame()) return 0;
  PyObject *gettrace = PySys_GetObject("gettrace");
  if (!gettrace || gettrace->ob_type != &PyCFunction_Type) return 0;
  PyObject *object = PyObject_CallFunction(gettrace, NULL);
  if (!object) return 0;
  int same = object == (thread->trace_object ? thread->trace_object : Py_None);
  Py_DecRef(object);
  return same && (thread->trace || !thread->trace_object);
}

static int frame_is_right(echo_frame *frame) {
  PyObject *code = PyObject_GetAttrString(&frame->ob_base, "f_code");
  PyObject *lasti = PyObject_GetAttrString(&frame->ob_base, "f_lasti");
  int same = code && lasti && code == frame->code && PyLong_AsLong(lasti) == frame->lasti;
  if (code) Py_DecRef(code);
  if (lasti) Py_DecRef(lasti);
  return same;
}

void trace_filter_init(long hexversion) {
  if (hexversion >> 16 != 0x0309) return;
  trace_filter_is_active = echo_init() && thread_is_right(this_thread()) &&
                           frame_is_right((echo_frame *)(void *)this_thread()->frame);
  PyErr_Clear();
  if (!trace_filter_is_active) return;
  cover_all_threads();
  c_function_replace(PySys_GetObject("settrace"), "settrace", METH_O, settrace, &interpreters_settrace);
}
