/* The module _pyrewrite: see docs/reference/formats/profile.md for what it writes. */
#define _GNU_SOURCE
#include <pthread.h>
#include <stdlib.h>
#include <string.h>

#include "attach.h"
#include "control.h"
#include "control_type.h"
#include "gate.h"
#include "marshal_filter.h"
#include "monitoring_filter.h"
#include "probe.h"
#include "profile_place.h"
#include "python_abi.h"
#include "recorder_parts.h"
#include "service_client.h"
#include "shared.h"
#include "shortcuts.h"
#include "tasks.h"
#include "thread_names.h"
#include "trace_filter.h"
#include "type_names.h"
#include "windows.h"

#ifndef PYREWRITE_VERSION
#define PYREWRITE_VERSION "0.1.0"
#endif

static struct {
  int ready;           /* probes can be made */
  int tried;
  long hexversion;
  PyObject *sys_modules; /* of the interpreter that came first: only that one is recorded */
} runtime;

static void before_fork(void) {
  windows_before_fork();
  recorder_lock_awaits();
  shared_lock();
}

static void unlock(void) {
  shared_unlock();
  recorder_unlock_awaits();
}

static void in_child(void) {
  profile_fork_child();
  recorder_fork_child();
  control_fork_child();
  attach_fork_child();
  type_names_fork_child();
  marshal_filter_fork_child();
  tasks_changed(); /* another thread may get what this one had */
  shortcuts_fork_child();
  unlock();
  windows_after_fork(1);
}

static void in_parent(void) {
  unlock();
  windows_after_fork(0);
}

static void finish(void) {
  windows_finish();
  recorder_finish();
  control_finish();
  profile_finish();
}

static int is_off(void) {
  const char *wish = getenv("PYREWRITE");
  return wish && !strcmp(wish, "off");
}

static long read_hexversion(void) {
  PyObject *number = PySys_GetObject("hexversion");
  return number ? PyLong_AsLong(number) : 0;
}

/* Once per process. */
static void start_runtime(void) {
  runtime.sys_modules = PyImport_GetModuleDict();
  runtime.hexversion = read_hexversion();
  if (is_off() || runtime.hexversion < 0x03080000) return;
  profile_choose_place();
  clock_init();
  control_init();
  if (!attach_init(runtime.hexversion) || !recorder_init() || !probe_init(runtime.hexversion)) return;
  windows_init();
#ifndef PYREWRITE_FREE_THREADED
  if (!gate_init(runtime.hexversion)) PyErr_Clear(); /* sampled code runs as the original */
#endif
  if (pthread_atfork(before_fork, in_parent, in_child) != 0) return;
  marshal_filter_init(runtime.hexversion);
  trace_filter_init(runtime.hexversion);
  monitoring_filter_init(runtime.hexversion);
  tasks_init(runtime.hexversion);
  recorder_name_thread = thread_names_number;
  runtime.ready = atexit(finish) == 0;
}

static PyObject *module_profile_path(PyObject *module, PyObject *unused) {
  (void)module;
  (void)unused;
  int has_file = profile_get_state() == PROFILE_OPEN || profile_get_state() == PROFILE_FINISHED;
  return has_file ? PyUnicode_DecodeFSDefault(profile_path()) : probe_none();
}

static PyObject *module_flush(PyObject *module, PyObject *unused) {
  (void)module;
  (void)unused;
  profile_anchor();
  return probe_none();
}

/* Only one interpreter is recorded, and it alone decides. */
static int is_recorded_here(void) { return runtime.ready && runtime.sys_modules == PyImport_GetModuleDict(); }

static PyObject *module_enable(PyObject *module, PyObject *unused) {
  (void)module;
  (void)unused;
  if (is_recorded_here()) control_set(1);
  return probe_none();
}

static PyObject *module_disable(PyObject *module, PyObject *unused) {
  (void)module;
  (void)unused;
  if (is_recorded_here()) control_set(0);
  return probe_none();
}

static PyObject *module_is_enabled(PyObject *module, PyObject *unused) {
  (void)module;
  (void)unused;
  return PyLong_FromLong(is_recorded_here() && control_is_on());
}

