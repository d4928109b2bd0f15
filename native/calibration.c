#include "calibration.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "probe.h"

enum {
  NESTED = 16,
  WARM_UP = 24, /* enough for the interpreter to specialize the code */
  ROUNDS = 80,
  CALIBRATIONS = 6,    /* at most, over the run */
  PAUSE_NS = 20000000, /* between two of them */
  BYTECODE = 1,
  SLOTS = 2
};

/* Sites of the record. The pieces of code are run in turn, so that a drift of the CPU's speed hits all alike. */
enum {
  EMPTY,         /* nothing between begin and end, NESTED times */
  AROUND_EMPTY,
  AROUND_PLAIN,  /* 2 * NESTED short operations, not probed */
  PROBED,        /* the same, every second one probed */
  AROUND_PROBED,
  SITES
};

typedef struct {
  profile_calibration_t *record;
  profile_site_t *sites;
  probe_object *probes;
  double ticks[SITES][ROUNDS]; /* per execution */
} calibration;

static unsigned plain_kind(const void *context, uint32_t index) {
  (void)context;
  (void)index;
  return 0;
}

/* The record brings its own blocks: one per octave for the empty operation, and one that the others share. */
static int make_sites(calibration *c) {
  uint64_t sites = SITES * sizeof(profile_site_t);
  uint64_t blocks = (PROFILE_CALIBRATION_OCTAVES + 1) * PROFILE_SUB_BUCKETS * sizeof(uint32_t);
  c->record = profile_add_record(PROFILE_RECORD_CALIBRATION, sizeof *c->record + sites + blocks);
  if (!c->record) return 0;
  c->sites = (profile_site_t *)(c->record + 1);
  uint64_t first = (profile_offset(c->sites) + sites) / PROFILE_BLOCK_UNIT;
  for (uint32_t site = 0; site < SITES; site++)
    for (uint32_t o = 0; o < PROFILE_OCTAVES; o++) {
      uint32_t last = PROFILE_CALIBRATION_OCTAVES - 1;
      uint32_t n = site != EMPTY ? last + 1 : o < last ? o : last;
      c->sites[site].blocks[o] = (uint32_t)(first + n * 2);
    }
  c->probes = probe_new_array(SITES, c->sites, 0, plain_kind, NULL);
  return c->probes != NULL;
}

static int is_none(PyObject *object) { return object == Py_None; }

/* 1 when calling `name` of `owner` gives None; anything unusual counts as not. */
static int gives_none(PyObject *owner, const char *name, const char *format, int argument) {
  PyObject *function = owner ? PyObject_GetAttrString(owner, name) : NULL;
  PyObject *result = function ? PyObject_CallFunction(function, format, argument) : NULL;
  int none = result && is_none(result);
  if (result) Py_DecRef(result);
  if (function) Py_DecRef(function);
  PyErr_Clear();
  return none;
}

/* A debugger or a coverage tool would see our code run. */
static int is_watched(long hexversion) {
  PyObject *sys = PyImport_ImportModule("sys");
  int watched = !gives_none(sys, "gettrace", NULL, 0) || !gives_none(sys, "getprofile", NULL, 0);
  PyObject *monitoring = sys && hexversion >= 0x030C0000 ? PyObject_GetAttrString(sys, "monitoring") : NULL;
  for (int tool = 0; monitoring && tool < 6; tool++) watched |= !gives_none(monitoring, "get_tool", "i", tool);
  if (monitoring) Py_DecRef(monitoring);
  if (sys) Py_DecRef(sys);
  PyErr_Clear();
  return watched;
}

/*
 * Functions that get the probes as arguments, p0 for site 0 and so on: reading one costs what a constant costs. They
 * end operations as the rewriter does. [] is a short operation that no compiler leaves out.
 */
static const char *const arguments = "def f(p0, p1, p2, p3, p4):\n";

typedef struct {
  int around;
  int inside; /* or -1 */
  int plain;  /* a short operation that is not probed, too */
} code_plan;

enum { CODES = 3 };

