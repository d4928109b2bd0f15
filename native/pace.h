/*
 * How fast the CPU is now. It changes its frequency, and shares its cores with others, by up to a factor of two within
 * seconds: what probes cost when the process started is not what they cost later. So a pair of probes around nothing
 * is timed now and then, and all costs are told as multiples of that one.
 */
#ifndef PYREWRITE_PACE_H
#define PYREWRITE_PACE_H

#include "recorder.h"

/* What is taken off, and how sure that is: ticks, or multiples of what a pair around nothing takes. */
typedef struct {
  double pair, inner, spread, floor, first, parent;
} pace_costs;

/* Ticks of a pair around nothing, now; 0 where it cannot be told. `site` has counters for that alone. */
double pace_measure(recorder_site *site);

/* From now on nothing is taken off. */
void pace_stop(void);

/* From now on these multiples are, of `pair` ticks and of what is measured with `site` in the rest of the run. */
void pace_start(const pace_costs *costs, double pair, recorder_site *site);

/* And these, too, which are multiples: of an operation that raises, its pair included; beside its own time, of a look. */
void pace_set_raise(double multiple);
void pace_set_look(double multiple);

/* At times, between operations: measures again, if the last time is long ago. Whether there is a new pace. */
int pace_follow(uint64_t now);

#endif
