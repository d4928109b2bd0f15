/* The clock that operations are timed with: the CPU's counter where it is invariant, else CLOCK_MONOTONIC. */
#ifndef PYREWRITE_CLOCK_H
#define PYREWRITE_CLOCK_H

#include <stdint.h>
#include <time.h>

typedef struct {
  uint64_t ticks;
  uint64_t ns; /* CLOCK_MONOTONIC */
} clock_anchor;

/* PROFILE_CLOCK_*; set once by clock_init before the first probe exists. */
extern uint32_t clock_source;

/* Chooses the clock. PYREWRITE_CLOCK=monotonic asks for the fallback. */
void clock_init(void);

/* The same instant on both clocks, as well as can be had in a few microseconds. */
clock_anchor clock_anchor_now(void);

/* The smallest step that the clock makes, as far as can be seen in a few microseconds: some TSCs move 26 at a time. */
uint64_t clock_step(void);

uint64_t clock_ns(clockid_t id);

/* From `start` to `now`: below zero where `start` is in the future. */
static inline double clock_since(uint64_t now, uint64_t start) { return (double)(int64_t)(now - start); }

/* `time` before `now`; after it where `time` is below zero. */
static inline uint64_t clock_before(uint64_t now, double time) { return now - (uint64_t)(int64_t)time; }

/*
 * Ticks in a step of the CPU's counter. That of arm64 counts with 19 MHz to 1 GHz, and costs of probes are taken off in
 * whole ticks: at 24 MHz half of one would be 21 ns, at each of the operations inside. So it is told in 64ths.
 */
#if defined(__aarch64__)
#define CLOCK_COUNTER_STEP 64u
#else
#define CLOCK_COUNTER_STEP 1u
#endif

static inline uint64_t clock_fallback(void) {
  struct timespec t;
  clock_gettime(CLOCK_MONOTONIC, &t);
  return (uint64_t)t.tv_sec * 1000000000u + (uint64_t)t.tv_nsec;
}

/* The CPU's counter. Not serializing: waiting for the pipeline would cost more than most operations last. */
static inline uint64_t clock_counter(void) {
#if defined(__x86_64__) || defined(__i386__)
  return __builtin_ia32_rdtsc(); /* as __rdtsc(), whose header is the larger part of what it takes to compile a file */
#elif defined(__aarch64__)
  uint64_t ticks;
  __asm__ volatile("mrs %0, cntvct_el0" : "=r"(ticks));
  return ticks * CLOCK_COUNTER_STEP;
#else
  return clock_fallback();
#endif
}

static inline int clock_is_counter(void) { return clock_source == 1 || clock_source == 2; }

/* Now, in ticks. */
static inline uint64_t clock_now(void) { return clock_is_counter() ? clock_counter() : clock_fallback(); }

#endif
