#include "preempted.h"

#include "recorder.h"
#include "sampler.h"

enum { UNKNOWN = -1 };

/* The thread that began to time latest, by its CPU clock, and how often it had left the CPU at its latest reading. */
static struct {
  clockid_t thread;
  off_cpu_switches switches;
} watched;

/* Where it waited, too, nobody knows how much was for what. */
static int was_preempted(void) {
  if (watched.thread != sampler_thread()) return 0;
  off_cpu_switches before = watched.switches;
  watched.switches = off_cpu_count_switches();
  return watched.switches.forced > before.forced && watched.switches.waits == before.waits;
}

/* What it waited for since its latest reading is of operations that are open, if there are any: their ends will tell. */
void preempted_watch(void) {
  if (!recorder_ready()) return;
  clockid_t thread = sampler_thread();
  off_cpu_switches now = off_cpu_count_switches();
  recorder_was_preempted = was_preempted;
  if (watched.thread == thread && watched.switches.waits == now.waits) {
    recorder_skip_preempted();
    return;
  }
  watched.thread = thread;
  watched.switches = now;
  if (recorder_depth() > 0) watched.switches.waits = UNKNOWN;
  else off_cpu_start(&recorder_this_thread->off_cpu);
}
