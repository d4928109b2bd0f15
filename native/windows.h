/*
 * Windows: intervals of the program's own time, at random. What passes a gate in a window is timed, all else is not, so
 * that every operation of the program has the same chance, whatever it is in. Called with the GIL held.
 * docs/explanation/sampling.md says why, and what the sums are for.
 */
#ifndef PYREWRITE_WINDOWS_H
#define PYREWRITE_WINDOWS_H

#include "recorder.h"

/* Begin and end pairs of sampled sites; counted by their begins. */
extern uint64_t windows_pairs;

/* The window that ends count for, and for each site, by number, the one that it was last noted for. */
extern uint32_t windows_now;
extern uint32_t *windows_noted;

void windows_note(uint32_t number);

/* An operation of a sampled site ended, or something else of its counters changed. */
static inline void windows_touch(const recorder_site *site) {
  uint32_t number = recorder_number(site);
  if (__builtin_expect(windows_noted[number] != windows_now, 0)) windows_note(number);
}

/* PROFILE_GATE_*, from the environment: what decides. Also takes PYREWRITE_OVERHEAD. */
void windows_init(void);

/* From the environment: a positive number, and what decides about passages (PROFILE_GATE_*). */
double windows_number(const char *name, double otherwise);
uint32_t windows_gate(void);

/* Of the clock; 1 while that is not known. */
double windows_ticks_per_ns(void);

/* Sites that are sampled: of these numbers, with these sums. 1 on success. */
int windows_add(uint32_t first_number, uint32_t count, recorder_site *(*site_at)(void *, uint32_t), void *sites,
                profile_window_site_t *first_sums);

/* The sums of a site, NULL of one that is not sampled. */
profile_window_site_t *windows_sums(uint32_t number);

/* Whether what passes a gate now is timed. `own` are ticks that the caller's questions took. */
int windows_pass(void);

/* What a passage through an open gate costs, ticks: while the clock is seldom read, and when it is read at each. */
void windows_set_passage(double unread, double read);

/* Passages that are rehearsed, to find that out. */
void windows_rehearse(int on, int reads_always);

/* When the window began that this is in, ticks; 0 where operations are not timed by windows. */
uint64_t windows_start(void);

/* Ticks that belong to nobody: what looking around took. */
void windows_spend(uint64_t ticks);

/* Whether it does no harm to look at the code that passes: nothing is counted yet, or nothing is at all. */
int windows_may_look(void);

/* Of the window that began latest: whether it is the first passage in it. */
int windows_is_first_passage(void);

/* Notes that the window began while this site was open. */
void windows_open(uint32_t number);

/* On or off, as control.h says. */
void windows_switch(int on);

/* The end: adds what is not added yet. */
void windows_finish(void);

/* Around a fork. */
void windows_before_fork(void);
void windows_after_fork(int is_child);

#endif
