/* Sums over all windows, and what follows from them. Called with the GIL held. */
#ifndef PYREWRITE_WINDOW_TOTALS_H
#define PYREWRITE_WINDOW_TOTALS_H

#include <stdint.h>

#include "sampler.h"

/* A window that is over. */
typedef struct {
  double stands_for; /* ns */
  double length_ns;
  uint64_t counted, passed; /* passages in its first part, where they were counted, and in its second */
  double asked_ns;          /* what asking is taken to cost in the first */
  double pairs;             /* in the second, as many as they cost */
  double paid;              /* what those were taken to cost, ticks */
} window_result;

/* Adds it to what is known of all; gives its share of the uncertainty of what one stands for. */
double window_totals_add(const window_result *one);

/* The windows before it in which nothing passed a gate. */
void window_totals_add_missed(const sampler_window *next, double length_ns);

/* What a pair of probes costs, ticks: as calibrated, until there are passages enough to tell. */
double window_totals_pair(void);

/* In a child of fork. */
void window_totals_forget(void);

#endif
