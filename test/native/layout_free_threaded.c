/*
 * What a build for free-threaded interpreters says of their objects, and what their own headers say: compiled once with
 * each, because Python.h and python_abi.h have the same names.
 */
#include <stddef.h>
#ifdef WITH_PYTHON_H
#include <Python.h>
#define MOD_GIL Py_mod_gil

#else
#include "python_abi.h"
#define MOD_GIL PYREWRITE_MOD_GIL

#endif

#define AT(type, field, offset) _Static_assert(offsetof(type, field) == (offset), #type "." #field)

AT(PyObject, ob_tid, 0);
AT(PyObject, ob_mutex, 10);
AT(PyObject, ob_gc_bits, 11);
AT(PyObject, ob_ref_local, 12);
AT(PyObject, ob_ref_shared, 16);
AT(PyObject, ob_type, 24);
_Static_assert(sizeof(PyObject) == 32, "PyObject");
_Static_assert(sizeof(PyMutex) == 1, "PyMutex");
AT(PyModuleDef, m_name, 56);
AT(PyModuleDef, m_slots, 88);
AT(PyModuleDef, m_free, 112);
_Static_assert(MOD_GIL == 4, "Py_mod_gil");

