#include "gate.h"

#include <stdatomic.h>

#include "around.h"
#include "attach.h"
#include "calibration.h"
#include "code_text.h"
#include "probe.h"
#include "python_types.h"
#include "sampler.h"
#include "shortcuts.h"
#include "thread_trace.h"
#include "window_budget.h"
#include "windows.h"

extern PyTypeObject PyList_Type, PyCode_Type;
PyObject *PyList_New(Py_ssize_t);
int PyList_SetItem(PyObject *, Py_ssize_t, PyObject *);
PyObject *PyList_GetItem(PyObject *, Py_ssize_t); /* borrowed */
Py_ssize_t PyList_Size(PyObject *);
void PyObject_GC_UnTrack(void *);
Py_ssize_t PyObject_HashNotImplemented(PyObject *);

/* How a list begins. */
typedef struct {
  PyObject ob_base;
  Py_ssize_t ob_size;
  PyObject **ob_item;
} list_start;

enum { LOOKED_AT = 7 };

static PyObject *list;
static PyObject question;
static PyTypeObject *question_type;

/* ---- the list: one item, which it has only while its size says so */

static int layout_is_right(PyObject *one) {
  list_start *start = (list_start *)(void *)one;
  if (PyList_Size(one) != 1 || start->ob_size != 1 || start->ob_item[0] != PyList_GetItem(one, 0)) return 0;
  start->ob_size = 0;
  return PyList_Size(one) == 0;
}

static int make_list(void) {
  PyObject *one = PyList_New(1);
  if (!one) return 0;
  if (PyList_SetItem(one, 0, probe_none()) != 0 || !layout_is_right(one)) {
    Py_DecRef(one);
    return 0;
  }
  PyObject_GC_UnTrack(one); /* so that nobody finds it but in constants */
  probe_make_immortal(one, &PyList_Type);
  sampler_gate = (_Atomic(intptr_t) *)(void *)&((list_start *)(void *)one)->ob_size;
  list = one;
  return 1;
}

/* ---- code with a list among its constants has a hash nevertheless */

typedef PyObject *(*compare_function)(PyObject *, PyObject *, int);

static compare_function compare_codes;
static Py_ssize_t (*hash_of_code)(PyObject *);

static Py_ssize_t find_list(PyObject *consts) {
  for (Py_ssize_t i = PyTuple_Size(consts) - 1; i >= 0; i--)
    if (PyTuple_GetItem(consts, i) == list) return i;
  return -1;
}

/* Hashes of constants run no code of the program, so nobody sees the tuple meanwhile. */
static Py_ssize_t code_hash(PyObject *code) {
  PyObject *consts = PyObject_GetAttrString(code, "co_consts");
  if (!consts) return -1;
  Py_ssize_t at = find_list(consts);
  if (at >= 0) attach_set_item(consts, at, &question);
  shortcuts_hold(code);
  Py_ssize_t hash = hash_of_code(code);
  shortcuts_release(code);
  if (at >= 0) attach_set_item(consts, at, list);
  Py_DecRef(consts);
  return hash;
}

static PyObject *code_compare(PyObject *code, PyObject *other, int operator) {
  shortcuts_hold(code);
  shortcuts_hold(other);
  PyObject *result = compare_codes(code, other, operator);
  shortcuts_release(other);
  shortcuts_release(code);
  return result;
}

/* While gates come and go, code is equal to what it was, and its hash is the same. */
static int cover_code(void) {
  python_type *code = (python_type *)(void *)&PyCode_Type, *lists = (python_type *)(void *)&PyList_Type;
  if (lists->tp_hash != (void *)(uintptr_t)PyObject_HashNotImplemented || !code->tp_hash || !code->tp_richcompare) return 0;
  hash_of_code = (Py_ssize_t (*)(PyObject *))(uintptr_t)code->tp_hash;
  code->tp_hash = (void *)(uintptr_t)code_hash;
  compare_codes = (compare_function)(uintptr_t)code->tp_richcompare;
  code->tp_richcompare = (void *)(uintptr_t)code_compare;
  return 1;
}

/* ---- the question */

/* One in a few, so that what is passed once a window is not thought to be passed often. */
static void look(void) {
  static unsigned count;
  if (windows_is_first_passage() || count++ % LOOKED_AT == 0) {
    uint64_t start = clock_now();
    window_budget_note_look(shortcuts_see_gate());
    windows_spend(clock_now() - start);
  }
}

static int question_truth(PyObject *self) {
  (void)self;
  if (!windows_pass() || thread_trace_must_hide()) {
    if (windows_may_look()) look();
    return 0;
  }
  uint64_t start = windows_start();
  if (start) around_look(start);
  return 1;
}

static PyObject *question_repr(PyObject *self) {
  (void)self;
  return PyUnicode_FromFormat("<pyrewrite gate>");
}

/* A copy or a pickle is the placeholder again. */
static PyObject *question_reduce(PyObject *self, PyObject *unused) {
  (void)self;
  (void)unused;
  PyObject *arguments = PyTuple_New(0);
  PyObject *result = arguments ? PyTuple_New(2) : NULL;
  if (!result) return NULL;
  Py_IncRef((PyObject *)&PyLong_Type);
  PyTuple_SetItem(result, 0, (PyObject *)&PyLong_Type);
  PyTuple_SetItem(result, 1, arguments);
  return result;
}

static PyMethodDef methods[] = {
    {"__reduce__", question_reduce, METH_NOARGS, NULL},
    {NULL, NULL, 0, NULL},
};

static int make_question(void) {
  PyType_Slot slots[] = {
      {Py_nb_bool, (void *)(uintptr_t)question_truth},
      {Py_tp_repr, (void *)(uintptr_t)question_repr},
      {Py_tp_new, (void *)(uintptr_t)probe_refuse_new},
      {Py_tp_methods, methods},
      {0, NULL},
  };
  PyType_Spec spec = {"_pyrewrite.Gate", sizeof(PyObject), 0, Py_TPFLAGS_DEFAULT, slots};
  question_type = (PyTypeObject *)PyType_FromSpec(&spec);
  if (question_type) probe_make_immortal(&question, question_type);
  return question_type != NULL;
}

int gate_init(long hexversion) {
  if (list) return 1;
  if (!make_question() || !make_list() || !cover_code()) return 0;
  if (shortcuts_init(hexversion)) sampler_follow = shortcuts_turn;
  return 1;
}

PyObject *gate_list(void) { return list; }

PyObject *gate_question(void) { return list ? &question : NULL; }

int gate_is_constant(PyObject *code, Py_ssize_t index) {
  PyObject *constant = probe_constant_of(code, index);
  return list && (constant == list || constant == &question);
}

/* LOAD_CONST, since 3.13 TO_BOOL, and the jump. */
static int is_branch(code_text text, long offset) {
  long load = code_first_prefix(text, offset) - CODE_UNIT * (1 + code_op->test), end;
  if (code_opcode_at(text, load) != code_op->load_const) return 0;
  return gate_is_constant(text.code, code_argument(text, code_first_prefix(text, load), &end));
}

int gate_branches(PyObject *code, long offset) { return code_ask(code, offset, is_branch); }

void gate_calibrate(long hexversion) {
  static int done;
  if (done || !list) return;
  done = 1;
  double instruction = calibrate_instruction(hexversion), tested = calibrate_closed_gate(hexversion, list);
  window_budget_set_gate(instruction < 0 || tested < 0 ? -1 : instruction + tested, instruction);
  passage_costs costs = calibrate_passage(hexversion, &question);
  windows_set_passage(costs.unread, costs.read);
}
