#include "marshal_filter.h"

#include <pthread.h>
#include <stdlib.h>
#include <string.h>

#include "attach.h"
#include "c_function.h"
#include "gate.h"
#include "operand.h"
#include "probe.h"
#include "shortcuts.h"

/*
 * marshal.dumps and marshal.dump are ours: they put placeholders into the co_consts of all code objects that are to be
 * written, and the probes back when it is done. Code is also marshalled to be sent to another interpreter (3.13+). That
 * is announced by an audit event, and only by that; a hook for it makes other things slower, id() among them, so there
 * is one only where a program names what sends code. It asks for a call when the interpreter goes on, which puts the
 * probes back. That may be too early: hooks written in Python are called after ours. So the call waits until the frame
 * that sends goes on. In between other code has no probes; ends without a begin are counted as lost.
 */
typedef int audit_hook(const char *event, PyObject *arguments, void *data);

extern int PySys_AddAuditHook(audit_hook *, void *) __attribute__((weak));
extern int Py_AddPendingCall(int (*)(void *), void *) __attribute__((weak));
extern int _PySet_NextEntry(PyObject *, Py_ssize_t *, PyObject **, Py_ssize_t *) __attribute__((weak)); /* borrowed */
extern PyTypeObject PyCode_Type, PyDict_Type, PyFrozenSet_Type, PyList_Type, PySet_Type, PySlice_Type;
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

static taken *for_sender; /* of code that is sent */
static PyObject *modules; /* of the interpreter that is recorded */
static PyObject *zero, *empty;

#ifdef PYREWRITE_FREE_THREADED

/* One thread at a time takes probes out. No code of Python runs meanwhile but audit hooks, which may come here again. */
static PyMutex mutex;
static _Thread_local unsigned entered;

static void enter(void) {
  if (entered++ == 0) PyMutex_Lock(&mutex);
}

static void leave(void) {
  if (--entered == 0) PyMutex_Unlock(&mutex);
}

void marshal_filter_fork_child(void) {
  if (entered == 0) mutex.bits = 0;
}

#else

static void enter(void) {}

static void leave(void) {}

void marshal_filter_fork_child(void) {}

#endif

/* The frame that sends, and its thread; only compared. */
static const void *sender;
static pthread_t sender_thread;

/* Whether the frame that sends is waiting for a function that it called. */
static int sender_waits(void) {
  if (!pthread_equal(sender_thread, pthread_self())) return 0;
  PyObject *frame = (PyObject *)PyEval_GetFrame();
  if (frame) Py_IncRef(frame);
  int waits = 0;
  while (frame && frame != Py_None && frame != sender) {
    PyObject *back = PyObject_GetAttrString(frame, "f_back");
    Py_DecRef(frame);
    frame = back;
    waits = frame == sender;
  }
  if (frame) Py_DecRef(frame);
  return waits;
}

static void put_back(taken **all) {
  while (*all) {
    taken *one = *all;
    *all = one->next;
    attach_set_item(one->consts, one->index, one->probe);
    Py_DecRef(one->consts);
    free(one);
  }
}

static int put_back_later(void *unused) {
  (void)unused;
  PyObject *type, *value, *traceback;
  PyErr_Fetch(&type, &value, &traceback);
  enter();
  if (!for_sender || !sender_waits() || Py_AddPendingCall(put_back_later, NULL) != 0) put_back(&for_sender);
  leave();
  PyErr_Restore(type, value, traceback);
  return 0;
}

static taken **takes; /* where what is taken now goes */

static void take(PyObject *consts, Py_ssize_t index, PyObject *probe, PyObject *placeholder) {
  taken *one = malloc(sizeof *one);
  if (!one) return;
  Py_IncRef(consts);
  *one = (taken){*takes, consts, index, probe};
  *takes = one;
  attach_set_item(consts, index, placeholder);
}

static int budget; /* containers that may still be looked into */

static void visit(PyObject *object, int depth);

static void visit_code(PyObject *code, int depth) {
  shortcuts_drop(code);
  PyObject *consts = PyObject_GetAttrString(code, "co_consts");
  Py_ssize_t size = consts && consts->ob_type == &PyTuple_Type ? PyTuple_Size(consts) : 0;
  for (Py_ssize_t i = 0; i < size; i++) {
    PyObject *item = PyTuple_GetItem(consts, i);
    if (probe_is_probe(item) || item == gate_question()) take(consts, i, item, zero);
    else if (operand_is_probe(item) || item == gate_list()) take(consts, i, item, empty);
    else if (item->ob_type == &PyCode_Type) visit_code(item, depth + 1);
  }
  if (consts) Py_DecRef(consts);
}

