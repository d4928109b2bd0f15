/* What it costs to pass a gate. */
#include <stdio.h>

#include "calibration.h"
#include "probe.h"
#include "windows.h"

enum { PASSAGES = 32, WARM_UP = 24, ROUNDS = 41, REHEARSALS = 3 };

static const char GATE[] = " if g:\n  if w: pass\n", NAME[] = " g\n";

static PyObject *make_function(const char *statement, int times) {
  char text[64 + PASSAGES * sizeof GATE], *end = text + sprintf(text, "def f(g, w):\n");
  for (int i = 0; i < times; i++) end += sprintf(end, "%s", statement);
  sprintf(end, " return\n");
  return calibration_function(text);
}

/* Ticks that a call takes, or < 0. */
static double time_call(PyObject *function, PyObject *gate, PyObject *question) {
  uint64_t start = clock_now();
  PyObject *result = PyObject_CallFunction(function, "OO", gate, question);
  uint64_t end = clock_now();
  if (!result) return -1;
  Py_DecRef(result);
  return (double)(end - start);
}

typedef struct {
  PyObject *function, *gate;
} passages_call;

/*
 * What a passage takes in the first call more than in the second, ticks; < 0 where a call fails. Of each the quickest
 * quarter: what disturbs them makes them slower, and on a busy machine most.
 */
static double time_passages(passages_call with, passages_call without, PyObject *question) {
  double longer[ROUNDS], shorter[ROUNDS];
  for (int round = -WARM_UP; round < ROUNDS; round++) {
    int at = round < 0 ? 0 : round;
    longer[at] = time_call(with.function, with.gate, question);
    shorter[at] = time_call(without.function, without.gate, question);
    if (longer[at] < 0 || shorter[at] < 0) return -1;
  }
  double ticks = (calibration_quickest(longer, ROUNDS) - calibration_quickest(shorter, ROUNDS)) / PASSAGES;
  return ticks > 0 ? ticks : 0;
}

/* The least of a few measurements, for the CPU may be shared or slow during one. */
static double rehearse(passages_call open, passages_call shut, PyObject *question, int reads_always) {
  double least = 0;
  for (int i = 0; i < REHEARSALS; i++) {
    windows_rehearse(1, reads_always);
    double ticks = time_passages(open, shut, question);
    windows_rehearse(0, 0);
    if (ticks < 0) {
      calibration_clear_error();
      return profile_head()->pair_ticks;
    }
    if (i == 0 || ticks < least) least = ticks;
  }
  return least;
}

passage_costs calibrate_passage(long hexversion, PyObject *question) {
  passage_costs costs = {profile_head()->pair_ticks, profile_head()->pair_ticks};
  if (calibration_is_watched(hexversion)) return costs;
  PyObject *function = make_function(GATE, PASSAGES), *shut = PyTuple_New(0), *open = PyTuple_New(1);
  if (open) PyTuple_SetItem(open, 0, probe_none());
  if (function && shut && open) {
    passages_call asked = {function, open}, not_asked = {function, shut};
    costs.unread = rehearse(asked, not_asked, question, 0);
    costs.read = rehearse(asked, not_asked, question, 1);
  }
  if (function) Py_DecRef(function);
  if (shut) Py_DecRef(shut);
  if (open) Py_DecRef(open);
  calibration_clear_error();
  return costs;
}

/* What a statement takes, ticks; < 0 where that cannot be told. */
static double time_statement(long hexversion, const char *statement, PyObject *gate) {
  if (calibration_is_watched(hexversion)) return -1;
  PyObject *function = make_function(statement, PASSAGES), *empty = make_function(statement, 0);
  double ticks = -1;
  if (function && empty) ticks = time_passages((passages_call){function, gate}, (passages_call){empty, gate}, gate);
  if (function) Py_DecRef(function);
  if (empty) Py_DecRef(empty);
  calibration_clear_error();
  return ticks;
}

double calibrate_closed_gate(long hexversion, PyObject *gate) { return time_statement(hexversion, GATE, gate); }

/* A name that is read and dropped is two of them. */
double calibrate_instruction(long hexversion) {
  double ticks = time_statement(hexversion, NAME, Py_None);
  return ticks < 0 ? -1 : ticks / 2;
}
