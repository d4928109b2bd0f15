#include <stdio.h>

#include "calibration.h"
#include "operand.h"
#include "pace.h"
#include "probe.h"

enum {
  TIMES = 16,
  RAISES = 8,
  ROUNDS = 49,
  WARM_UP = 24,
  LOOKING = 1, /* the probe after the one with a pair alone */
  LOOKS = 4,
  FORMS = 2,
  MOST_TEXT = 2048
};

/* Two functions that run in turn; what a round says of them is told in multiples of the pace that it had. */
typedef struct {
  PyObject *forms[FORMS];
  PyObject *arguments;
  int per_call; /* times that the second does what the first does not */
  int looks;    /* whether looks are in them, whose ticks count for themselves */
} comparison;

/* Ticks, or < 0. */
static double time_of(const comparison *c, int form) {
  uint64_t before = recorder_look_ticks(), start = clock_now();
  PyObject *result = PyObject_CallObject(c->forms[form], c->arguments);
  double ticks = (double)(clock_now() - start) - (double)(c->looks ? recorder_look_ticks() - before : 0);
  if (!result) return -1;
  Py_DecRef(result);
  return ticks;
}

/* What the second form takes longer, each time. 1 on success. */
static int measure(const comparison *c, double *multiple) {
  double rounds[ROUNDS];
  int done = c->forms[0] && c->forms[1] && c->arguments;
  for (int round = -WARM_UP; done && round < ROUNDS; round++) {
    double first = time_of(c, 0), second = time_of(c, 1), pace = calibration_pace();
    done = first >= 0 && second >= 0;
    if (round >= 0) rounds[round] = (second - first) / c->per_call / (pace > 1 ? pace : 1);
  }
  for (int i = 0; i < FORMS; i++)
    if (c->forms[i]) Py_DecRef(c->forms[i]);
  if (c->arguments) Py_DecRef(c->arguments);
  calibration_clear_error();
  if (!done) return 0;
  *multiple = calibration_middle(rounds, ROUNDS);
  return 1;
}

/* ---- an operation whose operand is looked at, beside one with a pair alone */

static const struct {
  uint8_t kind;
  const char *name;
} looks[LOOKS] = {
    {SITE_OPERAND_TYPE, NULL},
    {SITE_OPERAND_ATTRIBUTE, "real"},
    {SITE_OPERAND_METHOD, "bit_length"},
    {SITE_OPERAND_CALLABLE, NULL},
};

static unsigned kind_of(const void *unused, uint32_t index) {
  (void)unused;
  return index == LOOKING ? PROBE_LOOKS : 0;
}

static PyObject *make_looks(int looks_too, int by_truth) {
  char text[MOST_TEXT];
  char *end = text + sprintf(text, "g = 1\ndef f(p, q, l0, l1, l2, l3):\n a = 1000\n");
  const char *probe = looks_too ? "q" : "p";
  for (int i = 0; i < TIMES; i++) {
    if (looks_too) end += sprintf(end, " %s in l%d\n", i % LOOKS == 3 ? "len" : "a", i % LOOKS);
    const char *operation = i % 2 ? "g" : "a + a";
    end += by_truth ? sprintf(end, " -%s\n try: %s\n finally:\n  if %s: pass\n", probe, operation, probe)
                    : sprintf(end, " -%s\n %s\n ~%s\n", probe, operation, probe);
    end += sprintf(end, " a + a\n");
  }
  return calibration_function(text);
}

static PyObject *make_probes(probe_object *probes) {
  PyObject *tuple = PyTuple_New(2 + LOOKS);
  for (int i = 0; tuple && i < 2 + LOOKS; i++) {
    PyObject *probe = i < 2 ? &probes[i].ob_base : operand_new(&probes[LOOKING].site, looks[i - 2].kind, looks[i - 2].name);
    if (!probe) probe = probe_none();
    else Py_IncRef(probe);
    PyTuple_SetItem(tuple, i, probe);
  }
  return tuple;
}

/* ---- an operation that raises: its handler is one more that the exception passes */

static PyObject *make_raises(const char *before, const char *handler) {
  char text[MOST_TEXT], *end = text + sprintf(text, "def f(p):\n");
  for (int i = 0; i < RAISES; i++) {
    end += sprintf(end, " try:\n  %s\n", before);
    end += handler ? sprintf(end, "  try: raise ValueError\n  finally: %s\n", handler) : sprintf(end, "  raise ValueError\n");
    end += sprintf(end, " except ValueError: pass\n");
  }
  return calibration_function(text);
}

static int compare_raises(const char *before, const char *handler, PyObject *arguments, double *multiple) {
  if (arguments) Py_IncRef(arguments);
  comparison c = {
      .forms = {make_raises("pass", NULL), make_raises(before, handler)},
      .arguments = arguments,
      .per_call = RAISES,
  };
  return measure(&c, multiple);
}

/*
 * With its probes, since closing such an operation takes other ways. A handler in source is passed as ours where handlers are
 * blocks; where there are tables, it has one of its own for what happens in it, so it is passed twice.
 */
static int measure_raise(long hexversion, double *multiple) {
  profile_site_t *counters = calibration_counters();
  probe_object *probes = counters ? probe_new_array(2, counters, 0, kind_of, NULL) : NULL;
  PyObject *arguments = probes ? PyTuple_New(1) : NULL;
  if (arguments) PyTuple_SetItem(arguments, 0, &probes->ob_base);
  double second_pass = 0;
  int done = compare_raises("-p", hexversion < 0x030C0000 ? "+p" : "not p", arguments, multiple);
  if (done && !probe_ends_by_truth(hexversion)) done = compare_raises("pass", "pass", arguments, &second_pass);
  if (arguments) Py_DecRef(arguments);
  *multiple -= second_pass / 2;
  return done;
}

static int measure_look(int by_truth, double *multiple) {
  profile_site_t *counters = calibration_counters();
  probe_object *probes = counters ? probe_new_array(2, counters, 0, kind_of, NULL) : NULL;
  if (!probes || !operand_init()) return 0;
  uint64_t before = recorder_look_ticks();
  comparison c = {
      .forms = {make_looks(0, by_truth), make_looks(1, by_truth)},
      .arguments = make_probes(probes),
      .per_call = TIMES,
      .looks = 1,
  };
  int done = measure(&c, multiple);
  recorder_set_look_ticks(before);
  return done;
}

static void calibrate_rest(long hexversion, int with_looks) {
  static int has_raise, has_look;
  double multiple = 0;
  if ((has_raise && (has_look || !with_looks)) || calibration_is_watched(hexversion)) return;
  int by_truth = probe_ends_by_truth(hexversion);
  context_node *context = recorder_this_thread->context;
  recorder_this_thread->context = contexts_private_root(recorder_tree());
  if (!has_raise && measure_raise(hexversion, &multiple)) {
    has_raise = 1;
    pace_set_raise(multiple);
  }
  if (with_looks && !has_look && measure_look(by_truth, &multiple)) {
    has_look = 1;
    pace_set_look(multiple);
  }
  recorder_this_thread->context = context;
}

void calibrate_kinds(long hexversion, int with_looks) {
  if (!recorder_ready() || !calibration_begin()) return;
  calibrate_rest(hexversion, with_looks);
  calibration_end();
}