static const code_plan plans[CODES] = {{AROUND_EMPTY, EMPTY, 0}, {AROUND_PLAIN, -1, 1}, {AROUND_PROBED, PROBED, 1}};

static void add_operation(char *text, int site, const char *operation, int by_truth) {
  static const char *const forms[2] = {" -p%d\n%s ~p%d\n", " -p%d\n try:%s except: pass\n if p%d: pass\n"};
  sprintf(text + strlen(text), forms[by_truth], site, operation, site);
}

static void write_code(char *text, const code_plan *plan, int by_truth) {
  char inside[NESTED * 64] = "";
  const char *nothing = by_truth ? " pass\n" : "";
  for (int i = 0; i < NESTED; i++) {
    if (plan->inside >= 0) add_operation(inside, plan->inside, plan->plain ? " []\n" : nothing, by_truth);
    if (plan->inside < 0) strcat(inside, " []\n");
    if (plan->plain) strcat(inside, " []\n");
  }
  /* Around it no block: the difference of two such is the same with and without. */
  sprintf(text, by_truth ? "%s -p%d\n%s if p%d: pass\n" : "%s -p%d\n%s ~p%d\n", arguments, plan->around, inside,
          plan->around);
}

static PyObject *make_function(int which, int by_truth) {
  char text[64 + NESTED * 72] = "";
  write_code(text, &plans[which], by_truth);
  PyObject *code = Py_CompileString(text, "<pyrewrite>", Py_file_input);
  PyObject *globals = PyDict_New();
  PyObject *done = code && globals ? PyEval_EvalCode(code, globals, globals) : NULL;
  PyObject *function = done ? PyDict_GetItemString(globals, "f") : NULL;
  if (function) Py_IncRef(function);
  if (done) Py_DecRef(done);
  if (globals) Py_DecRef(globals);
  if (code) Py_DecRef(code);
  return function;
}

static PyObject *make_arguments(calibration *c) {
  PyObject *tuple = PyTuple_New(SITES);
  for (int site = 0; tuple && site < SITES; site++) {
    PyObject *probe = &c->probes[site].ob_base;
    Py_IncRef(probe);
    PyTuple_SetItem(tuple, site, probe);
  }
  return tuple;
}

static void start_round(calibration *c, int round) {
  if (round != 0) return;
  for (int site = 0; site < SITES; site++) c->sites[site].count = 0; /* forget the warm-up */
  uint8_t *blocks = (uint8_t *)(c->sites + SITES);
  memset(blocks, 0, (PROFILE_CALIBRATION_OCTAVES + 1) * PROFILE_SUB_BUCKETS * sizeof(uint32_t));
}

static void note_round(calibration *c, int round) {
  for (int site = 0; site < SITES; site++) {
    double executions = site == EMPTY || site == PROBED ? NESTED : 1;
    if (round >= 0) c->ticks[site][round] = (double)c->sites[site].total / executions;
    c->sites[site].total = 0;
  }
}

static int run(PyObject *function, PyObject *probes) {
  PyObject *result = PyObject_CallObject(function, probes);
  if (!result) return 0;
  Py_DecRef(result);
  return 1;
}

static int run_bytecode(calibration *c, int by_truth) {
  PyObject *functions[CODES] = {NULL};
  PyObject *probes = make_arguments(c);
  int done = probes != NULL;
  for (int k = 0; k < CODES && done; k++) done = (functions[k] = make_function(k, by_truth)) != NULL;
  for (int round = -WARM_UP; done && round < ROUNDS; round++) {
    start_round(c, round);
    for (int k = 0; k < CODES && done; k++) done = run(functions[k], probes);
    note_round(c, round);
  }
  for (int k = 0; k < CODES; k++)
    if (functions[k]) Py_DecRef(functions[k]);
  if (probes) Py_DecRef(probes);
  /* A Ctrl-C that came just now belongs to the program. */
  if (PyErr_ExceptionMatches(PyExc_KeyboardInterrupt)) PyErr_SetInterrupt();
  PyErr_Clear();
  return done;
}

