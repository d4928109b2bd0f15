/*
 * The recorder for interpreters without a GIL, without Python: threads that run at the same time count exactly, and
 * ThreadSanitizer finds no race. Prints "ok N" with the number of operations that were counted, or what failed.
 */
#define _GNU_SOURCE
#include <pthread.h>
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#include "names.h"
#include "recorder_parts.h"
#include "shared.h"

enum { THREADS = 8, SITES = 3, TABLES = 5, FRAMES = 200 };
enum { OUTER, INNER, AWAIT };

static recorder_site sites[TABLES][SITES];
static profile_sites_t *records[TABLES];
static uint64_t counted;
static uint64_t rounds = 20000;

#define CHECK(condition)                                     \
  do {                                                       \
    if (!(condition)) {                                      \
      printf("%s:%d: %s\n", __FILE__, __LINE__, #condition); \
      exit(1);                                               \
    }                                                        \
  } while (0)

static void add_table(int number) {
  SHARED_SCOPE();
  profile_table_t *text = profile_add_record(PROFILE_RECORD_TABLE, sizeof *text);
  profile_sites_t *record = profile_add_record(PROFILE_RECORD_SITES, sizeof *record + SITES * sizeof(profile_site_t));
  CHECK(text && record);
  record->table = profile_offset(text);
  record->first_site = (uint32_t)(number * SITES);
  record->site_count = SITES;
  profile_publish();
  records[number] = record;
  uint32_t table = recorder_add_table((profile_site_t *)(record + 1), SITES);
  for (uint32_t i = 0; i < SITES; i++)
    sites[number][i] = (recorder_site){(profile_site_t *)(record + 1) + i, record->first_site + i, table, i};
}

typedef struct {
  uint64_t count, raised, lost, durations;
  uint32_t records;
} sums;

static uint64_t durations(const profile_site_t *site) {
  uint64_t sum = 0;
  for (unsigned octave = 0; octave < PROFILE_OCTAVES; octave++)
    for (unsigned bucket = 0; site->blocks[octave] && bucket < PROFILE_SUB_BUCKETS; bucket++)
      sum += profile_block(site->blocks[octave])[bucket];
  return sum;
}

/* Of all threads. */
static sums sums_of(int table, int site) {
  sums all = {0};
  const profile_record_t *record;
  for (uint64_t at = PROFILE_HEADER_SIZE; at < profile_head()->used; at += record->length) {
    record = (const profile_record_t *)(profile_base + at);
    CHECK(record->length > 0);
    const profile_sites_t *head = (const profile_sites_t *)(const void *)record;
    if (record->type != PROFILE_RECORD_SITES || head->table != records[table]->table) continue;
    const profile_site_t *counters = (const profile_site_t *)(head + 1) + site;
    CHECK(head->site_count == SITES && durations(counters) == counters->count);
    all.count += counters->count;
    all.raised += counters->raised;
    all.lost += counters->lost;
    all.records++;
  }
  return all;
}

static void run(void *(*body)(void *), int count) {
  pthread_t threads[THREADS];
  for (int i = 0; i < count; i++) CHECK(pthread_create(&threads[i], NULL, body, (void *)(intptr_t)i) == 0);
  for (int i = 0; i < count; i++) CHECK(pthread_join(threads[i], NULL) == 0);
}

/* ---- operations */

static void *operate(void *argument) {
  for (uint64_t i = 0; i < rounds; i++) {
    recorder_site *outer = &sites[i % TABLES][OUTER], *inner = &sites[(i + 1) % TABLES][INNER];
    recorder_begin(outer);
    recorder_begin(inner);
    recorder_end(inner, clock_now() + (i & 0xFFF), i % 2 == 0);
    if (i % 8 == 0) recorder_begin(inner); /* whose end is not seen */
    recorder_end(outer, clock_now(), 0);
    if (i % 1000 == 0) profile_anchor();
  }
  return argument;
}

static void test_operations(int threads) {
  sums before[TABLES][SITES];
  uint64_t lost = profile_head()->lost_spans;
  for (int t = 0; t < TABLES; t++)
    for (int s = 0; s < SITES; s++) before[t][s] = sums_of(t, s);
  run(operate, threads);
  uint64_t outer = 0, inner = 0, raised = 0, dropped = 0, all = rounds * (uint64_t)threads;
  for (int t = 0; t < TABLES; t++) {
    sums a = sums_of(t, OUTER), b = sums_of(t, INNER);
    CHECK(a.records <= THREADS + 1);
    outer += a.count - before[t][OUTER].count;
    inner += b.count - before[t][INNER].count;
    raised += b.raised - before[t][INNER].raised;
    dropped += b.lost - before[t][INNER].lost;
  }
  CHECK(outer == all && inner == all && raised == all / 2 && dropped == all / 8);
  CHECK(profile_head()->lost_spans == lost + dropped && profile_head()->lost_ends == 0);
  counted += outer + inner;
}

/* ---- awaits that end on another thread */

static char frames[THREADS][FRAMES];
static pthread_barrier_t barrier;

static void *await(void *argument) {
  size_t here = (size_t)(intptr_t)argument;
  for (uint64_t i = 0; i < rounds / FRAMES; i++) {
    recorder_site *site = &sites[i % TABLES][AWAIT];
    for (int f = 0; f < FRAMES; f++) recorder_await_begin(site, &frames[here][f], NULL);
    pthread_barrier_wait(&barrier);
    const char *theirs = frames[(here + i) % THREADS];
    for (int f = 0; f < FRAMES; f++) {
      recorder_await_turn(theirs + f);
      if (f % 2) recorder_await_turn(theirs + f);
      recorder_await_end(site, theirs + f, clock_now(), f % 4 == 0);
    }
    pthread_barrier_wait(&barrier);
  }
  return argument;
}

static uint64_t suspended(void) {
  uint64_t sum = 0;
  const profile_record_t *record;
  for (uint64_t at = PROFILE_HEADER_SIZE; at < profile_head()->used; at += record->length) {
    record = (const profile_record_t *)(profile_base + at);
    if (record->type != PROFILE_RECORD_TAXES) continue;
    const profile_taxes_t *taxes = (const profile_taxes_t *)(const void *)record;
    for (uint32_t i = 0; i < taxes->taken; i++) sum += ((const profile_tax_t *)(taxes + 1))[i].suspended;
  }
  return sum;
}

static void test_awaits(void) {
  CHECK(pthread_barrier_init(&barrier, NULL, THREADS) == 0);
  run(await, THREADS);
  uint64_t count = 0, raised = 0, all = rounds / FRAMES * FRAMES * THREADS;
  for (int t = 0; t < TABLES; t++) {
    count += sums_of(t, AWAIT).count;
    raised += sums_of(t, AWAIT).raised;
  }
  CHECK(count == all && raised == all / 4 && suspended() == all);
  CHECK(profile_head()->abandoned_awaits == 0 && profile_head()->lost_ends == 0);
  counted += count;
}

/* ---- threads that come and go: as many sets of counters as there were threads at once */

static void test_reuse(void) {
  uint32_t threads = profile_head()->threads;
  uint64_t many = rounds;
  rounds = 40;
  for (int i = 0; i < 200; i++) test_operations(4);
  rounds = many;
  CHECK(profile_head()->threads == threads + 800);
  CHECK(sums_of(0, OUTER).records <= THREADS + 1);
}

/* ---- names */

static atomic_uint numbers[16];

static void *name(void *argument) {
  for (int i = 0; i < 2000; i++) {
    char text[16];
    int length = snprintf(text, sizeof text, "name %d", i % 16);
    uint32_t number = names_number(text, (size_t)length), none = 0;
    CHECK(number > 0);
    if (!atomic_compare_exchange_strong(&numbers[i % 16], &none, number)) CHECK(none == number);
  }
  return argument;
}

/* ---- forks while others record */

static atomic_int goes_on;

static void *operate_until_told(void *argument) {
  while (atomic_load(&goes_on)) {
    recorder_begin(&sites[0][OUTER]);
    recorder_await_begin(&sites[0][AWAIT], &argument, NULL);
    recorder_await_end(&sites[0][AWAIT], &argument, clock_now(), 0);
    recorder_end(&sites[0][OUTER], clock_now(), 0);
  }
  return argument;
}

static void in_child(void) {
  profile_fork_child();
  recorder_fork_child();
  shared_unlock();
  recorder_unlock_awaits();
  rounds = 1000;
  run(operate, 4);
  uint64_t outer = 0;
  for (int t = 0; t < TABLES; t++) outer += sums_of(t, OUTER).count;
  _exit(outer == 4000 && sums_of(0, OUTER).records <= THREADS + 1 && profile_head()->lost_ends == 0 ? 0 : 1);
}

static void test_fork(int times) {
  pthread_t threads[3];
  atomic_store(&goes_on, 1);
  for (int i = 0; i < 3; i++) CHECK(pthread_create(&threads[i], NULL, operate_until_told, NULL) == 0);
  for (int i = 0; i < times; i++) {
    recorder_lock_awaits();
    shared_lock();
    pid_t pid = fork();
    if (pid == 0) in_child();
    shared_unlock();
    recorder_unlock_awaits();
    int status = -1;
    CHECK(waitpid(pid, &status, 0) == pid && WIFEXITED(status) && WEXITSTATUS(status) == 0);
  }
  atomic_store(&goes_on, 0);
  for (int i = 0; i < 3; i++) CHECK(pthread_join(threads[i], NULL) == 0);
}

/* ---- a race on purpose */

static uint64_t unguarded;

static void *race(void *argument) {
  for (int i = 0; i < 100000; i++) unguarded++;
  return argument;
}

int main(int count, char **arguments) {
  profile_process_facts facts = {0x030D01F0, 0, "", 0};
  if (getenv("PYREWRITE_FAULT")) {
    run(race, 2);
    return 0;
  }
  profile_choose_place();
  clock_init();
  CHECK(recorder_init() && profile_open(&facts));
  recorder_set_costs(3, 5, 1, 1);
  for (int i = 0; i < TABLES; i++) add_table(i);
  test_operations(1);
  test_operations(2);
  test_operations(THREADS);
  test_awaits();
  test_reuse();
  run(name, THREADS);
  if (count > 1) test_fork(atoi(arguments[1]));
  profile_finish();
  printf("ok %llu\n", (unsigned long long)counted);
  return 0;
}
