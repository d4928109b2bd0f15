/* Frames, and what leads to them, as we read them: against the interpreter's own headers. */
#define Py_BUILD_CORE 1
#include <Python.h>
#include <frameobject.h>
#include <stddef.h>
#if PY_VERSION_HEX >= 0x030B0000
#include <internal/pycore_dict.h>
#include <internal/pycore_frame.h>
#endif
#if PY_VERSION_HEX >= 0x030E0000
#include <internal/pycore_interpframe_structs.h>
#endif

#undef Py_CompileString /* a macro outside of the limited API */
#include "frames.c"

#define SAME(ours, theirs) _Static_assert(offsetof ours == offsetof theirs, #theirs)

SAME((python_wrapper, object), (PyCellObject, ob_ref));

#if PY_VERSION_HEX < 0x030B0000
SAME((echo_frame, builtins), (PyFrameObject, f_builtins));
SAME((echo_frame, globals), (PyFrameObject, f_globals));
SAME((echo_frame, locals), (PyFrameObject, f_locals));
SAME((echo_frame, values), (PyFrameObject, f_valuestack));
_Static_assert(offsetof(PyFrameObject, f_localsplus) == sizeof(PyFrameObject) - sizeof(PyObject *), "f_localsplus");
#else
#if PY_VERSION_HEX >= 0x030E0000
typedef frame_314 ours;
SAME((ours, stack_pointer), (_PyInterpreterFrame, stackpointer));
_Static_assert(BORROWED == Py_TAG_REFCNT && (TAGS & Py_TAG_BITS) == Py_TAG_BITS, "tags");
#elif PY_VERSION_HEX >= 0x030C0000
typedef frame_312 ours;
#else
typedef frame_311 ours;
#endif
SAME((ours, globals), (_PyInterpreterFrame, f_globals));
SAME((ours, builtins), (_PyInterpreterFrame, f_builtins));
SAME((ours, locals), (_PyInterpreterFrame, f_locals));
SAME((ours, values), (_PyInterpreterFrame, localsplus));
SAME((frame_object, data), (PyFrameObject, f_frame));
#if PY_VERSION_HEX >= 0x030D0000
_Static_assert(offsetof(PyThreadState, current_frame) / sizeof(void *) >= FIRST_WORD, "current_frame");
_Static_assert(offsetof(PyThreadState, current_frame) / sizeof(void *) < WORDS, "current_frame");
#else
SAME((thread_311, cframe), (PyThreadState, cframe));
#if PY_VERSION_HEX < 0x030C0000
SAME((cframe_311, current_frame), (_PyCFrame, current_frame));
#else
_Static_assert(offsetof(_PyCFrame, current_frame) == 0, "current_frame");
#endif
#endif
#endif
