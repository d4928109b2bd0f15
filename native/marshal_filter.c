#include "marshal_filter.h"

#include <stdlib.h>
#include <string.h>

#include "attach.h"
#include "c_function.h"
#include "operand.h"
#include "probe.h"

/*
 * The interpreter announces each marshalling by an audit event. The hook puts placeholders into the co_consts of all
 * code objects that are to be written, and asks for a call when the interpreter goes on: that one puts the probes back.
 * In between no Python code runs, but for other threads', whose ends without a begin are counted as lost.
 */
typedef int audit_hook(const char *event, PyObject *arguments, void *data);

extern int PySys_AddAuditHook(audit_hook *, void *) __attribute__((weak));
extern int Py_AddPendingCall(int (*)(void *), void *) __attribute__((weak));
extern PyTypeObject PyCode_Type, PyDict_Type, PyList_Type;
int PyDict_Next(PyObject *, Py_ssize_t *, PyObject **, PyObject **);
Py_ssize_t PyList_Size(PyObject *);
PyObject *PyList_GetItem(PyObject *, Py_ssize_t); /* borrowed */

enum {
  DEEPEST = 200,   /* of nested containers; marshal itself stops at 1000 to 2000 */
  MOST = 1 << 18   /* containers looked into: some contain themselves */
};

/* A constant that is a placeholder for now. */
typedef struct taken {
  struct taken *next;
  PyObject *consts; /* kept alive */
  Py_ssize_t index;
  PyObject *probe;
} taken;

static taken *all_taken;
static PyObject *modules; /* of the interpreter that is recorded */
static PyObject *zero, *empty;

static int put_back(void *unused) {
  (void)unused;
  while (all_taken) {
    taken *one = all_taken;
    all_taken = one->next;
    attach_set_item(one->consts, one->index, one->probe);
    Py_DecRef(one->consts);
    free(one);
  }
  return 0;
}

static void take(PyObject *consts, Py_ssize_t index, PyObject *probe, PyObject *placeholder) {
  taken *one = malloc(sizeof *one);
  if (!one) return;
  Py_IncRef(consts);
  *one = (taken){all_taken, consts, index, probe};
  all_taken = one;
  attach_set_item(consts, index, placeholder);
}

static int budget; /* containers that may still be looked into */

static void visit(PyObject *object, int depth);

static void visit_code(PyObject *code, int depth) {
  PyObject *consts = PyObject_GetAttrString(code, "co_consts");
  Py_ssize_t size = consts && consts->ob_type == &PyTuple_Type ? PyTuple_Size(consts) : 0;
  for (Py_ssize_t i = 0; i < size; i++) {
    PyObject *item = PyTuple_GetItem(consts, i);
    if (probe_is_probe(item)) take(consts, i, item, zero);
    else if (operand_is_probe(item)) take(consts, i, item, empty);
    else if (item->ob_type == &PyCode_Type) visit_code(item, depth + 1);
  }
  if (consts) Py_DecRef(consts);
}

static void visit_dict(PyObject *dict, int depth) {
  PyObject *key, *value;
  for (Py_ssize_t at = 0; PyDict_Next(dict, &at, &key, &value);) visit(value, depth + 1);
}

/* Sets cannot be walked without an iterator; code objects in them stay as they are. */
static void visit(PyObject *object, int depth) {
  if (depth > DEEPEST || budget <= 0) return;
  if (object->ob_type == &PyCode_Type || object->ob_type == &PyDict_Type || object->ob_type == &PyTuple_Type ||
      object->ob_type == &PyList_Type)
    budget--;
  if (object->ob_type == &PyCode_Type) visit_code(object, depth);
  else if (object->ob_type == &PyDict_Type) visit_dict(object, depth);
  else if (object->ob_type == &PyTuple_Type)
    for (Py_ssize_t i = 0; i < PyTuple_Size(object); i++) visit(PyTuple_GetItem(object, i), depth + 1);
  else if (object->ob_type == &PyList_Type)
    for (Py_ssize_t i = 0; i < PyList_Size(object); i++) visit(PyList_GetItem(object, i), depth + 1);
}

/* Puts placeholders into all code of `value`. */
static void take_all(PyObject *value) {
  budget = MOST;
  visit(value, 0);
  PyErr_Clear();
}

static int on_event(const char *event, PyObject *arguments, void *data) {
  (void)data;
  if (event[0] != 'm' || strcmp(event, "marshal.dumps") != 0) return 0;
  if (modules != PyImport_GetModuleDict() || !arguments || arguments->ob_type != &PyTuple_Type) return 0;
  if (PyTuple_Size(arguments) == 0) return 0;
  int was_empty = !all_taken;
  take_all(PyTuple_GetItem(arguments, 0));
  if (was_empty && all_taken && Py_AddPendingCall(put_back, NULL) != 0) put_back(NULL);
  return 0;
}

/* ---- 3.8 announces nothing: there marshal.dumps and marshal.dump are ours ---- */

typedef PyObject *fast_function(PyObject *, PyObject *const *, Py_ssize_t);

static PyCFunction their_dumps, their_dump;

static PyObject *call(PyCFunction theirs, PyObject *module, PyObject *const *arguments, Py_ssize_t count) {
  int is_ours = count > 0 && modules == PyImport_GetModuleDict();
  if (is_ours) take_all(arguments[0]);
  PyObject *result = ((fast_function *)(void (*)(void))theirs)(module, arguments, count);
  if (is_ours) put_back(NULL);
  return result;
}

static PyObject *dumps(PyObject *module, PyObject *const *arguments, Py_ssize_t count) {
  return call(their_dumps, module, arguments, count);
}

static PyObject *dump(PyObject *module, PyObject *const *arguments, Py_ssize_t count) {
  return call(their_dump, module, arguments, count);
}

static void replace(PyObject *marshal, const char *name, fast_function *ours, PyCFunction *theirs) {
  PyObject *function = PyObject_GetAttrString(marshal, name);
  c_function_replace(function, name, PYREWRITE_METH_FASTCALL, (PyCFunction)(void (*)(void))ours, theirs);
  if (function) Py_DecRef(function);
}

static void replace_functions(void) {
  PyObject *marshal = PyImport_ImportModule("marshal");
  if (marshal) {
    replace(marshal, "dumps", dumps, &their_dumps);
    replace(marshal, "dump", dump, &their_dump);
    Py_DecRef(marshal);
  }
  PyErr_Clear();
}

void marshal_filter_init(long hexversion) {
  modules = PyImport_GetModuleDict();
  zero = PyLong_FromLong(0);
  empty = PyTuple_New(0);
  if (!zero || !empty) return;
  if (hexversion < 0x03090000) replace_functions();
  else if (PySys_AddAuditHook && Py_AddPendingCall && PySys_AddAuditHook(on_event, NULL) != 0) PyErr_Clear();
}