static void visit_dict(PyObject *dict, int depth) {
  PyObject *key, *value;
  for (Py_ssize_t at = 0; PyDict_Next(dict, &at, &key, &value);) visit(value, depth + 1);
}

static void visit_set(PyObject *set, int depth) {
  PyObject *key;
  Py_ssize_t hash;
  if (!_PySet_NextEntry) return;
  for (Py_ssize_t at = 0; _PySet_NextEntry(set, &at, &key, &hash);) visit(key, depth + 1);
}

/* Since 3.14 marshal knows slices. */
static void visit_slice(PyObject *slice, int depth) {
  static const char *const parts[] = {"start", "stop", "step"};
  for (int i = 0; i < 3; i++) {
    PyObject *part = PyObject_GetAttrString(slice, parts[i]);
    if (!part) continue;
    visit(part, depth + 1);
    Py_DecRef(part); /* the slice has it */
  }
}

static int is_container(const PyTypeObject *type) {
  return type == &PyCode_Type || type == &PyDict_Type || type == &PyTuple_Type || type == &PyList_Type ||
         type == &PySet_Type || type == &PyFrozenSet_Type || type == &PySlice_Type;
}

static void visit(PyObject *object, int depth) {
  if (depth > DEEPEST || budget <= 0) return;
  if (!is_container(object->ob_type)) return;
  budget--;
  if (object->ob_type == &PyCode_Type) visit_code(object, depth);
  else if (object->ob_type == &PyDict_Type) visit_dict(object, depth);
  else if (object->ob_type == &PySet_Type || object->ob_type == &PyFrozenSet_Type) visit_set(object, depth);
  else if (object->ob_type == &PySlice_Type) visit_slice(object, depth);
  else if (object->ob_type == &PyTuple_Type)
    for (Py_ssize_t i = 0; i < PyTuple_Size(object); i++) visit(PyTuple_GetItem(object, i), depth + 1);
  else if (object->ob_type == &PyList_Type)
    for (Py_ssize_t i = 0; i < PyList_Size(object); i++) visit(PyList_GetItem(object, i), depth + 1);
}

/* Puts placeholders into all code of `value`. */
static void take_all(PyObject *value, taken **all) {
  takes = all;
  budget = MOST;
  visit(value, 0);
  PyErr_Clear();
}

static int on_event(const char *event, PyObject *arguments, void *data) {
  (void)data;
  if (event[0] != 'm' || strcmp(event, "marshal.dumps") != 0) return 0;
  if (modules != PyImport_GetModuleDict() || !arguments || arguments->ob_type != &PyTuple_Type) return 0;
  if (PyTuple_Size(arguments) == 0) return 0;
  enter();
  int was_empty = !for_sender;
  take_all(PyTuple_GetItem(arguments, 0), &for_sender);
  sender = PyEval_GetFrame();
  sender_thread = pthread_self();
  if (was_empty && for_sender && Py_AddPendingCall(put_back_later, NULL) != 0) put_back(&for_sender);
  leave();
  return 0;
}

/* ---- marshal.dumps and marshal.dump ---- */

typedef PyObject *fast_function(PyObject *, PyObject *const *, Py_ssize_t);
typedef PyObject *keyword_function(PyObject *, PyObject *const *, Py_ssize_t, PyObject *);

static PyCFunction their_dumps, their_dump;

typedef struct {
  int is_ours;
  taken *all;
} marshal_call;

static void begin_call(marshal_call *call, PyObject *const *arguments, Py_ssize_t count) {
  *call = (marshal_call){count > 0 && modules == PyImport_GetModuleDict(), NULL};
  if (!call->is_ours) return;
  enter();
  take_all(arguments[0], &call->all);
}

static PyObject *end_call(marshal_call *call, PyObject *result) {
  if (!call->is_ours) return result;
  put_back(&call->all);
  leave();
  return result;
}

