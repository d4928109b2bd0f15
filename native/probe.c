#include "probe.h"

#include <stdlib.h>
#include <string.h>

#include "closed_probe.h"
#include "tasks.h"
#include "trace_filter.h"
#include "windows.h"

/* By the bits of PROBE_*. */
static PyTypeObject *probe_types[PROBE_KINDS];

/* Before 3.12 None is counted like any object. */
static int none_is_counted;

#ifndef PYREWRITE_FREE_THREADED
/* What ob_refcnt must hold for the interpreter to leave it alone. */
static int64_t immortal_refcount;
#endif

/* Interned; GetAttrString would make a new string each time. */
static PyObject *co_consts;

static PyObject nothing;

PyObject *probe_nothing(void) { return &nothing; }

PyObject *probe_none(void) {
  if (none_is_counted) Py_IncRef(Py_None);
  return Py_None;
}

static recorder_site *site_of(PyObject *self) { return &((probe_object *)self)->site; }

/*
 * The slots of operations, once for each clock: what is known when the types are made is not asked again at each of
 * the billion operations. The unusual paths are apart and come last, so that the usual needs no frame.
 */
__attribute__((noinline)) static PyObject *begin_unusual(PyObject *self) {
  recorder_begin(site_of(self));
  return &nothing;
}

RECORDER_INLINE PyObject *begin(PyObject *self, uint64_t (*now)(void)) {
  recorder_thread *thread = recorder_this_thread;
  if (__builtin_expect(!recorder_is_usual(thread, site_of(self)), 0)) return begin_unusual(self);
  recorder_span *span = thread->top + 1;
  recorder_open(thread, span, site_of(self), recorder_own_of(thread, site_of(self)));
  span->start = now();
  return &nothing;
}

__attribute__((noinline)) static void finish_unusual(PyObject *self, uint64_t now) { recorder_end(site_of(self), now, 0); }

__attribute__((noinline)) static void add_unusual(recorder_latest latest) {
  if (latest.site) histogram_add(latest.site, latest.ticks);
}

RECORDER_INLINE void finish(PyObject *self, uint64_t (*clock)(void)) {
  uint64_t now = clock();
  recorder_thread *thread = recorder_this_thread;
  if (__builtin_expect(!recorder_is_leaf(thread, site_of(self), now), 0)) {
    finish_unusual(self, now);
    return;
  }
  recorder_latest latest = recorder_close_leaf(thread, site_of(self), now);
  if (__builtin_expect(!latest.site || !histogram_try_add(latest.site, latest.ticks), 0)) add_unusual(latest);
}

RECORDER_INLINE PyObject *end(PyObject *self, uint64_t (*clock)(void)) {
  finish(self, clock);
  return &nothing;
}

/* The same as the truth of the probe, which is always false. */
RECORDER_INLINE int truth(PyObject *self, uint64_t (*clock)(void)) {
  finish(self, clock);
  return 0;
}

static PyObject *begin_counter(PyObject *self) { return begin(self, clock_counter); }
static PyObject *end_counter(PyObject *self) { return end(self, clock_counter); }
static int truth_counter(PyObject *self) { return truth(self, clock_counter); }
static PyObject *begin_fallback(PyObject *self) { return begin(self, clock_fallback); }
static PyObject *end_fallback(PyObject *self) { return end(self, clock_fallback); }
static int truth_fallback(PyObject *self) { return truth(self, clock_fallback); }

static recorder_place place_of(PyObject *self) {
  return site_of(self)->number & RECORDER_SUSPENDS ? tasks_place() : RECORDER_ANYWHERE;
}

static PyObject *begin_looked(PyObject *self) {
  recorder_begin_looked(site_of(self), place_of(self));
  return &nothing;
}

static PyObject *begin_suspending(PyObject *self) {
  recorder_begin_at(site_of(self), tasks_place());
  return &nothing;
}

/* The same as of operations without contexts, and the way to those. */
RECORDER_INLINE PyObject *begin_in_context(PyObject *self, uint64_t (*now)(void)) {
  recorder_thread *thread = recorder_this_thread;
  if (__builtin_expect(!recorder_is_usual(thread, site_of(self)) || !thread->context, 0)) return begin_unusual(self);
  recorder_span *span = thread->top + 1;
  recorder_open(thread, span, site_of(self), recorder_own_of(thread, site_of(self)));
  recorder_enter(thread, span, site_of(self), RECORDER_ANYWHERE);
  span->start = now();
  return &nothing;
}

