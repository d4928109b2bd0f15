/*
 * The collector calls the items of a list, which the module gc shows as gc.callbacks. Ours would be seen there. So the
 * program is given another list in its place, and the collector's own holds ours alone, which calls the program's in turn,
 * as the collector would.
 */
#include "gc_watch.h"

#include <stddef.h>

#include "control.h"
#include "probe.h"
#include "python_types.h"
#include "recorder.h"
#include "shared.h"

/* Since 3.8; the limited API has it since 3.12. */
#define TYPE_HAS_VECTORCALL (1ul << 11)

typedef PyObject *vectorcall(PyObject *callable, PyObject *const *arguments, size_t count, PyObject *names);

typedef struct {
  PyObject_HEAD
  vectorcall *call;
  PyObject *visible; /* the list that the program sees */
} watcher;

static PyObject *generation_key, *collected_key;

/* The collector's own list, and what stands in it as long as it lives. */
static PyObject *own_list;
static watcher *standing;

/* The collection that runs: there is one at a time, and it begins and ends on one thread. */
static struct {
  int is_open;
  const recorder_thread *thread;
  int counts;
  uint32_t site;
  recorder_pause pause;
} now;

static void call_visible(const watcher *self, PyObject *phase, PyObject *info) {
  for (Py_ssize_t i = 0; i < PySequence_Size(self->visible); i++) {
    PyObject *callback = PySequence_GetItem(self->visible, i);
    if (!callback) break;
    PyObject *result = PyObject_CallFunction(callback, "OO", phase, info);
    if (result) Py_DecRef(result);
    else PyErr_WriteUnraisable(callback);
    Py_DecRef(callback);
  }
  PyErr_Clear();
}

static long number_in(PyObject *info, PyObject *key) {
  PyObject *number = info->ob_type == &PyDict_Type ? PyDict_GetItem(info, key) : NULL;
  long value = number ? PyLong_AsLong(number) : 0;
  PyErr_Clear();
  return value > 0 ? value : 0;
}

static void begin(void) {
  const recorder_thread *thread = recorder_this_thread;
  const recorder_span *top = thread->top;
  while (recorder_is_skipped(top)) top--;
  now.thread = thread;
  now.counts = control_is_on();
  now.site = top > thread->bottom && top->site ? recorder_number(top->site) : TAXES_NO_SITE;
  now.pause = recorder_pause_begin(0);
  now.is_open = 1;
}

static void end(PyObject *info) {
  if (!now.is_open || now.thread != recorder_this_thread) return;
  now.is_open = 0;
  uint64_t ticks = recorder_pause_end(&now.pause);
  if (!now.counts) return;
  if (profile_get_state() != PROFILE_OPEN && profile_get_state() != PROFILE_FINISHED) return;
  long generation = number_in(info, generation_key), collected = number_in(info, collected_key);
  taxes_count_collection(now.site, (uint32_t)(generation < 2 ? generation : 2), (uint64_t)collected, ticks);
}

/* A call that checks no recursion: deep in a recursion the collector's would fail, and that is reported. */
static PyObject *called(PyObject *callable, PyObject *const *arguments, size_t count, PyObject *names) {
  const watcher *self = (const watcher *)callable;
  if ((count & (SIZE_MAX >> 1)) != 2 || names) return probe_none();
  PyObject *phase = arguments[0], *info = arguments[1];
  int is_start = PyUnicode_CompareWithASCIIString(phase, "start") == 0;
  if (!is_start) end(info);
  call_visible(self, phase, info);
  if (is_start) begin();
  return probe_none();
}

/* The collector's list dies at the end of the interpreter, and the program's with it, as it would have. */
static void dealloc(PyObject *self) {
  PyObject *visible = ((watcher *)self)->visible;
  PyTypeObject *type = self->ob_type;
  if ((watcher *)self == standing) standing = NULL;
  ((watcher *)self)->visible = NULL;
  PyObject_Free(self);
  Py_DecRef(visible);
  Py_DecRef((PyObject *)type);
}

static PyTypeObject *make_type(void) {
  PyType_Slot slots[] = {
      {Py_tp_call, (void *)(uintptr_t)PyVectorcall_Call},
      {Py_tp_dealloc, (void *)(uintptr_t)dealloc},
      {0, NULL},
  };
  PyType_Spec spec = {"_pyrewrite.Collections", sizeof(watcher), 0, Py_TPFLAGS_DEFAULT, slots};
  PyTypeObject *type = (PyTypeObject *)PyType_FromSpec(&spec);
  if (!type) return NULL;
  ((python_type *)type)->tp_vectorcall_offset = offsetof(watcher, call);
  ((python_type *)type)->tp_flags |= TYPE_HAS_VECTORCALL;
  return type;
}

/* One that calls the items of `visible`; a new reference. */
static PyObject *make_watcher(PyObject *visible) {
  PyTypeObject *type = make_type();
  watcher *made = type ? (watcher *)PyType_GenericAlloc(type, 0) : NULL;
  if (type) Py_DecRef((PyObject *)type); /* its instance holds it */
  if (!made) return NULL;
  made->call = called;
  made->visible = visible;
  Py_IncRef(visible);
  return &made->ob_base;
}

