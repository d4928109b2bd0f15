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

/* threading._active, a dict of the running threads by their ident. */
static PyObject *running_threads(void) {
  PyObject *threading = python_item_named(PyImport_GetModuleDict(), "threading"), *active = NULL;
  if (threading && threading->ob_type == &PyModule_Type)
    active = python_item_named(PyModule_GetDict(threading), "_active");
  python_let_go(threading);
  return active;
}

static PyObject *name_among(PyObject *threads) {
  PyObject *ident = threads->ob_type == &PyDict_Type ? PyLong_FromUnsignedLong(PyThread_get_thread_ident()) : NULL;
  PyObject *thread = ident ? python_item(threads, ident) : NULL;
  PyObject *name = thread ? root_names_own_attribute(thread, "_name") : NULL;
  python_let_go(thread);
  if (ident) Py_DecRef(ident);
  return name;
}

static PyObject *thread_name(void) {
  PyObject *threads = running_threads();
  PyObject *name = threads ? name_among(threads) : NULL;
  python_let_go(threads);
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
