/* Many threads that take turns as under the GIL. */
#define _GNU_SOURCE
#include <pthread.h>
#include <unistd.h>

#include "unit.h"

static pthread_mutex_t gil = PTHREAD_MUTEX_INITIALIZER;

static void *thread_body(void *argument) {
  recorder_site *a = &sites[30], *b = &sites[31];
  for (int i = 0; i < 2000; i++) {
    pthread_mutex_lock(&gil);
    recorder_begin(a);
    recorder_begin(b);
    pthread_mutex_unlock(&gil);
    pthread_mutex_lock(&gil);
    recorder_end(b, clock_now(), 0);
    recorder_end(a, clock_now(), i & 1);
    pthread_mutex_unlock(&gil);
  }
  return argument;
}

static void test_threads_taking_turns(void) {
  enum { THREADS = 64 };
  pthread_t threads[THREADS];
  uint32_t before = profile_head()->threads;
  uint64_t lost = profile_head()->lost_spans + profile_head()->lost_ends;
  for (int i = 0; i < THREADS; i++) CHECK(pthread_create(&threads[i], NULL, thread_body, NULL) == 0);
  for (int i = 0; i < THREADS; i++) pthread_join(threads[i], NULL);
  CHECK(sites[30].counters->count == THREADS * 2000u && sites[31].counters->count == THREADS * 2000u);
  CHECK(sites[30].counters->raised == THREADS * 1000u);
  CHECK(sites[30].counters->total >= sites[31].counters->total && sites[31].counters->total > 0);
  CHECK(profile_head()->threads == before + THREADS);
  CHECK(profile_head()->lost_spans + profile_head()->lost_ends == lost);
}

/* Threads come and go by the thousand; what they had is freed, and what they left open is no one else's. */
static void *short_life(void *argument) {
  pthread_mutex_lock(&gil);
  recorder_begin(&sites[32]);
  recorder_end(&sites[32], clock_now(), 0);
  if (*(int *)argument % 2) recorder_begin(&sites[33]);
  pthread_mutex_unlock(&gil);
  return NULL;
}

static void test_many_threads(void) {
  enum { THREADS = 2000, AT_ONCE = 4 };
  pthread_t threads[AT_ONCE];
  int numbers[AT_ONCE];
  recorder_begin(&sites[33]);
  for (int i = 0; i < THREADS; i += AT_ONCE) {
    for (int k = 0; k < AT_ONCE; k++) {
      numbers[k] = i + k;
      CHECK(pthread_create(&threads[k], NULL, short_life, &numbers[k]) == 0);
    }
    for (int k = 0; k < AT_ONCE; k++) pthread_join(threads[k], NULL);
  }
  recorder_end(&sites[33], clock_now(), 0);
  CHECK(sites[32].counters->count == THREADS && sites[33].counters->count == 1 && recorder_depth() == 0);
}

void test_threads(void) {
  test_threads_taking_turns();
  test_many_threads();
}