/* Without bytecode: the slots alone, around nothing. Too small by what the interpreter needs to get there. */
static void run_slots(calibration *c) {
  PyObject *p[SITES];
  for (int site = 0; site < SITES; site++) p[site] = &c->probes[site].ob_base;
  for (int round = -WARM_UP; round < ROUNDS; round++) {
    start_round(c, round);
    for (int k = 0; k < CODES; k++) {
      const code_plan *plan = &plans[k];
      Py_DecRef(PyNumber_Negative(p[plan->around]));
      for (int i = 0; i < NESTED && plan->inside >= 0; i++) {
        Py_DecRef(PyNumber_Negative(p[plan->inside]));
        Py_DecRef(PyNumber_Invert(p[plan->inside]));
      }
      Py_DecRef(PyNumber_Invert(p[plan->around]));
    }
    note_round(c, round);
  }
}

static int compare(const void *a, const void *b) {
  double x = *(const double *)a, y = *(const double *)b;
  return (x > y) - (x < y);
}

static double quantile(calibration *c, int site, double fraction) {
  return c->ticks[site][(int)(fraction * (ROUNDS - 1) + 0.5)];
}

static double at_least(double value, double least) { return value > least ? value : least; }

/*
 * Medians: a preemption in between must not move the result.
 *   around_plain  = inner + 2 * NESTED * short        probed = inner + short
 *   around_probed = inner + 2 * NESTED * short + NESTED * pair
 * Of several calibrations the cheapest is kept: others fell into a time when the CPU was shared or slow, and to
 * subtract too much makes short operations vanish.
 */
static void evaluate(calibration *c) {
  profile_header_t *head = profile_head();
  for (int site = 0; site < SITES; site++) qsort(c->ticks[site], ROUNDS, sizeof(double), compare);
  double plain = quantile(c, AROUND_PLAIN, 0.5);
  double n = 2 * NESTED;
  double inner = c->record->method == BYTECODE ? (quantile(c, PROBED, 0.5) - plain / n) * n / (n - 1) : plain;
  inner = at_least(inner, 0);
  double pair = at_least((quantile(c, AROUND_PROBED, 0.5) - plain) / NESTED, inner);
  if (head->pair_ticks > 0 && head->pair_ticks <= pair) return;
  head->inner_ticks = inner;
  head->pair_ticks = pair;
  head->spread_ticks = (quantile(c, AROUND_PROBED, 0.95) - quantile(c, AROUND_PROBED, 0.05)) / 2 / NESTED;
  head->step_ticks = (double)clock_step();
  head->floor_ticks = at_least(histogram_percentile(&c->sites[EMPTY], 0.95) - inner, head->step_ticks);
  head->inner_subtracted = (uint32_t)(inner + 0.5);
  head->pair_subtracted = (uint32_t)(pair + 0.5);
}

static void measure(calibration *c, long hexversion) {
  recorder_inner = recorder_pair = 0;
  if (is_watched(hexversion) || !run_bytecode(c, probe_ends_by_truth(hexversion))) {
    c->record->method = SLOTS;
    run_slots(c);
  }
  evaluate(c);
  recorder_inner = profile_head()->inner_subtracted;
  recorder_pair = profile_head()->pair_subtracted;
}

void calibrate(long hexversion) {
  static calibration c;
  static int times;
  static uint64_t latest_ns;
  uint64_t start = clock_now();
  uint64_t now_ns = clock_ns(CLOCK_MONOTONIC);
  if (times >= CALIBRATIONS || (times > 0 && now_ns - latest_ns < PAUSE_NS)) return;
  latest_ns = now_ns;
  if (times++ > 0 && is_watched(hexversion)) return;
  if (!make_sites(&c)) {
    profile_discard();
    return;
  }
  c.record->nested = NESTED;
  c.record->rounds = ROUNDS;
  c.record->site_count = SITES;
  c.record->method = BYTECODE;
  c.record->ticks = start;
  profile_publish();
  measure(&c, hexversion);
  c.record->duration = clock_now() - start;
  profile_anchor();
}
