#define _GNU_SOURCE
#include "clock.h"

#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>
#if defined(__x86_64__) || defined(__i386__)
#include <cpuid.h>
#endif

#include "profile_format.h"

_Static_assert(PROFILE_CLOCK_TSC == 1 && PROFILE_CLOCK_CNTVCT == 2, "clock_now compares with these");

uint32_t clock_source = PROFILE_CLOCK_MONOTONIC;

#if defined(__x86_64__) || defined(__i386__)

/* The kernel stops using the TSC when it finds that CPUs disagree; then neither do we. */
static int kernel_distrusts_tsc(void) {
  char name[16] = "";
  int fd = open("/sys/devices/system/clocksource/clocksource0/current_clocksource", O_RDONLY | O_CLOEXEC);
  if (fd < 0) return 0;
  ssize_t n = read(fd, name, sizeof name - 1);
  close(fd);
  return n > 0 && (!strncmp(name, "hpet", 4) || !strncmp(name, "acpi_pm", 7) || !strncmp(name, "jiffies", 7));
}

static uint32_t cpu_counter(void) {
  unsigned a, b, c, d;
  int invariant = __get_cpuid(0x80000007u, &a, &b, &c, &d) && (d & (1u << 8));
  return invariant && !kernel_distrusts_tsc() ? PROFILE_CLOCK_TSC : PROFILE_CLOCK_MONOTONIC;
}

#elif defined(__aarch64__)

static uint32_t cpu_counter(void) { return PROFILE_CLOCK_CNTVCT; }

#else

static uint32_t cpu_counter(void) { return PROFILE_CLOCK_MONOTONIC; }

#endif

void clock_init(void) {
  const char *wish = getenv("PYREWRITE_CLOCK");
  clock_source = wish && !strcmp(wish, "monotonic") ? PROFILE_CLOCK_MONOTONIC : cpu_counter();
}

uint64_t clock_ns(clockid_t id) {
  struct timespec t;
  clock_gettime(id, &t);
  return (uint64_t)t.tv_sec * 1000000000u + (uint64_t)t.tv_nsec;
}

clock_anchor clock_anchor_now(void) {
  clock_anchor best = {0, 0};
  uint64_t best_width = UINT64_MAX;
  for (int i = 0; i < 8; i++) {
    uint64_t before = clock_now();
    uint64_t ns = clock_ns(CLOCK_MONOTONIC);
    uint64_t width = clock_now() - before;
    if (width >= best_width) continue;
    best_width = width;
    best.ticks = before + width / 2;
    best.ns = ns;
  }
  return best;
}

/*
 * Reads the clock with varying delays in between. A clock finer than the delays shows many differences; where one
 * difference dominates nevertheless, reads wait for it or round to it.
 */
uint64_t clock_step(void) {
  enum { READS = 256 };
  uint64_t differences[READS];
  uint64_t before = clock_now();
  for (unsigned i = 0; i < READS; i++) {
    for (volatile unsigned k = 0; k < (i & 7); k++) continue;
    uint64_t now = clock_now();
    differences[i] = now - before;
    before = now;
  }
  unsigned moved = 0, best_count = 0;
  uint64_t finest = clock_is_counter() ? CLOCK_COUNTER_STEP : 1;
  uint64_t best = finest;
  for (unsigned i = 0; i < READS; i++) {
    unsigned count = 0;
    for (unsigned j = 0; j < READS; j++) count += differences[j] == differences[i];
    moved += differences[i] != 0;
    if (differences[i] == 0 || count <= best_count) continue;
    best = differences[i];
    best_count = count;
  }
  return best_count * 2 > moved ? best : finest;
}
