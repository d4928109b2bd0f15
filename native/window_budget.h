/* What sampling costs, and how far apart windows are therefore. Called with the GIL held. */
#ifndef PYREWRITE_WINDOW_BUDGET_H
#define PYREWRITE_WINDOW_BUDGET_H

#include <stdint.h>

/* Of a window that is over. */
typedef struct {
  double ticks;         /* that were not the program's */
  double sampler_ns;    /* CPU time of the sampler since the window before */
  double passages;      /* of gates in as much of the program as a part is long, */
  double last_passages; /* and in the last part */
  double stands_for, length_ns;
} window_cost;

/* Takes PYREWRITE_OVERHEAD. */
void window_budget_init(double length_ns);

/* What a module was instrumented to cost at most, in millionths; 0 = it does not say. */
void window_budget_ask(uint32_t millionths);

/* What a gate costs that is shut, ticks, and one that is jumped over; < 0 where that is not known. */
void window_budget_set_gate(double ticks, double jumped_over);

/* Of a gate that was looked at: whether it is jumped over. */
void window_budget_note_look(int is_jumped_over);

/* What a gate that is asked costs more than it does while it is shut, the asking aside, ticks: then many are jumped over. */
double window_budget_detour(void);

/* The part of the time that sampling may cost. */
double window_budget(void);

/* The mean gap before anything is known, ns. */
double window_budget_first_gap(void);

/* In a child of fork, whose CPU clock begins anew. */
void window_budget_forget(void);

void window_budget_note(const window_cost *one);

#endif
