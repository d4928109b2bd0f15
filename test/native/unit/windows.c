/* The sampler's thread, and windows over a program that is a loop of operations. */
#define _GNU_SOURCE
#include "windows.h"

#include <stdatomic.h>
#include <string.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include "sampler.h"
#include "unit.h"

enum { SITE = 20, SITE_SELDOM = 21 };

static uint64_t thread_cpu_ns(void) {
  struct timespec time;
  clock_gettime(CLOCK_THREAD_CPUTIME_ID, &time);
  return (uint64_t)time.tv_sec * 1000000000u + (uint64_t)time.tv_nsec;
}

/* Half of each half, and so on; squares tell the spread. */
static void test_random_numbers(void) {
  enum { DRAWS = 200000 };
  uint64_t state = 12345;
  double sum = 0, exponential = 0, squares = 0;
  for (int i = 0; i < DRAWS; i++) {
    double x = sampler_uniform(&state), y = sampler_exponential(&state);
    CHECK(x >= 0 && x < 1 && y >= 0);
    sum += x;
    exponential += y;
    squares += y * y;
  }
  CHECK(sum / DRAWS > 0.49 && sum / DRAWS < 0.51);
  CHECK(exponential / DRAWS > 0.98 && exponential / DRAWS < 1.02);
  CHECK(squares / DRAWS > 1.9 && squares / DRAWS < 2.1);
}

/* Burns CPU until there is a window, which takes a few milliseconds of it. */
static int next_window(uint64_t known, sampler_window *window) {
  for (uint64_t end = thread_cpu_ns() + 4000000000u; thread_cpu_ns() < end;)
    if (sampler_take(known, window)) return 1;
  return 0;
}

static void take_windows(int count) {
  sampler_window window = {0};
  sampler_take(0, &window);
  sampler_end(window.number, sampler_cpu_ns()); /* of an earlier start, or this one's first already */
  uint64_t known = window.number, cpu_ns = 0;
  for (int i = 0; i < count; i++) {
    CHECK(next_window(known, &window));
    CHECK(window.number > known && window.cpu_ns >= cpu_ns && window.gap_ns > 0 && window.ticks > 0);
    CHECK(atomic_load(sampler_gate) == 1);
    CHECK(!sampler_take(window.number, &window) || window.number > known + 1);
    known = window.number;
    cpu_ns = window.cpu_ns;
    sampler_end(known, sampler_cpu_ns());
  }
}

static void in_child(void) {
  sampler_fork_child();
  CHECK(!sampler_is_running());
  CHECK(sampler_start(100000, 2000000) && sampler_is_running());
  take_windows(3);
  sampler_stop();
}

static void test_sampler(void) {
  _Atomic(intptr_t) gate = 0, *before = sampler_gate;
  sampler_gate = &gate;
  CHECK(!sampler_is_running());
  sampler_stop();
  for (int turn = 0; turn < 3; turn++) {
    CHECK(sampler_start(100000, 2000000) && sampler_start(100000, 2000000) && sampler_is_running());
    take_windows(10);
    sampler_stop();
    CHECK(!sampler_is_running());
  }
  fflush(stdout);
  pid_t pid = fork();
  if (pid == 0) {
    in_child();
    _exit(0);
  }
  int status = -1;
  CHECK(waitpid(pid, &status, 0) == pid && WIFEXITED(status) && WEXITSTATUS(status) == 0);
  atomic_store(&gate, 0);
  sampler_gate = before;
}

/* What nobody takes is told of with the next one. */
static void test_missed(void) {
  sampler_window window = {0};
  sampler_take(0, &window);
  uint64_t known = window.number;
  CHECK(sampler_start(50000, 1000000));
  CHECK(next_window(known, &window));
  sampler_end(window.number, sampler_cpu_ns());
  known = window.number;
  for (uint64_t end = thread_cpu_ns() + 100000000u; thread_cpu_ns() < end;) sampler_uniform(&known);
  known = window.number;
  CHECK(next_window(known, &window));
  CHECK(window.missed == window.number - known - 1);
  CHECK(window.missed == 0 || (window.missed_sum > 0 && window.missed_squares > 0));
  sampler_end(window.number, sampler_cpu_ns());
  sampler_stop();
}

/* ---- windows */

static recorder_site *site_at(void *all, uint32_t index) { return (recorder_site *)all + index; }

static profile_window_site_t sums[2];

static void begin(const char *gate) {
  setenv("PYREWRITE_GATE", gate, 1);
  windows_init();
  memset(sums, 0, sizeof sums);
  unit_clean_site(SITE);
  unit_clean_site(SITE_SELDOM);
  CHECK(windows_add(SITE, 2, site_at, &sites[SITE], sums));
  CHECK(windows_sums(SITE) == &sums[0] && windows_sums(SITE_SELDOM) == &sums[1] && !windows_sums(1u << 20));
}

