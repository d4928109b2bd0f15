/*
 * Tests of the recorder without Python. Prints "ok N" with the number of checks, or what failed and exits with 1.
 * With PYREWRITE_FAULT it makes a mistake instead, which the sanitizer that it is compiled with must see.
 */
#define _GNU_SOURCE
#include <pthread.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include "unit.h"

long unit_checks;
recorder_site sites[SITES];

uint64_t unit_random(void) {
  static uint64_t state = 0x9E3779B97F4A7C15u;
  state ^= state << 13;
  state ^= state >> 7;
  state ^= state << 17;
  return state * 0x2545F4914F6CDD1Du;
}

uint32_t unit_count_records(uint32_t type) {
  uint32_t found = 0;
  uint64_t at = PROFILE_HEADER_SIZE;
  for (profile_record_t *record; at < profile_head()->used; at += record->length) {
    record = (profile_record_t *)(profile_base + at);
    CHECK(at % PROFILE_ALIGNMENT == 0 && record->length % PROFILE_ALIGNMENT == 0 && record->length > 0);
    CHECK(record->type == 99 || (record->type >= PROFILE_RECORD_PROCESS && record->type <= PROFILE_RECORD_TAXES));
    CHECK(record->reserved == 0);
    found += record->type == type;
  }
  CHECK(at == profile_head()->used && at <= profile_head()->file_size);
  return found;
}

/* Before the end: valgrind looks for pointers in all that is mapped, and most of a profile's mapping has no file. */
static void unmap_tail(void) {
  size_t used = ((size_t)profile_head()->file_size + 65535) / 65536 * 65536;
  munmap(profile_base + used, ((size_t)1 << (sizeof(void *) > 4 ? 30 : 27)) - used);
}

int unit_in_child(void (*body)(void)) {
  fflush(stdout);
  pid_t pid = fork();
  if (pid == 0) {
    profile_fork_child();
    recorder_fork_child();
    body();
    fflush(stdout);
    unmap_tail();
    _exit(0);
  }
  int status = -1;
  CHECK(waitpid(pid, &status, 0) == pid);
  CHECK(WIFEXITED(status) && WEXITSTATUS(status) == 0);
  return (int)pid;
}

recorder_site *unit_clean_site(uint32_t index) {
  profile_site_t *counters = sites[index].counters;
  memset(counters, 0, sizeof *counters);
  profile_tax_t *taxes = sites[index].taxes;
  if (taxes) *taxes = (profile_tax_t){.site = index};
  if (profile_head()->latest_site == profile_offset(counters)) profile_head()->latest_site = 0;
  return &sites[index];
}

uint64_t unit_file_size(const char *path) {
  struct stat st;
  return stat(path, &st) == 0 ? (uint64_t)st.st_size : UINT64_MAX;
}

/* ---- a coarse clock: the linker leads the runtime's calls here */

int __real_clock_gettime(clockid_t id, struct timespec *time);
int __wrap_clock_gettime(clockid_t id, struct timespec *time);

static double clock_step_ns;

void unit_set_clock_step(double ns) { clock_step_ns = ns; }

int __wrap_clock_gettime(clockid_t id, struct timespec *time) {
  int result = __real_clock_gettime(id, time);
  if (clock_step_ns <= 0 || id != CLOCK_MONOTONIC) return result;
  uint64_t ns = (uint64_t)time->tv_sec * 1000000000u + (uint64_t)time->tv_nsec;
  ns = (uint64_t)((double)(uint64_t)((double)ns / clock_step_ns) * clock_step_ns);
  time->tv_sec = (time_t)(ns / 1000000000u);
  time->tv_nsec = (long)(ns % 1000000000u);
  return result;
}

/* ---- mistakes on purpose */

static volatile int zero;
static int shared;

static void *touch_shared(void *argument) {
  for (int i = 0; i < 100000; i++) shared++;
  return argument;
}

/* Many, so that what is left in registers points to a few of them at most. */
__attribute__((noinline)) static void leak(void) {
  for (int i = 0; i < 1000; i++) {
    volatile char *place = malloc((size_t)(100 + zero));
    if (place) place[0] = 1;
  }
}

static void make_mistake(const char *kind) {
  int *place = calloc(4, sizeof *place);
  if (!place) exit(3);
  if (!strcmp(kind, "overflow")) place[4 + zero] = 1;
  if (!strcmp(kind, "undefined")) zero = (INT32_MAX - zero) + (place[0] + 1);
  if (!strcmp(kind, "race")) {
    pthread_t thread;
    CHECK(pthread_create(&thread, NULL, touch_shared, NULL) == 0);
    touch_shared(NULL);
    pthread_join(thread, NULL);
  }
  if (!strcmp(kind, "leak")) leak();
  free(place);
  printf("made a mistake: %s\n", kind);
}

int main(void) {
  const char *mistake = getenv("PYREWRITE_FAULT");
  if (mistake) {
    make_mistake(mistake);
    return 0;
  }
  test_places();
  test_clock();
  test_histogram_places();
  test_site_tables();
  test_first_profile();
  test_histograms();
  test_recorder();
  test_awaits();
  test_variants();
  test_taxes();
  test_pace();
  test_contexts();
  test_threads();
  test_preempted_time();
  test_windows();
  test_profile_file();
  unmap_tail();
  printf("ok %ld\n", unit_checks);
  return 0;
}
