#include "control_type.h"

#include "control.h"
#include "probe.h"

/* An object is one block of the program: it can be entered again, but only after it was left. */
typedef struct {
  PyObject_HEAD
  control_block block;
} control_object;

static control_block *block_of(PyObject *self) { return &((control_object *)self)->block; }

/* The list of blocks holds it while it is entered. */
static PyObject *enter(PyObject *self, int on) {
  Py_IncRef(self);
  if (!control_enter(block_of(self), on)) {
    Py_DecRef(self);
    PyErr_SetString(PyExc_TypeError, "this block is entered already: make another for each with statement");
    return NULL;
  }
  return probe_none();
}

static PyObject *enter_recording(PyObject *self, PyObject *unused) {
  (void)unused;
  return enter(self, 1);
}

static PyObject *enter_paused(PyObject *self, PyObject *unused) {
  (void)unused;
  return enter(self, 0);
}

static PyObject *leave(PyObject *self, PyObject *exception) {
  (void)exception;
  if (control_leave(block_of(self))) Py_DecRef(self);
  return probe_none();
}

static PyObject *nothing(PyObject *self, PyObject *unused) {
  (void)self;
  (void)unused;
  return probe_none();
}

static PyMethodDef recording_methods[] = {
    {"__enter__", enter_recording, METH_NOARGS, NULL},
    {"__exit__", leave, METH_VARARGS, NULL},
    {NULL, NULL, 0, NULL},
};

static PyMethodDef paused_methods[] = {
    {"__enter__", enter_paused, METH_NOARGS, NULL},
    {"__exit__", leave, METH_VARARGS, NULL},
    {NULL, NULL, 0, NULL},
};

static PyMethodDef idle_methods[] = {
    {"__enter__", nothing, METH_NOARGS, NULL},
    {"__exit__", nothing, METH_VARARGS, NULL},
    {NULL, NULL, 0, NULL},
};

static int add(PyObject *module, const char *name, const char *full_name, const char *doc, PyMethodDef *methods) {
  PyType_Slot slots[] = {{Py_tp_methods, methods}, {Py_tp_doc, (void *)(uintptr_t)doc}, {0, NULL}};
  PyType_Spec spec = {full_name, sizeof(control_object), 0, Py_TPFLAGS_DEFAULT, slots};
  PyObject *type = PyType_FromSpec(&spec);
  return type && PyModule_AddObject(module, name, type) == 0;
}

int control_type_add(PyObject *module, int is_recorded) {
  return add(module, "recording", "_pyrewrite.recording", "with recording(): what begins in it is recorded.",
             is_recorded ? recording_methods : idle_methods) &&
         add(module, "paused", "_pyrewrite.paused", "with paused(): what begins in it is not recorded.",
             is_recorded ? paused_methods : idle_methods);
}
