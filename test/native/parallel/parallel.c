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

/* Behind the tables without options: whose operands are looked at; whose contexts are told apart; both. */
enum { LOOKING = TABLES, CALLING, BOTH, ALL_TABLES };

static recorder_site sites[ALL_TABLES][SITES];
static profile_sites_t *records[ALL_TABLES];
static uint64_t counted;
static uint64_t rounds = 20000;

#define CHECK(condition)                                     \
  do {                                                       \
    if (!(condition)) {                                      \
      printf("%s:%d: %s\n", __FILE__, __LINE__, #condition); \
      exit(1);                                               \
    }                                                        \
  } while (0)

static uint32_t flags_of(int number) {
  return (number == LOOKING || number == BOTH ? RECORDER_LOOKS : 0) |
         (number == CALLING || number == BOTH ? RECORDER_CALLERS : 0);
}

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
    sites[number][i] = (recorder_site){(profile_site_t *)(record + 1) + i, (record->first_site + i) | flags_of(number), table, i};
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

/* ---- operands: a row for each key and thread, whose sums are exact */

enum { KEYS = 5, LABELS = 3 };

static variant_key key_of(uint64_t i) { return (variant_key){PROFILE_HOW_TYPES, (uint32_t)(i % KEYS) + 1, 0, 0}; }

static void look(recorder_site *site, uint64_t i) {
  CHECK(recorder_ready());
  recorder_this_thread->look = (recorder_look){site, clock_now(), key_of(i)};
}

static void *operate_on_operands(void *argument) {
  for (uint64_t i = 0; i < rounds; i++) {
    recorder_site *outer = &sites[LOOKING][OUTER], *inner = &sites[LOOKING][INNER];
    look(outer, i);
    recorder_begin_looked(outer, RECORDER_ANYWHERE);
    look(inner, i + 1);
    recorder_begin_looked(inner, RECORDER_ANYWHERE);
    recorder_end(inner, clock_now(), i % 4 == 0);
    recorder_end(outer, clock_now(), 0);
  }
  return argument;
}

/* Executions of a site with this key, on all threads; of any key for `left` 0. */
static sums variants_of(const recorder_site *site, uint32_t left) {
  sums all = {0};
  const profile_record_t *record;
  for (uint64_t at = PROFILE_HEADER_SIZE; at < profile_head()->used; at += record->length) {
    record = (const profile_record_t *)(profile_base + at);
    if (record->type != PROFILE_RECORD_VARIANTS) continue;
    const profile_variants_t *head = (const profile_variants_t *)(const void *)record;
    const uint8_t *row = (const uint8_t *)(head + 1);
    for (uint32_t i = 0; i < head->taken; i++, row += sizeof(profile_variant_t) + sizeof(profile_site_t)) {
      const profile_variant_t *key = (const profile_variant_t *)(const void *)row;
      const profile_site_t *counters = (const profile_site_t *)(const void *)(key + 1);
      if (key->site != recorder_number(site) || (left && key->left != left)) continue;
      CHECK(key->how == PROFILE_HOW_TYPES && durations(counters) == counters->count);
      all.count += counters->count;
      all.raised += counters->raised;
      all.records++;
    }
  }
  return all;
}

static void test_operands(int threads) {
  uint64_t before[KEYS], looks = profile_head()->look_ticks, all = rounds * (uint64_t)threads;
  for (uint32_t k = 0; k < KEYS; k++) before[k] = variants_of(&sites[LOOKING][OUTER], k + 1).count;
  run(operate_on_operands, threads);
  for (uint32_t k = 0; k < KEYS; k++) {
    sums now = variants_of(&sites[LOOKING][OUTER], k + 1);
    CHECK(now.count - before[k] == all / KEYS && now.records <= THREADS + 1);
  }
  sums inner = variants_of(&sites[LOOKING][INNER], 0), counters = sums_of(LOOKING, INNER);
  CHECK(inner.count == counters.count && inner.raised == counters.raised && inner.raised == inner.count / 4);
  CHECK(profile_head()->look_ticks > looks);
  counted += 2 * all;
}

/* ---- contexts: a tree for each thread, whose sums are exact */

static _Thread_local uint32_t label;

static uint32_t name_thread(void) { return label; }

static uint64_t executions[LABELS][8]; /* by the root's label and the chain: a bit for each site of one table */

static const profile_context_t *context_rows[1 << 20];

/* All rows, by their numbers. */
static uint32_t read_contexts(void) {
  uint32_t count = 0;
  const profile_record_t *record;
  for (uint64_t at = PROFILE_HEADER_SIZE; at < profile_head()->used; at += record->length) {
    record = (const profile_record_t *)(profile_base + at);
    if (record->type != PROFILE_RECORD_CONTEXTS) continue;
    const profile_contexts_t *head = (const profile_contexts_t *)(const void *)record;
    for (uint32_t i = 0; i < head->taken; i++) context_rows[++count] = (const profile_context_t *)(head + 1) + i;
  }
  return count;
}

static void add_up_contexts(int table) {
  uint32_t first = records[table]->first_site, rows = read_contexts();
  memset(executions, 0, sizeof executions);
  for (uint32_t number = 1; number <= rows; number++) {
    const profile_context_t *row = context_rows[number];
    CHECK(row->parent < number);
    if (row->site - first >= SITES) continue;
    uint64_t count = row->count;
    unsigned chain = 0;
    for (; row->parent; row = context_rows[row->parent]) chain |= 1u << (row->site - first);
    CHECK(row->site == PROFILE_NO_SITE && row->kind == PROFILE_CONTEXT_THREAD && row->label - 1 < LABELS);
    executions[row->label - 1][chain] += count;
  }
}

static void *operate_in_contexts(void *argument) {
  recorder_site *outer = &sites[CALLING][OUTER], *inner = &sites[CALLING][INNER];
  label = 1 + (uint32_t)(intptr_t)argument % LABELS;
  for (uint64_t i = 0; i < rounds; i++) {
    recorder_begin(outer);
    recorder_begin(inner);
    recorder_end(inner, clock_now(), i % 2 == 0);
    recorder_end(outer, clock_now(), 0);
    recorder_begin(inner);
    recorder_end(inner, clock_now(), 0);
  }
  return argument;
}

static uint64_t with_label(int threads, uint32_t one) {
  uint64_t count = 0;
  for (int i = 0; i < threads; i++) count += (uint32_t)i % LABELS == one;
  return count;
}

static void test_contexts(int threads) {
  static uint64_t before[LABELS][8];
  add_up_contexts(CALLING);
  memcpy(before, executions, sizeof before);
  run(operate_in_contexts, threads);
  add_up_contexts(CALLING);
  for (uint32_t l = 0; l < LABELS; l++) {
    uint64_t all = rounds * with_label(threads, l);
    CHECK(executions[l][1 << OUTER] - before[l][1 << OUTER] == all);
    CHECK(executions[l][1 << INNER] - before[l][1 << INNER] == all);
    CHECK(executions[l][1 << OUTER | 1 << INNER] - before[l][1 << OUTER | 1 << INNER] == all);
    counted += 3 * all;
  }
}

/* Awaits whose operations run, and that end, on another thread: in the chain of the thread that began them. */
static void *await_in_contexts(void *argument) {
  size_t here = (size_t)(intptr_t)argument;
  recorder_site *site = &sites[BOTH][AWAIT], *inner = &sites[BOTH][INNER];
  label = 1 + (uint32_t)here % LABELS;
  for (uint64_t i = 0; i < rounds / FRAMES; i++) {
    for (uint64_t f = 0; f < FRAMES; f++) {
      look(site, f);
      recorder_await_begin(site, &frames[here][f], NULL);
    }
    pthread_barrier_wait(&barrier);
    const char *theirs = frames[(here + i) % THREADS];
    for (uint64_t f = 0; f < FRAMES; f++) {
      recorder_place place = {recorder_await_context(theirs + f), theirs};
      CHECK(place.context);
      look(inner, f);
      recorder_begin_looked(inner, place);
      recorder_end(inner, clock_now(), 0);
      recorder_await_end(site, theirs + f, clock_now(), f % 4 == 0);
    }
    pthread_barrier_wait(&barrier);
  }
  return argument;
}

static void test_awaits_in_contexts(void) {
  uint64_t moved = recorder_moved_awaits(), turns = rounds / FRAMES, own_turns = (turns + THREADS - 1) / THREADS;
  run(await_in_contexts, THREADS);
  CHECK(recorder_moved_awaits() - moved == (turns - own_turns) * FRAMES * THREADS);
  add_up_contexts(BOTH);
  uint64_t each = rounds / FRAMES * FRAMES;
  for (uint32_t l = 0; l < LABELS; l++) {
    uint64_t all = each * with_label(THREADS, l);
    CHECK(executions[l][1 << AWAIT] == all && executions[l][1 << AWAIT | 1 << INNER] == all);
    CHECK(executions[l][1 << INNER] == 0);
    counted += 2 * all;
  }
  for (uint32_t k = 0; k < KEYS; k++) {
    CHECK(variants_of(&sites[BOTH][AWAIT], k + 1).count == each * THREADS / KEYS);
    CHECK(variants_of(&sites[BOTH][INNER], k + 1).count == each * THREADS / KEYS);
  }
  CHECK(variants_of(&sites[BOTH][AWAIT], 0).raised == each * THREADS / 4);
  CHECK(profile_head()->unrecorded_contexts == 0 && profile_head()->abandoned_awaits == 0);
}

/* ---- threads that come and go: as many sets of counters as there were threads at once */

static void test_reuse(void) {
  uint32_t threads = profile_head()->threads;
  uint64_t many = rounds;
  rounds = 40;
  for (int i = 0; i < 200; i++) test_operations(4);
  for (int i = 0; i < 20; i++) test_operands(4), test_contexts(4);
  rounds = many;
  CHECK(profile_head()->threads == threads + 960);
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

/* Rows are added while forks happen: to a chain that goes on and on, and of keys that change. */
static void rounds_of_options(void *argument) {
  static _Thread_local uint32_t depth;
  recorder_site *outer = &sites[CALLING][OUTER];
  label = 1 + (uint32_t)(intptr_t)argument % LABELS;
  context_node *root = recorder_context();
  CHECK(root);
  contexts_find(root, 1000 + depth++ % 5000);
  recorder_begin(outer);
  recorder_end(outer, clock_now(), 0);
  look(&sites[LOOKING][AWAIT], depth);
  recorder_begin_looked(&sites[LOOKING][AWAIT], RECORDER_ANYWHERE);
  recorder_end(&sites[LOOKING][AWAIT], clock_now(), 0);
}

static void *operate_until_told(void *argument) {
  while (atomic_load(&goes_on)) {
    recorder_begin(&sites[0][OUTER]);
    recorder_await_begin(&sites[0][AWAIT], &argument, NULL);
    recorder_await_end(&sites[0][AWAIT], &argument, clock_now(), 0);
    recorder_end(&sites[0][OUTER], clock_now(), 0);
    rounds_of_options(argument);
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
  test_operands(4);
  test_contexts(4);
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
  recorder_name_thread = name_thread;
  for (int i = 0; i < ALL_TABLES; i++) add_table(i);
  test_operations(1);
  test_operations(2);
  test_operations(THREADS);
  test_awaits();
  test_operands(THREADS);
  test_contexts(THREADS);
  test_awaits_in_contexts();
  test_reuse();
  run(name, THREADS);
  if (count > 1) test_fork(atoi(arguments[1]));
  profile_finish();
  printf("ok %llu\n", (unsigned long long)counted);
  return 0;
}
