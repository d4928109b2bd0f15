#include "monitoring_filter.h"

#include "c_function.h"
#include "code_text.h"
#include "cold_handler.h"
#include "gate.h"
#include "probe.h"

enum { TOOLS = 6, EVENTS = 6, HANDLERS = 3, BRANCH = 3, BRANCH_LEFT };

typedef PyObject *(*fast_function)(PyObject *module, PyObject *const *arguments, Py_ssize_t count);

/*
 * What becomes of an event that is only there for us: the tool is not told; nor is it told of the place any more; or it
 * is told what it would be without probes, where the event is at the operation.
 */
typedef enum { DROPPED, DISABLED, MOVED } treatment;

/* An event that probes' handlers or gates cause or move, and which of its offsets are theirs. */
typedef struct {
  const char *name;
  long number;
  int (*is_ours)(PyObject *code, long offset);
  treatment treatment;
} filtered_event;

/* Those of handlers are there in all versions, those of branches differ: a number of 0 = no such event. */
static filtered_event events[EVENTS] = {
    {"EXCEPTION_HANDLED", 0, cold_handler_begins, DROPPED}, {"RERAISE", 0, cold_handler_ends, DROPPED},
    {"PY_UNWIND", 0, cold_handler_ends, MOVED},             {"BRANCH", 0, gate_branches, DISABLED},
    {"BRANCH_LEFT", 0, gate_branches, DISABLED},            {"BRANCH_RIGHT", 0, gate_branches, DISABLED},
};

/*
 * What the interpreter calls in place of the tool's own object. The garbage collector need not know of it: only the
 * interpreter holds it, which is no part of any cycle, as it would hold the tool's.
 */
typedef struct {
  PyObject_HEAD
  PyObject *callback; /* NULL: the tool has none */
  const filtered_event *event;
} filter_object;

static PyTypeObject *filter_type, *code_type;

/* The module sys.monitoring of the interpreter that is recorded: others have the same C functions. */
static PyObject *monitoring, *disable;

static PyCFunction interpreters_register; /* a fast_function */

/* ---- the filter */

/* Code that is none comes from modules in C that fire events themselves. */
static int is_ours(const filter_object *filter, PyObject *arguments) {
  if (PyTuple_Size(arguments) < 2) return 0;
  PyObject *code = PyTuple_GetItem(arguments, 0), *offset = PyTuple_GetItem(arguments, 1);
  if (code->ob_type != code_type || offset->ob_type != &PyLong_Type) return 0;
  return filter->event->is_ours(code, PyLong_AsLong(offset));
}

/* Where the exception left its last frame, as the operation's own offset; a new reference, or NULL. */
static PyObject *offset_of_operation(PyObject *exception) {
  PyObject *traceback = PyObject_GetAttrString(exception, "__traceback__");
  PyObject *offset = traceback && traceback != Py_None ? PyObject_GetAttrString(traceback, "tb_lasti") : NULL;
  if (traceback) Py_DecRef(traceback);
  PyErr_Clear();
  return offset;
}

/* (code, offset, exception) with the operation's offset; a new reference, or NULL. */
static PyObject *moved(PyObject *arguments) {
  if (PyTuple_Size(arguments) != 3) return NULL;
  PyObject *code = PyTuple_GetItem(arguments, 0), *exception = PyTuple_GetItem(arguments, 2);
  PyObject *offset = offset_of_operation(exception);
  PyObject *made = offset ? PyTuple_New(3) : NULL;
  if (made) {
    PyObject *items[] = {code, offset, exception};
    for (int i = 0; i < 3; i++) {
      Py_IncRef(items[i]);
      PyTuple_SetItem(made, i, items[i]);
    }
  }
  if (offset) Py_DecRef(offset);
  return made;
}

/* What the interpreter gets where the tool is not told. */
static PyObject *silence(const filtered_event *event) {
  if (event->treatment != DISABLED) return probe_none();
  Py_IncRef(disable);
  return disable;
}

static PyObject *filter_call(PyObject *self, PyObject *arguments, PyObject *keywords) {
  const filter_object *filter = (filter_object *)self;
  PyObject *callback = filter->callback;
  if (!callback) return probe_none();
  int ours = is_ours(filter, arguments);
  if (ours && filter->event->treatment != MOVED) return silence(filter->event);
  Py_IncRef(callback); /* it may register another, and so end us both */
  PyObject *instead = ours ? moved(arguments) : NULL;
  PyObject *result = PyObject_Call(callback, instead ? instead : arguments, keywords);
  if (instead) Py_DecRef(instead);
  Py_DecRef(callback);
  return result;
}

static void filter_dealloc(PyObject *self) {
  PyTypeObject *type = self->ob_type;
  PyObject *callback = ((filter_object *)self)->callback;
  PyObject_Free(self);
  Py_DecRef((PyObject *)type);
  if (callback) Py_DecRef(callback);
}

static PyTypeObject *make_type(void) {
  PyType_Slot slots[] = {
      {Py_tp_call, (void *)(uintptr_t)filter_call},
      {Py_tp_dealloc, (void *)(uintptr_t)filter_dealloc},
      {0, NULL},
  };
  PyType_Spec spec = {"_pyrewrite.MonitoringFilter", sizeof(filter_object), 0, Py_TPFLAGS_DEFAULT, slots};
  return (PyTypeObject *)PyType_FromSpec(&spec);
}

static filter_object *new_filter(PyObject *callback, const filtered_event *event) {
  filter_object *made = (filter_object *)(void *)PyType_GenericAlloc(filter_type, 0);
  if (!made) return NULL;
  if (callback) Py_IncRef(callback);
  made->callback = callback;
  made->event = event;
  return made;
}