static void test_gates(void) {
  begin("open");
  CHECK(atomic_load(sampler_gate) == 1 && windows_pass() && windows_start() == 0);
  windows_switch(0);
  CHECK(!windows_pass() && atomic_load(sampler_gate) == 0);
  windows_switch(1);
  CHECK(windows_pass() && atomic_load(sampler_gate) == 1);
  begin("shut");
  CHECK(!windows_pass() && atomic_load(sampler_gate) == 0);
  begin("random");
  int passed = 0;
  for (int i = 0; i < 10000; i++) passed += windows_pass();
  CHECK(passed > 4500 && passed < 5500);
}

static void operate(uint32_t index) {
  recorder_begin(&sites[index]);
  recorder_end(&sites[index], clock_now(), 0);
  windows_pairs++;
  windows_touch(&sites[index]);
}

/* Passes gates and does what follows them, as code with two bodies would. Gives the number of passages. */
static uint64_t work(uint64_t cpu_ns) {
  uint64_t passages = 0;
  for (uint64_t end = thread_cpu_ns() + cpu_ns; thread_cpu_ns() < end; passages++) {
    int timed = atomic_load(sampler_gate) && windows_pass();
    if (timed) operate(SITE);
    if (timed && passages % 50 == 0) operate(SITE_SELDOM);
  }
  return passages;
}

static void measure_clock(void) {
  struct timespec pause = {0, 20000000}, before, after;
  clock_gettime(CLOCK_MONOTONIC, &before);
  uint64_t ticks = clock_now();
  nanosleep(&pause, NULL);
  ticks = clock_now() - ticks;
  clock_gettime(CLOCK_MONOTONIC, &after);
  double ns = (double)(after.tv_sec - before.tv_sec) * 1e9 + (double)(after.tv_nsec - before.tv_nsec);
  profile_head()->ticks_per_second = (double)ticks / ns * 1e9;
}

/* Wide bounds: the clock of a machine that does much else is no clock. */
static void test_estimates(void) {
  setenv("PYREWRITE_OVERHEAD", "0.5", 1);
  begin("windows");
  unsetenv("PYREWRITE_OVERHEAD");
  const profile_header_t *head = profile_head();
  uint64_t passages = 0, before = head->windows;
  for (uint64_t end = thread_cpu_ns() + 6000000000u; head->windows < before + 100 && thread_cpu_ns() < end;)
    passages += work(50000000u);
  windows_finish();
  CHECK(head->windows >= 10 && head->window_sum > 0 && head->window_squares > 0);
  CHECK(sums[0].windows > 0 && sums[0].windows <= head->windows && sums[1].windows <= sums[0].windows);
  CHECK(sums[0].count_sum > 0 && sums[0].count_squares > 0 && sums[0].count_products > 0);
  CHECK(sites[SITE].counters->count > sites[SITE_SELDOM].counters->count);
  double x = head->window_sum * (head->window_passed + 1) / (head->window_counted + 1);
  double estimate = sums[0].count_sum * head->sampled_cpu_ns / x;
  CHECK(estimate > (double)passages / 4 && estimate < (double)passages * 4);
  double seldom = sums[1].count_sum * 50 / sums[0].count_sum;
  CHECK(seldom > 0.5 && seldom < 2);
  CHECK(!sampler_is_running() && atomic_load(sampler_gate) == 0 && head->sampling_cost_ns > 0);
}

/* Off: no window; and a fork stops the thread, which the next passage starts again. */
static void test_switch_and_fork(void) {
  begin("windows");
  CHECK(sampler_is_running());
  work(50000000u);
  windows_switch(0);
  double sum = sums[0].count_sum;
  uint64_t count = sites[SITE].counters->count;
  work(100000000u);
  CHECK(sites[SITE].counters->count == count && sums[0].count_sum >= sum);
  windows_switch(1);
  windows_before_fork();
  CHECK(!sampler_is_running());
  windows_after_fork(0);
  CHECK(atomic_load(sampler_gate) == 1);
  work(1000000u);
  CHECK(sampler_is_running());
  windows_finish();
}

/* Passes gates until as many more windows are over; 0 where they do not come. */
static int more_windows(uint64_t count) {
  uint64_t wanted = profile_head()->windows + count;
  for (uint64_t end = thread_cpu_ns() + 4000000000u; profile_head()->windows < wanted;) {
    if (thread_cpu_ns() > end) return 0;
    work(1000000u);
  }
  return 1;
}

/* A fork while a window is open: others follow. */
static void test_fork_in_window(void) {
  setenv("PYREWRITE_OVERHEAD", "0.5", 1);
  begin("windows");
  unsetenv("PYREWRITE_OVERHEAD");
  for (int turn = 0; turn < 3; turn++) {
    for (uint64_t end = thread_cpu_ns() + 4000000000u; !windows_pass() && thread_cpu_ns() < end;) continue;
    windows_before_fork();
    windows_after_fork(0);
    CHECK(more_windows(5));
  }
  windows_finish();
}

void test_windows(void) {
  double second = profile_head()->ticks_per_second;
  measure_clock();
  test_random_numbers();
  test_sampler();
  test_missed();
  test_gates();
  test_estimates();
  test_switch_and_fork();
  test_fork_in_window();
  begin("shut");
  profile_head()->ticks_per_second = second;
}
