#include "thread_trace.h"

int thread_trace_shows_bodies;

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

int thread_trace_init(long hexversion) {
  int is_known = hexversion >> 16 <= 0x0309 && thread_is_right(thread_trace_here());
  PyErr_Clear();
  thread_trace_shows_bodies = is_known && hexversion >> 16 == 0x0308;
  return is_known;
}
