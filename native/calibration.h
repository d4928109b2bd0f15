/* What the probes cost on this machine, now. */
#ifndef PYREWRITE_CALIBRATION_H
#define PYREWRITE_CALIBRATION_H

#include "python_abi.h"
#include "recorder.h"

/*
 * Measures probes and sets what the recorder subtracts: the first time, and a few times later in the run, as it is
 * called; otherwise it returns at once. Takes half a millisecond. The GIL is held, a profile is open.
 */
void calibrate(long hexversion, int callers);

/*
 * After that, and once each: what an operation that raises costs its surroundings beside its pair, and, with `looks`, what
 * looking at operands costs them beside its own time.
 */
void calibrate_kinds(long hexversion, int looks);

/* For those: */
int calibration_begin(void); /* one thread at a time, and nobody waits, for code of the program may run meanwhile: 0 if one does */
void calibration_end(void);
int calibration_is_watched(long hexversion);          /* a debugger or a coverage tool would see our code run */
PyObject *calibration_function(const char *text);     /* the f that this text defines; NULL without */
profile_site_t *calibration_counters(void);           /* of two sites, in the latest record */
double calibration_middle(double *values, int count); /* sorts them; the mean of the middle half */
double calibration_quickest(double *values, int count); /* sorts them; the mean of the first quarter */
double calibration_pace(void);                        /* see pace.h */
void calibration_clear_error(void);

/* What asking this object costs where a gate of sampled code is open, in ticks: while the clock is seldom read, and when it is at each. */
typedef struct {
  double unread, read;
} passage_costs;
passage_costs calibrate_passage(long hexversion, PyObject *question);

/* What a passage of this gate costs while it is shut, ticks; < 0 if that cannot be told. */
double calibrate_closed_gate(long hexversion, PyObject *gate);

/* What one of the shortest instructions costs, ticks: a jump over a gate is one. < 0 where that is not known. */
double calibrate_instruction(long hexversion);

#endif
