#include "trace_filter.h"

#include "c_function.h"
#include "echo.h"
#include "shortcuts.h"
#include "thread_trace.h"

enum { FILTERS = 8 };

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
  if (!thread->trace) return;
  shortcuts_stop(); /* C code traces without sys.settrace */
  thread->trace = filter_for(thread->trace);
}

void trace_filter_cover_thread(void) { cover(thread_trace_here()); }

static void cover_all_threads(void) {
  thread_start *here = thread_trace_here();
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

static int frame_is_right(echo_frame *frame) {
  PyObject *code = PyObject_GetAttrString(&frame->ob_base, "f_code");
  PyObject *lasti = PyObject_GetAttrString(&frame->ob_base, "f_lasti");
  int same = code && lasti && code == frame->code && PyLong_AsLong(lasti) == frame->lasti;
  if (code) Py_DecRef(code);
  if (lasti) Py_DecRef(lasti);
  return same;
}

void trace_filter_init(long hexversion) {
  if (!thread_trace_init(hexversion) || hexversion >> 16 != 0x0309) return;
  trace_filter_is_active = echo_init() && frame_is_right((echo_frame *)(void *)thread_trace_here()->frame);
  PyErr_Clear();
  if (!trace_filter_is_active) return;
  cover_all_threads();
  c_function_replace(PySys_GetObject("settrace"), "settrace", METH_O, settrace, &interpreters_settrace);
}