/* Puts `new` where namespaces have `old` as their `callbacks`: gc, its copy for another import, who imported the name. */
static int rename_all(PyObject *gc, PyObject *old, PyObject *new) {
  PyObject *find = PyObject_GetAttrString(gc, "get_referrers");
  PyObject *found = find ? PyObject_CallFunction(find, "O", old) : NULL;
  int done = 0;
  for (Py_ssize_t i = 0; found && i < PySequence_Size(found); i++) {
    PyObject *names = PySequence_GetItem(found, i);
    int is_namespace = names && names->ob_type == &PyDict_Type && PyDict_GetItemString(names, "callbacks") == old;
    if (is_namespace && PyDict_SetItemString(names, "callbacks", new) == 0) done = 1;
    if (names) Py_DecRef(names);
  }
  if (found) Py_DecRef(found);
  if (find) Py_DecRef(find);
  PyErr_Clear();
  return done;
}

/* The items that `list` had are in `visible`; the program finds this one from now on. */
static int exchange(PyObject *gc, PyObject *list, PyObject *visible) {
  PyObject *made = make_watcher(visible);
  PyObject *items = made ? PyTuple_New(1) : NULL;
  if (!items) {
    if (made) Py_DecRef(made);
    return 0;
  }
  PyTuple_SetItem(items, 0, made);
  int done = rename_all(gc, list, visible);
  if (done && PySequence_SetSlice(list, 0, PySequence_Size(list), items) != 0) {
    rename_all(gc, visible, list);
    done = 0;
  }
  Py_DecRef(items);
  if (!done) return 0;
  PyObject_GC_UnTrack(list); /* so that the collector counts as many objects as before */
  own_list = list;
  standing = (watcher *)made;
  return 1;
}

/* What makes a module gc, and what it does in this runtime: a list of another interpreter is left alone. */
static int (*execute)(PyObject *module);

static int execute_and_rename(PyObject *module) {
  if (execute(module) != 0) return -1;
  PyObject *names = PyModule_GetDict(module);
  if (!names || !standing || PyDict_GetItemString(names, "callbacks") != own_list) return 0;
  return PyDict_SetItemString(names, "callbacks", standing->visible);
}

/*
 * Whether modules gc that are made later show the visible list, too. One without slots is made from the copy of the first,
 * in which the name has been changed.
 */
static int follow_imports(PyObject *gc) {
  enum { SLOTS = 15 };
  static PyModuleDef_Slot slots[SLOTS + 1];
  PyModuleDef *definition = PyModule_GetDef(gc);
  if (!definition) return 0;
  if (!definition->m_slots) return 1;
  for (int i = 0; definition->m_slots[i].slot; i++) {
    if (i == SLOTS) return 0;
    slots[i] = definition->m_slots[i];
    if (slots[i].slot != Py_mod_exec && slots[i].slot != PYREWRITE_MOD_EXEC_UNIFIED) continue;
    if (execute) return 0;
    execute = (int (*)(PyObject *))(uintptr_t)slots[i].value;
    slots[i].value = (void *)(uintptr_t)execute_and_rename;
  }
  if (execute) definition->m_slots = slots;
  return execute != NULL;
}

/* A new reference; the program does not find in sys.modules what it has not imported. */
static PyObject *borrow_module(int *was_there) {
  *was_there = PyDict_GetItemString(PyImport_GetModuleDict(), "gc") != NULL;
  return PyImport_ImportModule("gc");
}

/* Whether only we, sys.modules, its own functions and, where modules have no slots, the interpreter hold the module. */
static int is_ours_alone(PyObject *gc) {
  PyObject *names = PyModule_GetDict(gc), *name, *value;
  const PyModuleDef *definition = PyModule_GetDef(gc);
  Py_ssize_t place = 0, holders = definition && definition->m_slots ? 2 : 3;
  while (names && PyDict_Next(names, &place, &name, &value))
    if (value->ob_type == &PyCFunction_Type && PyCFunction_GetSelf(value) == gc) holders++;
  return python_references(gc) <= holders;
}

/* Emptied, as it and its functions hold one another, and the collector would find and count them. */
static void give_back_module(PyObject *gc, int was_there) {
  int goes = follow_imports(gc) && !was_there && is_ours_alone(gc);
  PyErr_Clear();
  if (goes && PyDict_DelItemString(PyImport_GetModuleDict(), "gc") == 0) PyDict_Clear(PyModule_GetDict(gc));
  PyErr_Clear();
  Py_DecRef(gc);
}

static int watch(void) {
  int was_there = 0;
  generation_key = PyUnicode_InternFromString("generation");
  collected_key = PyUnicode_InternFromString("collected");
  PyObject *gc = generation_key && collected_key ? borrow_module(&was_there) : NULL;
  PyObject *list = gc ? PyObject_GetAttrString(gc, "callbacks") : NULL;
  PyObject *visible = list && list->ob_type == &PyList_Type ? PySequence_List(list) : NULL;
  int done = visible && exchange(gc, list, visible);
  if (visible) Py_DecRef(visible);
  if (list) Py_DecRef(list);
  PyErr_Clear();
  if (gc) give_back_module(gc, was_there);
  return done;
}

void gc_watch_start(void) {
  static int tried, watches;
  if (!__atomic_exchange_n(&tried, 1, __ATOMIC_ACQ_REL)) __atomic_store_n(&watches, watch(), __ATOMIC_RELEASE);
  if (!__atomic_load_n(&watches, __ATOMIC_ACQUIRE)) return;
  SHARED_SCOPE();
  profile_head()->recorded |= PROFILE_RECORDED_COLLECTIONS;
}
