/*
 * The thread that begins windows, at random times of the process's CPU clock: while the program waits it is not woken.
 * It knows nothing of Python and never holds the GIL. What it says is a number that the gate's owner reads.
 */
#ifndef PYREWRITE_SAMPLER_H
#define PYREWRITE_SAMPLER_H

#include <stdint.h>
#include <time.h>

/* A window that has begun. */
typedef struct {
  uint64_t number;     /* counts from 1 */
  uint64_t ticks;      /* clock when it began */
  uint64_t cpu_ns;     /* CPU clock of the process then, up to a tick late */
  clockid_t thread;    /* CPU clock of the thread that passed a gate before, */
  uint64_t thread_ns;  /* and its time then; 0 where it is not known */
  double gap_ns;       /* mean of the CPU time that it was waited for: the window stands for it */
  uint64_t missed;     /* windows before it that ended unseen: nothing passed a gate in them */
  double missed_sum;   /* what they stand for, and its squares */
  double missed_squares;
  uint64_t own_cpu_ns; /* CPU time of the thread itself */
} sampler_window;

/* What the thread opens; 1 = open. */
extern _Atomic(intptr_t) *sampler_gate;

/* What is to be told when it is opened and when it is closed, by any thread; or NULL. */
extern void (*sampler_follow)(int open);

/* Opens or closes it. */
void sampler_turn(int open);

/* CPU time of the process, of which windows are intervals. */
uint64_t sampler_cpu_ns(void);

/* Starts the thread; windows last `length_ns`, the first gaps are short and grow to `gap_ns`. 1 on success. */
int sampler_start(double length_ns, double gap_ns);

/* Ends it, and waits until it is gone. For the time before a fork: CPython warns of threads. */
void sampler_stop(void);

/* In a child of fork, which has no such thread. */
void sampler_fork_child(void);

int sampler_is_running(void);

/* The CPU clock of the calling thread, and that it passes gates. Unlike the process's it is never late. */
clockid_t sampler_thread(void);

/* The mean gap from the next window on. */
void sampler_set_gap(double gap_ns);

/* Copies the latest window. 0 when there is none newer than `known`. */
int sampler_take(uint64_t known, sampler_window *window);

/* The window ends at this CPU time: closes the gate, unless a newer window has begun. */
void sampler_end(uint64_t number, uint64_t cpu_ns);

/* A random number in [0, 1), and one with an exponential distribution of mean 1. */
double sampler_uniform(uint64_t *state);
double sampler_exponential(uint64_t *state);

#endif
