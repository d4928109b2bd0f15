/* Time in which others had the CPU: in no operation that windows time, and what was waited for is in them. */
#define _GNU_SOURCE
#include "preempted.h"

#include <sched.h>
#include <signal.h>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <unistd.h>

#include "unit.h"

enum { LEAST_NS = 10000000, UNSURE_NS = 100000, MANY = 20 };

static uint64_t thread_ns(void) { return clock_ns(CLOCK_THREAD_CPUTIME_ID); }

static double ticks_per_ns(void) {
  static double rate;
  if (rate > 0) return rate;
  clock_anchor begin = clock_anchor_now();
  usleep(20000);
  clock_anchor end = clock_anchor_now();
  return rate = (double)(end.ticks - begin.ticks) / (double)(end.ns - begin.ns);
}

/*
 * Uses the CPU until it was taken away, and for so long that clocks are worth reading. Gives for how long it was away, in
 * ns; 0 if it never was.
 */
static uint64_t run_preempted(void) {
  long forced = off_cpu_count_switches().forced;
  uint64_t wall = clock_ns(CLOCK_MONOTONIC), cpu = thread_ns(), ran = 0, passed = 0;
  while ((ran = thread_ns() - cpu) < 2000000000) {
    passed = clock_ns(CLOCK_MONOTONIC) - wall;
    if (passed > LEAST_NS && off_cpu_count_switches().forced > forced && passed > ran + UNSURE_NS) return passed - ran;
  }
  return 0;
}

/* What an operation took, in ns, in which the CPU was taken away for `lost`. */
static double timed(recorder_site *site, recorder_site *inside, int waits, uint64_t *lost, uint64_t *cpu) {
  unit_clean_site(60);
  unit_clean_site(61);
  preempted_watch();
  uint64_t start = thread_ns();
  recorder_begin(site);
  if (inside) recorder_begin(inside);
  if (waits) usleep(1000);
  *lost = run_preempted();
  if (inside) recorder_end(inside, clock_now(), 0);
  recorder_end(site, clock_now(), 0);
  *cpu = thread_ns() - start;
  return (double)site->counters->total / ticks_per_ns();
}

static void test_preempted(recorder_site *inside) {
  uint64_t lost, cpu, all = 0;
  for (int i = 0; i < MANY && all < 50000000; i++) {
    double ns = timed(&sites[60], inside, 0, &lost, &cpu);
    CHECK(lost > 0);
    all += lost;
    CHECK(ns > 0 && ns < (double)cpu + UNSURE_NS);
    if (inside) CHECK(inside->counters->total <= sites[60].counters->total);
  }
  CHECK(all > 0);
}

/* Who waited, too, cannot tell what was for what. */
static void test_waited(void) {
  uint64_t lost, cpu;
  double ns = timed(&sites[60], NULL, 1, &lost, &cpu);
  CHECK(lost > 0 && ns > (double)(cpu + lost));
}

/* What fell into a look at operands is taken out with that, and not once more. */
static void test_preempted_in_a_look(void) {
  recorder_site *outer = unit_clean_site(60), *site = unit_clean_site(61);
  uint32_t number = site->number;
  site->number |= RECORDER_LOOKS;
  preempted_watch();
  recorder_begin(outer);
  recorder_this_thread->look = (recorder_look){.site = site, .start = clock_now()};
  CHECK(run_preempted() > 0);
  recorder_begin_looked(site, RECORDER_ANYWHERE);
  recorder_end(site, clock_now(), 0);
  recorder_end(outer, clock_now(), 0);
  site->number = number;
  double ns = (double)outer->counters->total / ticks_per_ns();
  CHECK(ns > -(double)UNSURE_NS && ns < 1e6);
}

/* Until the parent is gone. */
static _Noreturn void use_cpu(void) {
  prctl(PR_SET_PDEATHSIG, SIGKILL);
  close(STDOUT_FILENO);
  for (;;) {
  }
}

void test_preempted_time(void) {
  cpu_set_t before, one;
  int here = sched_getcpu();
  CHECK(here >= 0 && ticks_per_ns() > 0);
  CPU_ZERO(&one);
  CPU_SET((size_t)here, &one);
  CHECK(sched_getaffinity(0, sizeof before, &before) == 0 && sched_setaffinity(0, sizeof one, &one) == 0);
  fflush(stdout);
  pid_t other = fork();
  if (other == 0) use_cpu();
  test_preempted(NULL);
  test_preempted(&sites[61]);
  test_waited();
  test_preempted_in_a_look();
  recorder_was_preempted = NULL;
  CHECK(kill(other, SIGKILL) == 0 && waitpid(other, NULL, 0) == other);
  CHECK(sched_setaffinity(0, sizeof before, &before) == 0);
}
