/* The clock: steps, anchors, rates, and the fallback. */
#define _GNU_SOURCE
#include "clock.h"

#include <unistd.h>

#include "unit.h"

static double rate_between(clock_anchor a, clock_anchor b) { return (double)(b.ticks - a.ticks) / (double)(b.ns - a.ns); }

static void test_moves_forward(void) {
  uint64_t before = clock_now();
  for (int i = 0; i < 100000; i++) {
    uint64_t now = clock_now();
    CHECK(now >= before);
    before = now;
  }
}

/* The rate over a short time is the one over a longer: anchors are the same instant on both clocks. */
static void test_anchors(void) {
  clock_anchor a = clock_anchor_now();
  usleep(2000);
  clock_anchor b = clock_anchor_now();
  usleep(50000);
  clock_anchor c = clock_anchor_now();
  CHECK(b.ticks > a.ticks && b.ns - a.ns >= 2000000);
  double ratio = rate_between(a, b) / rate_between(b, c);
  CHECK(ratio > 0.99 && ratio < 1.01);
}

static void test_counter(void) {
  CHECK(unsetenv("PYREWRITE_CLOCK") == 0);
  clock_init();
#if defined(__x86_64__) || defined(__i386__)
  CHECK(clock_source == PROFILE_CLOCK_TSC || clock_source == PROFILE_CLOCK_MONOTONIC);
#elif defined(__aarch64__)
  CHECK(clock_source == PROFILE_CLOCK_CNTVCT);
  uint64_t frequency;
  __asm__ volatile("mrs %0, cntfrq_el0" : "=r"(frequency));
  clock_anchor a = clock_anchor_now();
  usleep(100000);
  double ratio = rate_between(a, clock_anchor_now()) * 1e9 / ((double)frequency * CLOCK_COUNTER_STEP);
  CHECK(ratio > 0.999 && ratio < 1.001); /* what we measure is what the CPU says */
  CHECK((double)frequency * CLOCK_COUNTER_STEP > 1e9); /* so that whole ticks are exact enough */
#else
  CHECK(clock_source == PROFILE_CLOCK_MONOTONIC);
#endif
  CHECK(clock_is_counter() == (clock_source != PROFILE_CLOCK_MONOTONIC));
  test_moves_forward();
  test_anchors();
  CHECK(clock_step() >= CLOCK_COUNTER_STEP);
}

static void test_fallback(void) {
  CHECK(setenv("PYREWRITE_CLOCK", "monotonic", 1) == 0);
  clock_init();
  CHECK(clock_source == PROFILE_CLOCK_MONOTONIC && !clock_is_counter());
  for (int i = 0; i < 1000; i++) {
    uint64_t before = clock_ns(CLOCK_MONOTONIC), ticks = clock_now(), after = clock_ns(CLOCK_MONOTONIC);
    CHECK(before <= ticks && ticks <= after);
  }
  test_moves_forward();
  test_anchors();
}

/* Clocks of 1 us, of 24 MHz and of 1 GHz, as arm64 machines have them; ns between steps are not whole numbers. */
static void test_coarse_clocks(void) {
  static const double steps[] = {1000, 1e9 / 24e6, 1e9 / 19.2e6, 1e9 / 62.5e6};
  for (unsigned i = 0; i < sizeof steps / sizeof *steps; i++) {
    unit_set_clock_step(steps[i]);
    double found = (double)clock_step(), slack = steps[i] * 0.05 + 1;
    double whole = found < steps[i] ? 1 : (double)(uint64_t)(found / steps[i] + 0.5);
    /* reading may take longer than a step; then it is told as some steps, or as fine */
    CHECK(found == 1 || (found > whole * steps[i] - slack && found < whole * steps[i] + slack));
    if (steps[i] >= 1000) CHECK(found == 1 || (uint64_t)found % 1000 == 0);
    test_moves_forward();
  }
  unit_set_clock_step(0);
}

void test_clock(void) {
  test_fallback();
  test_coarse_clocks();
  test_counter(); /* last, so that the other tests have it */
}
