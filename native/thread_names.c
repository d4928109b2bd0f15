#define _GNU_SOURCE
#include "thread_names.h"

#include <sys/syscall.h>
#include <unistd.h>

#include "names.h"
#include "python_types.h"
#include "root_names.h"

unsigned long PyThread_get_thread_ident(void);
PyObject *PyLong_FromUnsignedLong(unsigned long);
PyObject *PyModule_GetDict(PyObject *); /* borrowed */
extern PyTypeObject PyDict_Type;

/* Borrowed: threading._active, a dict of the running threads by their ident. */
static PyObject *running_threads(void) {
  PyObject *threading = PyDict_GetItemString(PyImport_GetModuleDict(), "threading");
  if (!threading || threading->ob_type != &PyModule_Type) return NULL;
  PyObject *active = PyDict_GetItemString(PyModule_GetDict(threading), "_active");
  return active && active->ob_type == &PyDict_Type ? active : NULL;
}

static PyObject *thread_name(void) {
  PyObject *threads = running_threads();
  PyObject *ident = threads ? PyLong_FromUnsignedLong(PyThread_get_thread_ident()) : NULL;
  PyObject *thread = ident ? PyDict_GetItem(threads, ident) : NULL;
  PyObject *name = thread ? root_names_own_attribute(thread, "_name") : NULL;
  if (ident) Py_DecRef(ident);
  return name;
}

static int is_main(void) {
#ifdef SYS_gettid
  return syscall(SYS_gettid) == getpid();
#else
  return 0;
#endif
}

uint32_t thread_names_number(void) {
  PyObject *name = thread_name();
  uint32_t number = name ? root_names_number(name) : is_main() ? names_number("MainThread", sizeof "MainThread" - 1) : 0;
  if (name) Py_DecRef(name);
  PyErr_Clear();
  return number;
}
