#include "calibration.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "closed_probe.h"
#include "pace.h"
#include "probe.h"
#include "shared.h"

enum {
  NESTED = 16,
  WARM_UP = 24, /* enough for the interpreter to specialize the code */
  ROUNDS = 80,
  CALIBRATIONS = 6,    /* at most, over the run */
  PAUSE_NS = 20000000, /* between two of them */
  BYTECODE = 1,
  SLOTS = 2
};

/*
 * Short operations that no compiler leaves out and that run no code of the program. None tells all: two readings of the
 * clock are never closer than what one takes, so around the shortest of them a pair costs most, and what is left to
 * measure around them is the reading alone; a longer one hides a part of the reading. So what the surroundings pay is
 * taken from the short ones, which are most of a program, and what an operation's own duration has too much from those
 * that outlast a reading.
 */
enum { GLOBAL, ADDITION, LIST, OPERATIONS };

static const char *const operations[OPERATIONS] = {"g", "a + a", "[]"};

/*
 * Sites of the record: empty, around empty; a parent, its child, around parents; then of each operation the one around
 * it, itself, the one around that; the pair around nothing that the others are measured by; two
 * for calibrate_kinds.
 */
enum { EMPTY, AROUND_EMPTY, PARENT, CHILD, AROUND_PARENTS, FIRST, PACE = FIRST + 3 * OPERATIONS, KINDS, SITES = KINDS + 2 };

static int around_plain(int operation) { return FIRST + 3 * operation; }
static int probed(int operation) { return FIRST + 3 * operation + 1; }
static int around_probed(int operation) { return FIRST + 3 * operation + 2; }
static int is_inside(int site) {
  return site == EMPTY || site == PARENT || site == CHILD || (site >= FIRST && site < PACE && (site - FIRST) % 3 == 1);
}

typedef struct {
  profile_calibration_t *record;
  profile_site_t *sites;
  probe_object *probes;
  double ticks[SITES][ROUNDS]; /* per execution */
  recorder_site pace;
  int parents_cost;            /* whether a parent costs more than its pair */
} calibration;

static unsigned kind_of(const void *with_callers, uint32_t index) {
  (void)index;
  return *(const int *)with_callers ? PROBE_CALLERS : 0;
}

/*
 * The record brings its own blocks: one per octave for the empty operation, one for the pair around nothing, which any thread
 * runs, and one that the others share.
 */