RECORDER_INLINE void finish_in_context(PyObject *self, uint64_t (*clock)(void)) {
  uint64_t now = clock();
  recorder_thread *thread = recorder_this_thread;
  if (__builtin_expect(!recorder_is_leaf(thread, site_of(self), now), 0)) {
    finish_unusual(self, now);
    return;
  }
  const recorder_span *span = thread->top;
  int64_t ticks = (int64_t)(now - span->start) - RECORDER_COST(thread, inner);
  contexts_count(recorder_leave(thread, span), ticks, ticks, 0);
  recorder_latest latest = recorder_close_leaf(thread, site_of(self), now);
  if (__builtin_expect(!latest.site || !histogram_try_add(latest.site, latest.ticks), 0)) add_unusual(latest);
}

static PyObject *begin_in_context_counter(PyObject *self) { return begin_in_context(self, clock_counter); }
static PyObject *begin_in_context_fallback(PyObject *self) { return begin_in_context(self, clock_fallback); }

static PyObject *end_in_context_counter(PyObject *self) {
  finish_in_context(self, clock_counter);
  return &nothing;
}

static PyObject *end_in_context_fallback(PyObject *self) {
  finish_in_context(self, clock_fallback);
  return &nothing;
}

static int truth_in_context_counter(PyObject *self) {
  finish_in_context(self, clock_counter);
  return 0;
}

static int truth_in_context_fallback(PyObject *self) {
  finish_in_context(self, clock_fallback);
  return 0;
}

static PyObject *end_looked(PyObject *self) {
  recorder_end(site_of(self), clock_now(), 0);
  return &nothing;
}

static int truth_looked(PyObject *self) {
  recorder_end(site_of(self), clock_now(), 0);
  return 0;
}

static int raised_truth(PyObject *self) {
  recorder_end(site_of(self), clock_now(), 1);
  return 1;
}

static PyObject *raised(PyObject *self) {
  recorder_end(site_of(self), clock_now(), 1);
  trace_filter_cover();
  return &nothing;
}

static PyObject *await_begin(PyObject *self) {
  context_node *context = place_of(self).context;
  recorder_await_begin(site_of(self), PyEval_GetFrame(), context);
  tasks_changed();
  return &nothing;
}

static void end_await(PyObject *self, int raised) {
  uint64_t now = clock_now();
  recorder_await_end(site_of(self), PyEval_GetFrame(), now, raised);
  tasks_changed();
}

static PyObject *await_end(PyObject *self) {
  end_await(self, 0);
  return &nothing;
}

static int await_truth(PyObject *self) {
  end_await(self, 0);
  return 0;
}

static PyObject *await_raised(PyObject *self) {
  end_await(self, 1);
  trace_filter_cover();
  return &nothing;
}

static int await_raised_truth(PyObject *self) {
  end_await(self, 1);
  return 1;
}

static PyObject *await_turn(PyObject *self) {
  (void)self;
  recorder_await_turn(PyEval_GetFrame());
  return &nothing;
}

static int nothing_is_false(PyObject *self) {
  (void)self;
  return 0;
}

static PyObject *nothing_repr(PyObject *self) {
  (void)self;
  return PyUnicode_FromFormat("<pyrewrite nothing>");
}

