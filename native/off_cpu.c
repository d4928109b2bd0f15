#define _GNU_SOURCE
#include "off_cpu.h"

#include <sys/resource.h>

#include "clock.h"

enum {
  SHORTEST_NS = 50000, /* between two readings */
  COST_FACTOR = 200,   /* they take one part in so many of a thread's time */
  SAMPLES = 16,
  NOISE_NS = 5000,     /* three clocks cannot be read at the same instant */
  NOISE_FACTOR = 4
};

static uint64_t interval_ticks; /* 0 until measured */
static uint64_t noise_ns;

static void read_clocks(off_cpu_clock *clock) {
  clock->at = clock_now();
  clock->wall = clock_ns(CLOCK_MONOTONIC);
  clock->cpu = clock_ns(CLOCK_THREAD_CPUTIME_ID);
  clock->all = clock_ns(CLOCK_PROCESS_CPUTIME_ID);
}

/* System calls take 100 ns on one machine and 2 us on another. */
static void choose_interval(void) {
  uint64_t least_ticks = UINT64_MAX, least_ns = UINT64_MAX;
  off_cpu_clock clock;
  for (int i = 0; i < SAMPLES; i++) {
    uint64_t ticks = clock_now(), ns = clock_ns(CLOCK_MONOTONIC);
    read_clocks(&clock);
    ticks = clock_now() - ticks;
    ns = clock_ns(CLOCK_MONOTONIC) - ns;
    if (ticks < least_ticks) least_ticks = ticks;
    if (ns < least_ns) least_ns = ns;
  }
  if (least_ns == 0) least_ns = 1;
  uint64_t factor = SHORTEST_NS / least_ns + 1;
  interval_ticks = (least_ticks + 1) * (factor > COST_FACTOR ? factor : COST_FACTOR);
  noise_ns = least_ns * NOISE_FACTOR > NOISE_NS ? least_ns * NOISE_FACTOR : NOISE_NS;
}

void off_cpu_start(off_cpu_clock *clock) {
  if (interval_ticks == 0) choose_interval();
  read_clocks(clock);
  clock->read = clock->at;
  clock->due = clock->read + interval_ticks;
}

off_cpu_switches off_cpu_count_switches(void) {
  off_cpu_switches switches = {0, 0};
#ifdef RUSAGE_THREAD
  struct rusage usage;
  if (getrusage(RUSAGE_THREAD, &usage) == 0) switches = (off_cpu_switches){usage.ru_nvcsw, usage.ru_nivcsw};
#endif
  return switches;
}

int off_cpu_is_long(uint64_t ticks) { return ticks > interval_ticks; }

static uint64_t above(uint64_t a, uint64_t b) { return a > b ? a - b : 0; }

off_cpu_span off_cpu_read(off_cpu_clock *clock, uint64_t now) {
  off_cpu_clock before = *clock;
  read_clocks(clock);
  clock->read = now;
  clock->due = now + interval_ticks;
  uint64_t wall = above(clock->wall, before.wall), cpu = above(clock->cpu, before.cpu);
  if (now <= before.read || clock->at <= before.at || wall == 0) return (off_cpu_span){.since = before.read};
  double ns_per_tick = (double)wall / (double)(clock->at - before.at);
  uint64_t off = above(wall, cpu);
  return (off_cpu_span){
      .since = before.read,
      .ns_per_tick = ns_per_tick,
      .off = off > noise_ns ? off : 0,
      .ran = cpu,
      .late = above(clock->at, now),
      .others = above(above(clock->all, before.all), cpu),
  };
}