static int make_sites(calibration *c, int with_callers) {
  uint64_t sites = SITES * sizeof(profile_site_t);
  uint64_t blocks = (PROFILE_CALIBRATION_OCTAVES + 2) * PROFILE_SUB_BUCKETS * sizeof(uint32_t);
  c->record = profile_add_record(PROFILE_RECORD_CALIBRATION, sizeof *c->record + sites + blocks);
  if (!c->record) return 0;
  c->sites = (profile_site_t *)(c->record + 1);
  uint64_t first = (profile_offset(c->sites) + sites) / PROFILE_BLOCK_UNIT;
  for (uint32_t site = 0; site < SITES; site++)
    for (uint32_t o = 0; o < PROFILE_OCTAVES; o++) {
      uint32_t last = PROFILE_CALIBRATION_OCTAVES - 1;
      uint32_t n = site == PACE ? last + 2 : site != EMPTY ? last + 1 : o < last ? o : last;
      c->sites[site].blocks[o] = (uint32_t)(first + n * 2);
    }
  c->probes = probe_new_array(SITES, c->sites, 0, kind_of, &with_callers);
  c->pace = (recorder_site){.counters = &c->sites[PACE], .number = PACE};
  return c->probes != NULL && closed_probe_keep_open(c->probes, SITES);
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

int calibration_is_watched(long hexversion) {
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
 * Functions that execute an operation 2 * NESTED times, as it is or every second one probed; one with nothing in its
 * operations, and one where each is the only one inside another. They run in turn, so that a drift of the CPU's speed hits
 * all alike. Probes are arguments, p0 for site 0 and so on: reading one costs what a constant costs. They end operations
 * as the rewriter does.
 */
typedef struct {
  int around;
  int inside;            /* or -1 */
  int parent;            /* of `inside`, or -1 */
  const char *operation; /* or NULL */
} code_plan;

enum { CODES = 2 + 2 * OPERATIONS };

static code_plan plan_of(int code) {
  if (code == 0) return (code_plan){AROUND_EMPTY, EMPTY, -1, NULL};
  if (code == 1) return (code_plan){AROUND_PARENTS, CHILD, PARENT, operations[ADDITION]};
  int operation = code / 2 - 1;
  if (code % 2) return (code_plan){around_plain(operation), -1, -1, operations[operation]};
  return (code_plan){around_probed(operation), probed(operation), -1, operations[operation]};
}

static char *write_begin(char *text, int site, const char *indent, int by_truth) {
  return text + sprintf(text, by_truth ? "%s-p%d\n%stry:\n" : "%s-p%d\n", indent, site, indent);
}

static char *write_end(char *text, int site, const char *indent, int by_truth) {
  return text + sprintf(text, by_truth ? "%sfinally:\n%s if p%d: pass\n" : "%s%s~p%d\n", indent,
                        by_truth ? indent : "", site);
}

static char *write_probed(char *text, const code_plan *plan, int by_truth) {
  const char *indent = by_truth && plan->parent >= 0 ? "  " : " ";
  if (plan->parent >= 0) text = write_begin(text, plan->parent, " ", by_truth);
  text = write_begin(text, plan->inside, indent, by_truth);
  text += sprintf(text, "%s%s%s\n", indent, by_truth ? " " : "", plan->operation ? plan->operation : "pass");
  text = write_end(text, plan->inside, indent, by_truth);
  return plan->parent >= 0 ? write_end(text, plan->parent, " ", by_truth) : text;
}

static void write_code(char *text, const code_plan *plan, int by_truth) {
  text += sprintf(text, "g = 1\ndef f(");
  for (int site = 0; site < SITES; site++) text += sprintf(text, "p%d,", site);
  text += sprintf(text, "):\n a = 1000\n -p%d\n", plan->around);
  for (int i = 0; i < NESTED; i++) {
    if (plan->inside >= 0) text = write_probed(text, plan, by_truth);
    else text += sprintf(text, " %s\n", plan->operation);
    if (plan->operation) text += sprintf(text, " %s\n", plan->operation);
  }
  /* Around it no block: the difference of two such is the same with and without. */
  sprintf(text, by_truth ? " if p%d: pass\n" : " ~p%d\n", plan->around);
}

PyObject *calibration_function(const char *text) {
  PyObject *code = Py_CompileString(text, "<pyrewrite>", Py_file_input);
  PyObject *globals = PyDict_New();
  if (globals && PyDict_SetItemString(globals, "__builtins__", PyEval_GetBuiltins()) != 0) PyErr_Clear(); /* up to 3.9 */
  PyObject *done = code && globals ? PyEval_EvalCode(code, globals, globals) : NULL;
  PyObject *function = done ? PyDict_GetItemString(globals, "f") : NULL;
  if (function) Py_IncRef(function);
  if (done) Py_DecRef(done);
  if (globals) Py_DecRef(globals);
  if (code) Py_DecRef(code);
  return function;
}

static PyObject *make_function(int which, int by_truth) {
  char text[256 + NESTED * 128];
  code_plan plan = plan_of(which);
  write_code(text, &plan, by_truth);
  return calibration_function(text);
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
  memset(blocks, 0, (PROFILE_CALIBRATION_OCTAVES + 2) * PROFILE_SUB_BUCKETS * sizeof(uint32_t));
}

static void note_round(calibration *c, int round) {
  double pace = pace_measure(&c->pace);
  if (round >= 0) c->ticks[PACE][round] = pace;
  for (int site = 0; site < PACE; site++) {
    double executions = is_inside(site) ? NESTED : 1;
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

/* A Ctrl-C that came just now belongs to the program. */
void calibration_clear_error(void) {
  if (PyErr_ExceptionMatches(PyExc_KeyboardInterrupt)) PyErr_SetInterrupt();
  PyErr_Clear();
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
  calibration_clear_error();
  return done;
}

/* Without bytecode: the slots alone, around nothing. Too small by what the interpreter needs to get there. */
static void run_slots(calibration *c) {
  PyObject *p[SITES];
  for (int site = 0; site < SITES; site++) p[site] = &c->probes[site].ob_base;
  for (int round = -WARM_UP; round < ROUNDS; round++) {
    start_round(c, round);
    for (int k = 0; k < CODES; k++) {
      code_plan plan = plan_of(k);
      Py_DecRef(PyNumber_Negative(p[plan.around]));
      for (int i = 0; i < NESTED && plan.inside >= 0; i++) {
        Py_DecRef(PyNumber_Negative(p[plan.inside]));
        Py_DecRef(PyNumber_Invert(p[plan.inside]));
      }
      Py_DecRef(PyNumber_Invert(p[plan.around]));
    }
    note_round(c, round);
  }
}

static int compare(const void *a, const void *b) {
  double x = *(const double *)a, y = *(const double *)b;
  return (x > y) - (x < y);
}

static double at_least(double value, double least) { return value > least ? value : least; }

/* What one round says of a site or an operation, in multiples of the pace that it had. */
typedef double figure(const calibration *c, int round, int of);

static double mean(const double *values, int count) {
  double sum = 0;
  for (int i = 0; i < count; i++) sum += values[i];
  return sum / count;
}

/*
 * Sorts values of rounds and gives the mean of the middle half: a preemption moves none, and the CPU may be as slow as it
 * likes, if it is so for a round. A median would be rounded to the steps of the clock.
 */
double calibration_middle(double *values, int count) {
  int out = count / 4;
  qsort(values, (size_t)count, sizeof *values, compare);
  return mean(values + out, count - 2 * out);
}

double calibration_quickest(double *values, int count) {
  qsort(values, (size_t)count, sizeof *values, compare);
  return mean(values, count / 4);
}

static double *figures(const calibration *c, figure *what, int of) {
  static double values[ROUNDS];
  for (int round = 0; round < ROUNDS; round++) values[round] = what(c, round, of);
  return values;
}

static double middle(const calibration *c, figure *what, int of) {
  return calibration_middle(figures(c, what, of), ROUNDS);
}

static double quantile(const calibration *c, figure *what, int of, double fraction) {
  double *values = figures(c, what, of);
  qsort(values, ROUNDS, sizeof *values, compare);
  return values[(int)(fraction * (ROUNDS - 1) + 0.5)];
}

static double pace_in(const calibration *c, int round) { return at_least(c->ticks[PACE][round], 1); }

static double shown(const calibration *c, int round, int site) { return c->ticks[site][round] / pace_in(c, round); }

/* What a duration has too much, by an operation: around = inner + 2 * NESTED * operation; probed = inner + operation. */
static double inner_by(const calibration *c, int round, int operation) {
  double plain = shown(c, round, around_plain(operation)), n = 2 * NESTED;
  if (c->record->method != BYTECODE) return plain;
  return (shown(c, round, probed(operation)) - plain / n) * n / (n - 1);
}

/* What a pair costs its surroundings, by an operation: around_probed = around_plain + NESTED * pair. */
static double pair_by(const calibration *c, int round, int operation) {
  return (shown(c, round, around_probed(operation)) - shown(c, round, around_plain(operation))) / NESTED;
}

/* What the first operation inside costs a parent beside the pair: parent = addition + pair + first, inner in both. */
static double pair_and_first(const calibration *c, int round, int operation) {
  return shown(c, round, PARENT) - shown(c, round, probed(operation));
}

/* What a parent costs its surroundings: around = around_plain + NESTED * (2 * pair + first + parent). */
static double pairs_and_parent(const calibration *c, int round, int operation) {
  return (shown(c, round, AROUND_PARENTS) - shown(c, round, around_plain(operation))) / NESTED;
}

static pace_costs costs_of(const calibration *c) {
  double by_addition = middle(c, inner_by, ADDITION), by_list = middle(c, inner_by, LIST);
  double pair_of_short = middle(c, pair_by, GLOBAL), pair_of_addition = middle(c, pair_by, ADDITION);
  double inner = at_least((by_addition + by_list) / 2, 0);
  double pair = at_least((pair_of_short + pair_of_addition) / 2, inner);
  double first = c->parents_cost ? at_least(middle(c, pair_and_first, ADDITION) - pair, 0) : 0;
  double both = c->parents_cost ? middle(c, pairs_and_parent, ADDITION) : 0;
  double rounds = quantile(c, pair_by, ADDITION, 0.95) - quantile(c, pair_by, ADDITION, 0.05);
  return (pace_costs){
      .pair = pair,
      .inner = inner,
      .spread = at_least(fabs(pair_of_short - pair_of_addition), rounds) / 2,
      .floor = at_least(quantile(c, shown, EMPTY, 0.95) - inner, 0) + fabs(by_addition - by_list) / 2,
      .first = first,
      .parent = at_least(both - 2 * pair - first, 0),
  };
}

/* Ticks. */
static double median_pace(calibration *c) {
  qsort(c->ticks[PACE], ROUNDS, sizeof(double), compare);
  return c->ticks[PACE][ROUNDS / 2];
}

static int compare_costs(const void *a, const void *b) {
  double x = ((const pace_costs *)a)->pair, y = ((const pace_costs *)b)->pair;
  return (x > y) - (x < y);
}

/*
 * Of several calibrations the middle one is kept, of two the cheaper: where the code lies in memory makes each a little
 * different, and some fall into a time when the CPU is shared or slow.
 */
static const pace_costs *keep_middle(const pace_costs *latest) {
  static pace_costs results[CALIBRATIONS];
  static int count;
  results[count++] = *latest;
  qsort(results, (size_t)count, sizeof *results, compare_costs);
  return &results[(count - 1) / 2];
}

static void measure(calibration *c, long hexversion) {
  recorder_thread *thread = recorder_this_thread;
  context_node *context = thread->context;
  int by_truth = probe_ends_by_truth(hexversion);
  pace_stop();
  thread->context = contexts_private_root(recorder_tree());
  if (calibration_is_watched(hexversion) || !run_bytecode(c, by_truth)) {
    c->record->method = SLOTS;
    run_slots(c);
  }
  thread->context = context;
  /* Where calls in Python are calls in C, they hide it: around such parents bench/accuracy.ts sees nothing more. */
  c->parents_cost = c->record->method == BYTECODE && !by_truth;
  pace_costs costs = costs_of(c);
  SHARED_SCOPE();
  profile_head()->step_ticks = (double)clock_step();
  pace_start(keep_middle(&costs), median_pace(c), &c->pace);
}

static calibration latest;

profile_site_t *calibration_counters(void) { return latest.sites ? &latest.sites[KINDS] : NULL; }

double calibration_pace(void) { return pace_measure(&latest.pace); }

/* Its record, published at once, so that no reader of the profile sees half of it. 0 where there is no room. */
static int start_record(calibration *c, int with_callers, uint64_t start) {
  SHARED_SCOPE();
  if (!make_sites(c, with_callers)) {
    profile_discard();
    return 0;
  }
  c->record->nested = NESTED;
  c->record->rounds = ROUNDS;
  c->record->site_count = SITES;
  c->record->method = BYTECODE;
  c->record->ticks = start;
  profile_publish();
  return 1;
}

static void calibrate_again(long hexversion, int callers) {
  static int with_callers; /* as the first module says: the results are compared with each other */
  static int times;
  static uint64_t latest_ns;
  uint64_t start = clock_now();
  uint64_t now_ns = clock_ns(CLOCK_MONOTONIC);
  if (times >= CALIBRATIONS || (times > 0 && now_ns - latest_ns < PAUSE_NS)) return;
  latest_ns = now_ns;
  if (times == 0) with_callers = callers;
  if (times++ > 0 && calibration_is_watched(hexversion)) return;
  if (!recorder_ready() || !start_record(&latest, with_callers, start)) return;
  measure(&latest, hexversion);
  latest.record->duration = clock_now() - start;
  profile_anchor();
}

static int runs;

int calibration_begin(void) { return !__atomic_exchange_n(&runs, 1, __ATOMIC_ACQUIRE); }

void calibration_end(void) { __atomic_store_n(&runs, 0, __ATOMIC_RELEASE); }

void calibrate(long hexversion, int callers) {
  if (!calibration_begin()) return;
  calibrate_again(hexversion, callers);
  calibration_end();
}