static PyObject *probe_repr(PyObject *self) {
  return PyUnicode_FromFormat("<pyrewrite probe %u>", recorder_number(site_of(self)));
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

PyObject *probe_refuse_new(PyTypeObject *type, PyObject *arguments, PyObject *keywords) {
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

PyTypeObject *probe_make_type(const char *name, const probe_slots *functions) {
  PyType_Slot slots[] = {
      {Py_nb_negative, (void *)(uintptr_t)functions->begin},
      {Py_nb_invert, (void *)(uintptr_t)functions->end},
      {Py_nb_positive, (void *)(uintptr_t)functions->raised},
      {Py_nb_bool, (void *)(uintptr_t)functions->truth},
      {Py_tp_repr, (void *)(uintptr_t)probe_repr},
      {Py_tp_new, (void *)(uintptr_t)probe_refuse_new},
      {Py_tp_methods, methods},
      {0, NULL},
  };
  PyType_Spec spec = {name, sizeof(probe_object), 0, Py_TPFLAGS_DEFAULT, slots};
  return (PyTypeObject *)PyType_FromSpec(&spec);
}

static PyTypeObject *make_nothing_type(void) {
  PyType_Slot slots[] = {
      {Py_nb_bool, (void *)(uintptr_t)nothing_is_false},
      {Py_tp_repr, (void *)(uintptr_t)nothing_repr},
      {Py_tp_new, (void *)(uintptr_t)probe_refuse_new},
      {0, NULL},
  };
  PyType_Spec spec = {"_pyrewrite.Nothing", sizeof(PyObject), 0, Py_TPFLAGS_DEFAULT, slots};
  return (PyTypeObject *)PyType_FromSpec(&spec);
}

#ifdef PYREWRITE_FREE_THREADED

void probe_make_immortal(PyObject *object, PyTypeObject *type) {
  *object = (PyObject){.ob_ref_local = UINT32_MAX, .ob_type = type};
}

#else

/* Since 3.14 the field named ob_refcnt is only a part of the word. */
void probe_make_immortal(PyObject *object, PyTypeObject *type) {
  memcpy(object, &immortal_refcount, sizeof(Py_ssize_t));
  object->ob_type = type;
}

static int64_t choose_immortal_refcount(long hexversion) {
  if (hexversion < 0x030C0000) return sizeof(void *) > 4 ? (int64_t)1 << 60 : (int64_t)1 << 29;
  if (sizeof(void *) == 4) return (int64_t)Py_None->ob_refcnt;
  return hexversion < 0x030E0000 ? 0xFFFFFFFF : 0xC0000000;
}

#endif

/* Must agree with src/opcodes/idioms.ts: versions without an exception table. */
int probe_ends_by_truth(long hexversion) { return hexversion < 0x030B0000; }

/* ---- sampled sites: the same, and the window notes that the site ran. The usual kind needs no call in between. */

static PyObject *sampled_begin_counter(PyObject *self) {
  windows_pairs++;
  return begin(self, clock_counter);
}

static PyObject *sampled_end_counter(PyObject *self) {
  finish(self, clock_counter);
  windows_touch(site_of(self));
  return &nothing;
}

static int sampled_truth_counter(PyObject *self) {
  finish(self, clock_counter);
  windows_touch(site_of(self));
  return 0;
}

static probe_slots unsampled[PROBE_SAMPLED];

#define SAMPLED(kind)                                          \
  static PyObject *sampled_begin_##kind(PyObject *self) {      \
    windows_pairs++;                                           \
    return unsampled[kind].begin(self);                        \
  }                                                            \
  static PyObject *sampled_end_##kind(PyObject *self) {        \
    PyObject *result = unsampled[kind].end(self);              \
    windows_touch(site_of(self));                              \
    return result;                                             \
  }                                                            \
  static PyObject *sampled_raised_##kind(PyObject *self) {     \
    PyObject *result = unsampled[kind].raised(self);           \
    windows_touch(site_of(self));                              \
    return result;                                             \
  }                                                            \
  static int sampled_truth_##kind(PyObject *self) {            \
    int result = unsampled[kind].truth(self);                  \
    windows_touch(site_of(self));                              \
    return result;                                             \
  }
SAMPLED(0) SAMPLED(1) SAMPLED(2) SAMPLED(3) SAMPLED(4) SAMPLED(5) SAMPLED(6) SAMPLED(7)
SAMPLED(8) SAMPLED(9) SAMPLED(10) SAMPLED(11) SAMPLED(12) SAMPLED(13) SAMPLED(14) SAMPLED(15)

#define SLOTS(kind) {sampled_begin_##kind, sampled_end_##kind, sampled_raised_##kind, sampled_truth_##kind}

static const probe_slots sampled[PROBE_SAMPLED] = {SLOTS(0),  SLOTS(1),  SLOTS(2),  SLOTS(3), SLOTS(4),  SLOTS(5),
                                                   SLOTS(6),  SLOTS(7),  SLOTS(8),  SLOTS(9), SLOTS(10), SLOTS(11),
                                                   SLOTS(12), SLOTS(13), SLOTS(14), SLOTS(15)};

static probe_slots sampled_slots(unsigned kind, int by_truth) {
  probe_slots slots = sampled[kind];
  if (kind != 0 || !clock_is_counter()) return slots;
  slots.begin = sampled_begin_counter;
  if (by_truth) slots.truth = sampled_truth_counter;
  else slots.end = sampled_end_counter;
  return slots;
}

