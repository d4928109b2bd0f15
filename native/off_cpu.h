/*
 * Time that a thread is off the CPU: the difference of the wall's clock and its own CPU clock. Reading that one is a
 * system call, so it is read only when an operation ends and the last reading is long ago.
 */
#ifndef PYREWRITE_OFF_CPU_H
#define PYREWRITE_OFF_CPU_H

#include <stdint.h>

/* Whether there is a GIL to wait for. */
#ifdef PYREWRITE_FREE_THREADED
#define OFF_CPU_BY_GIL 0
#else
#define OFF_CPU_BY_GIL 1
#endif

/* The clocks of a thread at the latest reading. */
typedef struct {
  uint64_t due;  /* ticks: from here on they are worth reading again */
  uint64_t read; /* ticks: the operation's end that it was for */
  uint64_t at;   /* ticks: when it was made, behind that */
  uint64_t wall; /* ns */
  uint64_t cpu;  /* ns, of this thread */
  uint64_t all;  /* ns, of all threads of the process */
} off_cpu_clock;

/* What happened from one reading to the next. */
typedef struct {
  uint64_t since;     /* ticks: when it began */
  double ns_per_tick; /* 0 where nothing is known */
  uint64_t off;       /* ns off the CPU; 0 for what may be noise */
  uint64_t ran;       /* ns on it */
  uint64_t late;      /* ticks from the operation's end to the reading: they may be among those off the CPU */
  uint64_t others;    /* ns that other threads of the process ran */
} off_cpu_span;

/* How often the calling thread left the CPU so far. */
typedef struct {
  long waits;  /* because it waited for something */
  long forced; /* because others were given it */
} off_cpu_switches;

/* Zeros where the system does not tell. */
off_cpu_switches off_cpu_count_switches(void);

/* Makes a reading with nothing before it. */
void off_cpu_start(off_cpu_clock *clock);

/* Makes a reading at an operation's end, which was at `now`. */
off_cpu_span off_cpu_read(off_cpu_clock *clock, uint64_t now);

/* Whether an act that should take much less took so many ticks since it was interrupted. */
int off_cpu_is_long(uint64_t ticks);

/* Not zero when the clocks are to be read; for use in one test with others. */
static inline uint64_t off_cpu_is_due(const off_cpu_clock *clock, uint64_t now) { return (clock->due - now) >> 63; }

#endif