/* What the tool had registered, for what the interpreter had. Takes the reference and gives one. */
static PyObject *unwrap(PyObject *registered) {
  if (!registered || registered->ob_type != filter_type) return registered;
  PyObject *callback = ((filter_object *)registered)->callback;
  if (callback) Py_IncRef(callback);
  Py_DecRef(registered);
  return callback ? callback : probe_none();
}

/* ---- sys.monitoring.register_callback(tool_id, event, func) */

static const filtered_event *find_event(PyObject *number) {
  long wanted = PyLong_AsLong(number);
  for (int i = 0; i < EVENTS; i++)
    if (wanted > 0 && events[i].number == wanted) return &events[i];
  PyErr_Clear(); /* no number: the interpreter will say so itself */
  return NULL;
}

static PyObject *call_interpreters(PyObject *module, PyObject *const *arguments, Py_ssize_t count) {
  return ((fast_function)(void (*)(void))interpreters_register)(module, arguments, count);
}

static PyObject *register_filter(PyObject *const *arguments, PyObject *filter) {
  PyObject *ours[] = {arguments[0], arguments[1], filter};
  return call_interpreters(monitoring, ours, 3);
}

static PyObject *register_callback(PyObject *module, PyObject *const *arguments, Py_ssize_t count) {
  const filtered_event *event = module == monitoring && count == 3 ? find_event(arguments[1]) : NULL;
  if (!event) return call_interpreters(module, arguments, count);
  if (arguments[2] == Py_None) return unwrap(call_interpreters(module, arguments, count));
  filter_object *ours = new_filter(arguments[2], event);
  if (!ours) return NULL;
  PyObject *before = register_filter(arguments, &ours->ob_base);
  Py_DecRef(&ours->ob_base);
  return unwrap(before);
}

/* ---- tools that were there before us */

/*
 * The empty filter takes the place of what is registered and then takes that itself: a single step that can fail, and
 * if it does, nothing has changed.
 */
static void cover_callback(PyObject *tool, const filtered_event *event) {
  PyObject *number = PyLong_FromLong(event->number);
  filter_object *ours = number ? new_filter(NULL, event) : NULL;
  if (ours) {
    PyObject *arguments[] = {tool, number, Py_None};
    PyObject *before = register_filter(arguments, &ours->ob_base);
    if (before == Py_None) {
      PyObject *none = call_interpreters(monitoring, arguments, 3);
      if (none) Py_DecRef(none);
    } else {
      ours->callback = before;
    }
    Py_DecRef(&ours->ob_base);
  }
  if (number) Py_DecRef(number);
  PyErr_Clear();
}

/* Only tools in use: each registration is an event for audit hooks. */
static int is_in_use(PyObject *tool) {
  PyObject *get_tool = PyObject_GetAttrString(monitoring, "get_tool");
  PyObject *name = get_tool ? PyObject_CallFunction(get_tool, "O", tool) : NULL;
  int used = name && name != Py_None;
  if (name) Py_DecRef(name);
  if (get_tool) Py_DecRef(get_tool);
  PyErr_Clear();
  return used;
}

/* Since 3.14 who registers for BRANCH has registered for the two sides. */
static int is_its_own(const filtered_event *event) {
  return event->number > 0 && !(event == &events[BRANCH] && events[BRANCH_LEFT].number > 0);
}

static void cover_tools(void) {
  for (long i = 0; i < TOOLS; i++) {
    PyObject *tool = PyLong_FromLong(i);
    if (!tool) return;
    for (int k = 0; is_in_use(tool) && k < EVENTS; k++)
      if (is_its_own(&events[k])) cover_callback(tool, &events[k]);
    Py_DecRef(tool);
  }
}

/* ---- whether everything is as we think */

static int read_numbers(void) {
  PyObject *names = PyObject_GetAttrString(monitoring, "events");
  for (int i = 0; names && i < EVENTS; i++) {
    PyObject *number = PyObject_GetAttrString(names, events[i].name);
    events[i].number = number ? PyLong_AsLong(number) : 0;
    if (number) Py_DecRef(number);
    PyErr_Clear(); /* versions differ in the events of branches */
  }
  if (names) Py_DecRef(names);
  disable = PyObject_GetAttrString(monitoring, "DISABLE");
  for (int i = 0; i < HANDLERS; i++)
    if (events[i].number <= 0 || events[i].number == events[(i + 1) % HANDLERS].number) return 0;
  return disable != NULL;
}

static int find_code_type(void) {
  struct _frame *frame = PyEval_GetFrame();
  PyObject *code = frame ? PyObject_GetAttrString((PyObject *)frame, "f_code") : NULL;
  if (!code) return 0;
  code_type = code->ob_type;
  Py_DecRef(code);
  return 1;
}

/* The module is the `self` of its functions. */
static int cover_register(void) {
  PyObject *function = PyObject_GetAttrString(monitoring, "register_callback");
  if (!function) return 0;
  int is_theirs = function->ob_type == &PyCFunction_Type && PyCFunction_GetSelf(function) == monitoring;
  int done = is_theirs && c_function_replace(function, "register_callback", PYREWRITE_METH_FASTCALL,
                                             (PyCFunction)(void (*)(void))register_callback, &interpreters_register);
  Py_DecRef(function);
  return done;
}

void monitoring_filter_init(long hexversion) {
  monitoring = hexversion < 0x030C0000 ? NULL : PySys_GetObject("monitoring");
  if (!monitoring || !code_text_init(hexversion) || !read_numbers() || !find_code_type()) {
    PyErr_Clear();
    return;
  }
  Py_IncRef(monitoring); /* no other interpreter's module gets its address */
  filter_type = make_type();
  if (filter_type && cover_register()) cover_tools();
  PyErr_Clear();
}