#define DEFINE_FUNCTIONS(name)                                                                                      \
  static PyObject *name(PyObject *module, PyObject *const *arguments, Py_ssize_t count) {                           \
    marshal_call call;                                                                                              \
    begin_call(&call, arguments, count);                                                                            \
    return end_call(&call, ((fast_function *)(void (*)(void))their_##name)(module, arguments, count));              \
  }                                                                                                                 \
  static PyObject *name##_with_keywords(PyObject *module, PyObject *const *arguments, Py_ssize_t count,             \
                                        PyObject *names) {                                                          \
    marshal_call call;                                                                                              \
    begin_call(&call, arguments, count);                                                                            \
    return end_call(&call, ((keyword_function *)(void (*)(void))their_##name)(module, arguments, count, names));    \
  }

DEFINE_FUNCTIONS(dumps)
DEFINE_FUNCTIONS(dump)

#ifdef PYREWRITE_FREE_THREADED

enum { MOST_ARGUMENTS = 8 };

/* As the interpreter does it: the file's own code runs when the probes are back. */
static PyObject *dump_unlocked(PyObject *module, PyObject *const *arguments, Py_ssize_t count, PyObject *names) {
  PyObject *others[MOST_ARGUMENTS];
  Py_ssize_t all = count + (names ? PyTuple_Size(names) : 0);
  if (count < 2 || all > MOST_ARGUMENTS) return dump_with_keywords(module, arguments, count, names);
  others[0] = arguments[0];
  for (Py_ssize_t i = 2; i < all; i++) others[i - 1] = arguments[i];
  PyObject *bytes = dumps_with_keywords(module, others, count - 1, names);
  PyObject *write = bytes ? PyObject_GetAttrString(arguments[1], "write") : NULL;
  PyObject *result = write ? PyObject_CallFunction(write, "O", bytes) : NULL;
  if (write) Py_DecRef(write);
  if (bytes) Py_DecRef(bytes);
  return result;
}

#define DUMP dump_unlocked
#else
#define DUMP dump_with_keywords
#endif

static void replace(PyObject *marshal, const char *name, fast_function *fast, keyword_function *with_keywords,
                    PyCFunction *theirs) {
  PyObject *function = PyObject_GetAttrString(marshal, name);
  if (!function) return;
  if (!c_function_replace(function, name, PYREWRITE_METH_FASTCALL, (PyCFunction)(void (*)(void))fast, theirs))
    c_function_replace(function, name, PYREWRITE_METH_FASTCALL | METH_KEYWORDS,
                       (PyCFunction)(void (*)(void))with_keywords, theirs);
  Py_DecRef(function);
}

/* ---- code that is sent to other interpreters ---- */

/* What a program names that sends code. */
static const char *const senders[] = {"interpreters", "_interpreters", "InterpreterPoolExecutor"};
enum { SENDERS = sizeof senders / sizeof *senders };
static PyObject *sender_names[SENDERS]; /* interned, as all names of code are */

void marshal_filter_see(PyObject *code) {
  if (!sender_names[0]) return;
  PyObject *names = PyObject_GetAttrString(code, "co_names");
  Py_ssize_t size = names && names->ob_type == &PyTuple_Type ? PyTuple_Size(names) : 0;
  int found = 0;
  for (Py_ssize_t i = 0; i < size && !found; i++)
    for (int k = 0; k < SENDERS; k++) found |= PyTuple_GetItem(names, i) == sender_names[k];
  if (found) {
    sender_names[0] = NULL; /* once */
    PySys_AddAuditHook(on_event, NULL);
  }
  if (names) Py_DecRef(names);
  PyErr_Clear();
}

void marshal_filter_init(long hexversion) {
  modules = PyImport_GetModuleDict();
  zero = PyLong_FromLong(0);
  empty = PyTuple_New(0);
  PyObject *marshal = zero && empty ? PyImport_ImportModule("marshal") : NULL;
  if (marshal) {
    replace(marshal, "dumps", dumps, dumps_with_keywords, &their_dumps);
    replace(marshal, "dump", dump, DUMP, &their_dump);
    Py_DecRef(marshal);
  }
  if (marshal && hexversion >= 0x030D0000 && PySys_AddAuditHook && Py_AddPendingCall)
    for (int k = 0; k < SENDERS; k++) sender_names[k] = PyUnicode_InternFromString(senders[k]);
  PyErr_Clear();
}
