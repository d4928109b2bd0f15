#include "probe.h"

#include <stdlib.h>
#include <string.h>

static PyTypeObject *operation_type;
static PyTypeObject *await_type;

/* Before 3.12 None is counted like any object. */
static int none_is_counted;

/* What ob_refcnt must hold for the interpreter to leave it alone. */
static int64_t immortal_refcount;

PyObject *probe_none(void) {
  if (none_is_counted) Py_None->ob_refcnt++;
  return Py_None;
}

/*
 * The slots of operations, once for each kind of interpreter and clock: what is known when the types are made
 * is not asked again at each of the billion operations. The unusual paths are apart, so that the usual needs no frame.
 */
RECORDER_INLINE PyObject *none(int counted) {
  if (counted) Py_None->ob_refcnt++;
  return Py_None;
}

__attribute__((noinline)) static PyObject *begin_without_room(PyObject *self) {
  recorder_begin(&((probe_object *)self)->site);
  return probe_none();
}

__attribute__((noinline)) static PyObject *end_elsewhere(PyObject *self, uint64_t now) {
  recorder_end_elsewhere(&((probe_object *)self)->site, now, 0);
  return probe_none();
}

RECORDER_INLINE PyObject *begin(PyObject *self, uint64_t (*now)(void), int counted) {
  recorder_thread *thread = recorder_this_thread;
  if (__builtin_expect(!recorder_has_room(thread), 0)) return begin_without_room(self);
  recorder_span *span = thread->top + 1;
  PyObject *result = none(counted);
  recorder_open(thread, span, &((probe_object *)self)->site);
  span->start = now();
  return result;
}

RECORDER_INLINE PyObject *end(PyObject *self, uint64_t (*clock)(void), int counted) {
  uint64_t now = clock();
  recorder_thread *thread = recorder_this_thread;
  recorder_site *site = &((probe_object *)self)->site;
  if (__builtin_expect(!recorder_can_close(thread, site), 0)) return end_elsewhere(self, now);
  recorder_close_top(thread, site, now, 0);
  return none(counted);
}

static PyObject *begin_counter(PyObject *self) { return begin(self, clock_counter, 0); }
static PyObject *end_counter(PyObject *self) { return end(self, clock_counter, 0); }
static PyObject *begin_counter_counted(PyObject *self) { return begin(self, clock_counter, 1); }
static PyObject *end_counter_counted(PyObject *self) { return end(self, clock_counter, 1); }
static PyObject *begin_fallback(PyObject *self) { return begin(self, clock_fallback, none_is_counted); }
static PyObject *end_fallback(PyObject *self) { return end(self, clock_fallback, none_is_counted); }

static int operation_raised(PyObject *self) {
  recorder_end(&((probe_object *)self)->site, clock_now(), 1);
  return 1;
}

static PyObject *await_begin(PyObject *self) {
  PyObject *none = probe_none();
  recorder_await_begin(&((probe_object *)self)->site, PyEval_GetFrame());
  return none;
}

static PyObject *await_end(PyObject *self) {
  uint64_t now = clock_now();
  recorder_await_end(&((probe_object *)self)->site, PyEval_GetFrame(), now, 0);
  return probe_none();
}

static int await_raised(PyObject *self) {
  uint64_t now = clock_now();
  recorder_await_end(&((probe_object *)self)->site, PyEval_GetFrame(), now, 1);
  return 1;
}

static PyObject *probe_repr(PyObject *self) {
  return PyUnicode_FromFormat("<pyrewrite probe %u>", ((probe_object *)self)->site.number);
}

/* A copy or a pickle is the placeholder again, int() == 0: wherever it goes, it measures nothing. */
static PyObject *probe_reduce(PyObject *self, PyObject *unused) {
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

static PyObject *probe_refuse_new(PyTypeObject *type, PyObject *arguments, PyObject *keywords) {
  (void)type;
  (void)arguments;
  (void)keywords;
  PyErr_SetString(PyExc_TypeError, "probes are made by the site tables of instrumented modules");
  return NULL;
}

static PyMethodDef methods[] = {
    {"__reduce__", probe_reduce, METH_NOARGS, NULL},
    {NULL, NULL, 0, NULL},
};

static PyTypeObject *make_type(const char *name, void *begin, void *end, void *raised) {
  PyType_Slot slots[] = {
      {Py_nb_negative, begin},
      {Py_nb_invert, end},
      {Py_nb_bool, raised},
      {Py_tp_repr, (void *)(uintptr_t)probe_repr},
      {Py_tp_new, (void *)(uintptr_t)probe_refuse_new},
      {Py_tp_methods, methods},
      {0, NULL},
  };
  PyType_Spec spec = {name, sizeof(probe_object), 0, Py_TPFLAGS_DEFAULT, slots};
  return (PyTypeObject *)PyType_FromSpec(&spec);
}

static int64_t choose_immortal_refcount(long hexversion) {
  if (hexversion < 0x030C0000) return sizeof(void *) > 4 ? (int64_t)1 << 60 : (int64_t)1 << 29;
  if (sizeof(void *) == 4) return (int64_t)Py_None->ob_refcnt;
  return hexversion < 0x030E0000 ? 0xFFFFFFFF : 0xC0000000;
}

int probe_init(long hexversion) {
  if (operation_type) return 1;
  none_is_counted = hexversion < 0x030C0000;
  immortal_refcount = choose_immortal_refcount(hexversion);
  await_type = make_type("_pyrewrite.AwaitProbe", (void *)(uintptr_t)await_begin, (void *)(uintptr_t)await_end,
                         (void *)(uintptr_t)await_raised);
  if (!await_type) return 0;
  void *begin_slot = (void *)(uintptr_t)begin_fallback, *end_slot = (void *)(uintptr_t)end_fallback;
  if (clock_is_counter()) {
    begin_slot = (void *)(uintptr_t)(none_is_counted ? begin_counter_counted : begin_counter);
    end_slot = (void *)(uintptr_t)(none_is_counted ? end_counter_counted : end_counter);
  }
  operation_type = make_type("_pyrewrite.Probe", begin_slot, end_slot, (void *)(uintptr_t)operation_raised);
  return operation_type != NULL;
}

int probe_is_probe(const PyObject *object) {
  return object->ob_type == operation_type || object->ob_type == await_type;
}

probe_object *probe_new_array(uint32_t count, profile_site_t *counters, uint32_t first_number,
                              int (*is_await)(const void *context, uint32_t index), const void *context) {
  probe_object *probes = calloc(count ? count : 1, sizeof *probes);
  if (!probes) return NULL;
  for (uint32_t i = 0; i < count; i++) {
    PyObject *object = &probes[i].ob_base;
    /* Since 3.14 the field named ob_refcnt is only a part of the word. */
    memcpy(object, &immortal_refcount, sizeof(Py_ssize_t));
    object->ob_type = is_await(context, i) ? await_type : operation_type;
    probes[i].site.counters = counters + i;
    probes[i].site.number = first_number + i;
  }
  return probes;
}
