/* The beginnings of structures of 3.8 and 3.9 that are read for tracers, against their own headers. */
#include <Python.h>
#include <frameobject.h>
#include <stddef.h>

#undef Py_CompileString /* a macro outside of the limited API */
#include "trace_filter.c"

#define SAME(ours, theirs) _Static_assert(offsetof ours == offsetof theirs, #theirs)

SAME((echo_frame, code), (PyFrameObject, f_code));
SAME((echo_frame, lasti), (PyFrameObject, f_lasti));
SAME((echo_frame, lineno), (PyFrameObject, f_lineno));
SAME((thread_start, previous), (PyThreadState, prev));
SAME((thread_start, next), (PyThreadState, next));
SAME((thread_start, frame), (PyThreadState, frame));
SAME((thread_start, trace), (PyThreadState, c_tracefunc));
SAME((thread_start, trace_object), (PyThreadState, c_traceobj));
SAME((c_function_start, definition), (PyCFunctionObject, m_ml));

_Static_assert(_Generic((Py_tracefunc)0, trace_function: 1, default: 0), "Py_tracefunc");
_Static_assert(ECHO_EVENT_EXCEPTION == PyTrace_EXCEPTION && ECHO_EVENT_LINE == PyTrace_LINE, "PyTrace");