/* What ends an operation is nb_invert, or the truth where code with blocks ends by a jump. */
static probe_slots slots_of(unsigned kind, int by_truth) {
  int counter = clock_is_counter();
  if (kind & PROBE_AWAIT)
    return (probe_slots){await_begin, await_end, by_truth ? await_raised : await_turn,
                         by_truth ? await_truth : await_raised_truth};
  if (kind & PROBE_LOOKS) return (probe_slots){begin_looked, end_looked, raised, by_truth ? truth_looked : raised_truth};
  if (kind & PROBE_CALLERS) {
    PyObject *(*begins)(PyObject *) = counter ? begin_in_context_counter : begin_in_context_fallback;
    return (probe_slots){kind & PROBE_SUSPENDS ? begin_suspending : begins,
                         counter ? end_in_context_counter : end_in_context_fallback, raised,
                         !by_truth ? raised_truth : counter ? truth_in_context_counter : truth_in_context_fallback};
  }
  return (probe_slots){counter ? begin_counter : begin_fallback, counter ? end_counter : end_fallback, raised,
                       !by_truth ? raised_truth : counter ? truth_counter : truth_fallback};
}

int probe_init(long hexversion) {
  if (probe_types[0]) return 1;
  none_is_counted = hexversion < 0x030C0000;
#ifndef PYREWRITE_FREE_THREADED
  immortal_refcount = choose_immortal_refcount(hexversion);
#endif
  PyTypeObject *nothing_type = make_nothing_type();
  co_consts = PyUnicode_InternFromString("co_consts");
  if (!nothing_type || !co_consts) return 0;
  probe_make_immortal(&nothing, nothing_type);
  for (unsigned kind = PROBE_KINDS; kind-- > 0;) {
    int by_truth = probe_ends_by_truth(hexversion);
    probe_slots slots = slots_of(kind & (PROBE_SAMPLED - 1u), by_truth);
    if (kind & PROBE_SAMPLED) {
      unsampled[kind - PROBE_SAMPLED] = slots;
      slots = sampled_slots(kind - PROBE_SAMPLED, by_truth);
    }
    const char *name = kind & PROBE_AWAIT ? "_pyrewrite.AwaitProbe" : "_pyrewrite.Probe";
    if (!(probe_types[kind] = probe_make_type(name, &slots))) return 0;
    if (kind < PROBE_SAMPLED) closed_probe_add(kind, probe_types[kind], &slots);
  }
  closed_probe_init(probe_ends_by_truth(hexversion));
  return 1;
}

PyObject *probe_constant_of(PyObject *code, Py_ssize_t index) {
  PyObject *consts = PyObject_GetAttr(code, co_consts);
  PyObject *found = consts && index < PyTuple_Size(consts) ? PyTuple_GetItem(consts, index) : Py_None;
  if (consts) Py_DecRef(consts);
  else PyErr_Clear();
  return found;
}

int probe_is_constant(PyObject *code, Py_ssize_t index) { return probe_is_probe(probe_constant_of(code, index)); }

int probe_is_probe(const PyObject *object) {
  for (int kind = 0; kind < PROBE_KINDS; kind++)
    if (object->ob_type == probe_types[kind]) return 1;
  return 0;
}

static uint32_t flags_of(unsigned kind) {
  return (kind & PROBE_LOOKS ? RECORDER_LOOKS : 0) | (kind & PROBE_CALLERS ? RECORDER_CALLERS : 0) |
         (kind & PROBE_SUSPENDS ? RECORDER_SUSPENDS : 0);
}

probe_object *probe_new_array(uint32_t count, profile_site_t *counters, uint32_t first_number,
                              unsigned (*kind_of)(const void *context, uint32_t index), const void *context) {
  probe_object *probes = calloc(count ? count : 1, sizeof *probes);
  if (!probes) return NULL;
#ifdef PYREWRITE_FREE_THREADED
  uint32_t table = recorder_add_table(counters, count);
#endif
  for (uint32_t i = 0; i < count; i++) {
    unsigned kind = kind_of(context, i);
    probe_make_immortal(&probes[i].ob_base, probe_types[kind]);
    probes[i].site.counters = counters + i;
    probes[i].site.number = (first_number + i) | flags_of(kind);
#ifdef PYREWRITE_FREE_THREADED
    probes[i].site.table = table;
    probes[i].site.index = i;
#endif
  }
  return probes;
}
