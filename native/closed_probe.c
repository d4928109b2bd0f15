#include "closed_probe.h"

#include "control.h"
#include "python_types.h"
#include "tasks.h"
#include "trace_filter.h"

/* What begins PyNumberMethods, the same from 3.8 on. */
typedef struct {
  void *nb_add, *nb_subtract, *nb_multiply, *nb_remainder, *nb_divmod, *nb_power;
  PyObject *(*nb_negative)(PyObject *);
  PyObject *(*nb_positive)(PyObject *);
  void *nb_absolute;
  int (*nb_bool)(PyObject *);
  PyObject *(*nb_invert)(PyObject *);
} number_slots;

enum { TYPE_BYTES = 2048 /* no type of Python is larger */ };

static struct {
  PyTypeObject *type;
  number_slots *numbers; /* NULL where they are not found: such probes never close */
  probe_slots open;
} kinds[PROBE_SAMPLED];

static int ends_by_truth;

static recorder_site *site_of(PyObject *self) { return &((probe_object *)self)->site; }

/* ---- the slots. What began while recording was on ends as always. */

static void begin(void) {
  recorder_thread *thread = recorder_this_thread;
  if (__builtin_expect(thread->top != thread->bottom, 0)) recorder_skip_begin(thread);
  if (control_is_asked()) control_obey();
}

static PyObject *closed_begin(PyObject *self) {
  (void)self;
  begin();
  return probe_nothing();
}

static PyObject *closed_begin_looked(PyObject *self) {
  recorder_this_thread->look.site = NULL;
  return closed_begin(self);
}

static void end(PyObject *self, int raised) {
  recorder_thread *thread = recorder_this_thread;
  if (thread->top != thread->bottom && !recorder_skip_end(thread)) recorder_end(site_of(self), clock_now(), raised);
}

static PyObject *closed_end(PyObject *self) {
  end(self, 0);
  return probe_nothing();
}

static int closed_truth(PyObject *self) {
  end(self, 0);
  return 0;
}

static PyObject *closed_raised(PyObject *self) {
  end(self, 1);
  trace_filter_cover();
  return probe_nothing();
}

static int closed_raised_truth(PyObject *self) {
  end(self, 1);
  return 1;
}

static PyObject *closed_await_begin(PyObject *self) {
  (void)self;
  if (recorder_has_awaits()) recorder_await_skip(PyEval_GetFrame());
  tasks_changed();
  if (control_is_asked()) control_obey();
  return probe_nothing();
}

static void end_await(PyObject *self, int raised) {
  uint64_t now = clock_now();
  if (recorder_has_awaits()) recorder_await_end(site_of(self), PyEval_GetFrame(), now, raised);
  tasks_changed();
}

static PyObject *closed_await_end(PyObject *self) {
  end_await(self, 0);
  return probe_nothing();
}

static int closed_await_truth(PyObject *self) {
  end_await(self, 0);
  return 0;
}

static PyObject *closed_await_raised(PyObject *self) {
  end_await(self, 1);
  trace_filter_cover();
  return probe_nothing();
}

static int closed_await_raised_truth(PyObject *self) {
  end_await(self, 1);
  return 1;
}

static PyObject *closed_await_turn(PyObject *self) {
  (void)self;
  if (recorder_has_awaits()) recorder_await_turn(PyEval_GetFrame());
  return probe_nothing();
}

static probe_slots closed_slots(unsigned kind) {
  if (kind & PROBE_AWAIT)
    return ends_by_truth
               ? (probe_slots){closed_await_begin, closed_await_end, closed_await_raised, closed_await_truth}
               : (probe_slots){closed_await_begin, closed_await_end, closed_await_turn, closed_await_raised_truth};
  return (probe_slots){kind & PROBE_LOOKS ? closed_begin_looked : closed_begin, closed_end, closed_raised,
                       ends_by_truth ? closed_truth : closed_raised_truth};
}

/* ---- types */

/* The slots of a type that was made at run time lie in itself. */
static number_slots *find_numbers(PyTypeObject *type, const probe_slots *slots) {
  char *start = (char *)type, *numbers = (char *)((python_type *)(void *)type)->tp_as_number;
  if (numbers < start || numbers > start + TYPE_BYTES || (uintptr_t)numbers % sizeof(void *) != 0) return NULL;
  number_slots *found = (number_slots *)(void *)numbers;
  int is_right = found->nb_negative == slots->begin && found->nb_invert == slots->end &&
                 found->nb_positive == slots->raised && found->nb_bool == slots->truth;
  return is_right ? found : NULL;
}

void closed_probe_add(unsigned kind, PyTypeObject *type, const probe_slots *slots) {
  kinds[kind].type = type;
  kinds[kind].open = *slots;
  kinds[kind].numbers = find_numbers(type, slots);
}

/* Each slot is right in either state, so that it does not matter when another interpreter's thread sees which. */
static void set_slots(number_slots *numbers, const probe_slots *slots) {
  __atomic_store_n(&numbers->nb_negative, slots->begin, __ATOMIC_RELEASE);
  __atomic_store_n(&numbers->nb_invert, slots->end, __ATOMIC_RELEASE);
  __atomic_store_n(&numbers->nb_positive, slots->raised, __ATOMIC_RELEASE);
  __atomic_store_n(&numbers->nb_bool, slots->truth, __ATOMIC_RELEASE);
}

static void switch_probes(int on) {
  for (unsigned kind = 0; kind < PROBE_SAMPLED; kind++) {
    probe_slots closed = closed_slots(kind);
    if (kinds[kind].numbers) set_slots(kinds[kind].numbers, on ? &kinds[kind].open : &closed);
  }
}

void closed_probe_init(int by_truth) {
  ends_by_truth = by_truth;
  control_switch_probes = switch_probes;
  if (!control_is_on()) switch_probes(0);
}

static unsigned kind_of(const probe_object *probe) {
  unsigned kind = 0;
  while (kind < PROBE_SAMPLED && kinds[kind].type != probe->ob_base.ob_type) kind++;
  return kind;
}

int closed_probe_keep_open(probe_object *probes, uint32_t count) {
  static PyTypeObject *types[PROBE_SAMPLED];
  for (uint32_t i = 0; i < count; i++) {
    unsigned kind = kind_of(&probes[i]);
    if (kind == PROBE_SAMPLED) continue;
    if (!types[kind]) types[kind] = probe_make_type("_pyrewrite.Probe", &kinds[kind].open);
    if (!types[kind]) return 0;
    probe_make_immortal(&probes[i].ob_base, types[kind]);
  }
  return 1;
}