static PyObject *module_instrument(PyObject *module, PyObject *arguments) {
  PyObject *code, *filename;
  char *code_text, *name_text, *answer = NULL;
  Py_ssize_t code_length, name_length;
  size_t answer_length = 0;
  (void)module;
  if (!PyArg_ParseTuple(arguments, "SU:instrument", &code, &filename)) return NULL;
  PyObject *name = PyUnicode_AsEncodedString(filename, "utf-8", "surrogatepass");
  if (!name) return NULL;
  if (PyBytes_AsStringAndSize(code, &code_text, &code_length) != 0 ||
      PyBytes_AsStringAndSize(name, &name_text, &name_length) != 0) {
    Py_DecRef(name);
    return NULL;
  }
  PyThreadState *thread = PyEval_SaveThread();
  service_ask((uint16_t)(runtime.hexversion >> 16), name_text, (size_t)name_length, code_text, (size_t)code_length,
              &answer, &answer_length);
  PyEval_RestoreThread(thread);
  Py_DecRef(name);
  if (!answer) return probe_none();
  PyObject *result = PyBytes_FromStringAndSize(answer, (Py_ssize_t)answer_length);
  free(answer);
  return result;
}

static int module_exec(PyObject *module) {
  /* Interpreters with a GIL of their own can arrive here at the same time. */
  if (!__atomic_exchange_n(&runtime.tried, 1, __ATOMIC_ACQ_REL)) start_runtime();
  PyErr_Clear();
  PyObject *attach = attach_new(is_recorded_here());
  if (!attach || PyModule_AddObject(module, "attach_1", attach) != 0) return -1;
  if (!control_type_add(module, is_recorded_here())) return -1;
  return PyModule_AddStringConstant(module, "__version__", PYREWRITE_VERSION);
}

static PyMethodDef functions[] = {
    {"profile_path", module_profile_path, METH_NOARGS, "Path of this process's profile, or None before there is one."},
    {"flush", module_flush, METH_NOARGS, "Notes the time in the profile. Counters are in the file at any instant."},
    {"enable", module_enable, METH_NOARGS, "Operations that begin from now on are recorded."},
    {"disable", module_disable, METH_NOARGS, "What begins from now on is not recorded, until enable()."},
    {"is_enabled", module_is_enabled, METH_NOARGS, "1 or 0."},
    {"instrument", module_instrument, METH_VARARGS,
     "instrument(code: bytes, filename: str) -> bytes | None\n\nInstrumented form of marshalled code, from the service."},
    {NULL, NULL, 0, NULL},
};

/* The second one is filled in where it is known (3.12): other interpreters get a module that does nothing. */
static PyModuleDef_Slot slots[] = {
    {Py_mod_exec, (void *)(uintptr_t)module_exec},
    {0, NULL},
#ifdef PYREWRITE_FREE_THREADED
    {PYREWRITE_MOD_GIL, PYREWRITE_MOD_GIL_NOT_USED},
#endif
    {0, NULL},
};


static PyModuleDef definition = {
    PyModuleDef_HEAD_INIT,
    "_pyrewrite",
    "Records the operations of instrumented modules.",
    0,
    functions,
    slots,
    NULL,
    NULL,
    NULL,
};

static int is_free_threaded(void) { return strstr(Py_GetVersion(), "free-threading") != NULL; }

/* Objects without a GIL are laid out differently. */
#ifdef PYREWRITE_FREE_THREADED
#define NEEDS "a free-threaded CPython 3.13"
static int is_for_this(void) { return is_free_threaded() && read_hexversion() >> 16 == 0x030D; }
#else
#define NEEDS "an interpreter with the GIL"
static int is_for_this(void) { return !is_free_threaded(); }
#endif

__attribute__((visibility("default"))) PyObject *PyInit__pyrewrite(void);

PyObject *PyInit__pyrewrite(void) {
  if (!is_for_this()) {
    PyErr_SetString(PyExc_ImportError, "_pyrewrite: this build of the runtime needs " NEEDS);
    return NULL;
  }
  if (read_hexversion() >= 0x030C0000)
    slots[1] = (PyModuleDef_Slot){PYREWRITE_MOD_MULTIPLE_INTERPRETERS, PYREWRITE_MOD_PER_INTERPRETER_GIL_SUPPORTED};
  return PyModuleDef_Init(&definition);
}
