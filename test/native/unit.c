/* Tests of the recorder without Python. Prints "ok N" with the number of checks, or what failed and exits with 1. */
#define _GNU_SOURCE
#include <fcntl.h>
#include <pthread.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include "profile_place.h"
#include "recorder.h"
#include "site_table.h"

static long checks;

#define CHECK(condition)                                                      \
  do {                                                                        \
    checks++;                                                                 \
    if (!(condition)) {                                                       \
      printf("%s:%d: %s\n", __FILE__, __LINE__, #condition);                  \
      exit(1);                                                                \
    }                                                                         \
  } while (0)

static recorder_site sites[64];

static void open_profile(void) {
  profile_process_facts facts = {0x030C01F0, 0, "", 0};
  profile_choose_place();
  clock_init();
  CHECK(recorder_init());
  CHECK(profile_get_state() == PROFILE_NONE);
  CHECK(profile_open(&facts));
  CHECK(profile_get_state() == PROFILE_OPEN);
}

static void add_sites(void) {
  profile_sites_t *record = profile_add_record(PROFILE_RECORD_SITES, sizeof *record + 64 * sizeof(profile_site_t));
  CHECK(record && profile_offset(record) % PROFILE_ALIGNMENT == 0);
  record->site_count = 64;
  for (uint32_t i = 0; i < 64; i++) {
    sites[i].counters = (profile_site_t *)(record + 1) + i;
    sites[i].number = i;
  }
  profile_head()->sites = 64;
  profile_publish();
  CHECK(profile_head()->used == profile_offset(record) + ((profile_record_t *)record)->length);
}

/* ---- histogram */

static void check_place(uint64_t ticks) {
  histogram_place place = histogram_find(ticks);
  CHECK(place.octave < PROFILE_OCTAVES && place.bucket < PROFILE_SUB_BUCKETS);
  if (ticks >= (uint64_t)1 << 52) return;
  uint64_t width = place.octave ? (uint64_t)1 << (place.octave - 1) : 1;
  uint64_t low = place.octave ? (32 + place.bucket) * width : place.bucket;
  CHECK(low <= ticks && ticks < low + width);
  CHECK(ticks < 32 ? width == 1 : width * 32 <= ticks);
}

static void test_histogram_places(void) {
  for (uint64_t t = 0; t < 100000; t++) check_place(t);
  for (unsigned bit = 5; bit < 64; bit++)
    for (int d = -2; d <= 2; d++) check_place(((uint64_t)1 << bit) + (uint64_t)d);
  check_place(UINT64_MAX);
}

static void test_histogram_percentiles(void) {
  profile_site_t *site = sites[10].counters;
  for (uint64_t t = 1; t <= 10000; t++) histogram_add(site, t * 1000);
  for (double f = 0.01; f < 1; f += 0.01) {
    double exact = f * 10000 * 1000;
    double found = histogram_percentile(site, f);
    CHECK(found > exact * 0.97 && found < exact * 1.03);
  }
}

static void test_bucket_overflow(void) {
  profile_site_t *site = sites[11].counters;
  histogram_add(site, 5);
  uint32_t block = site->blocks[0];
  for (int times = 1; times <= 3; times++) {
    profile_block(block)[5] = UINT32_MAX;
    histogram_add(site, 5);
    CHECK(profile_block(block)[5] == 0);
  }
  int found = 0;
  for (uint64_t at = PROFILE_HEADER_SIZE; at < profile_head()->used;) {
    profile_record_t *record = (profile_record_t *)(profile_base + at);
    profile_carry_t *carry = (profile_carry_t *)record;
    profile_carry_entry_t *entry = (profile_carry_entry_t *)(carry + 1);
    if (record->type == PROFILE_RECORD_CARRY) {
      CHECK(carry->taken == 1 && entry->block == block && entry->bucket == 5 && entry->times == 3);
      found++;
    }
    at += record->length;
  }
  CHECK(found == 1);
}

/* ---- shadow stack: starts are set by hand, so that durations are exact */

static void begin_at(recorder_site *site, uint64_t ticks) {
  recorder_begin(site);
  recorder_this_thread->top->start = ticks;
}

static void test_nesting(void) {
  recorder_site *a = &sites[0], *b = &sites[1];
  recorder_inner = 10;
  recorder_pair = 25;
  begin_at(a, 1000);
  begin_at(b, 1100);
  recorder_end(b, 1210, 0); /* 100 */
  begin_at(b, 1300);
  recorder_end(b, 1360, 1); /* 50 */
  recorder_end(a, 2060, 0); /* 1060 - 10 - 2 * 25 = 1000 */
  CHECK(b->counters->count == 2 && b->counters->raised == 1);
  CHECK(b->counters->total == 150 && b->counters->self == 150);
  CHECK(b->counters->min == 50 && b->counters->max == 100 && b->counters->last == 1360);
  CHECK(a->counters->count == 1 && a->counters->total == 1000 && a->counters->self == 850);
  CHECK(recorder_depth() == 0);
}

static void test_recursion(void) {
  recorder_site *a = &sites[2];
  recorder_inner = recorder_pair = 0;
  for (uint64_t i = 0; i < 5000; i++) begin_at(a, 1000 + i);
  CHECK(recorder_depth() == 5000);
  for (uint64_t i = 0; i < 5000; i++) recorder_end(a, 10000 + i, 0);
  CHECK(a->counters->count == 5000);
  CHECK(a->counters->total == 14999 - 1000); /* the outermost alone */
  CHECK(a->counters->self == 14999 - 1000);
  CHECK(a->counters->lost == 0);
}

static void test_short_operations_stay_unbiased(void) {
  recorder_site *a = &sites[3];
  recorder_inner = 20;
  begin_at(a, 100);
  recorder_end(a, 110, 0); /* -10 */
  begin_at(a, 200);
  recorder_end(a, 230, 0); /* +10 */
  CHECK(a->counters->total == 0 && a->counters->min == 0 && a->counters->max == 10);
  recorder_inner = 0;
}

static void test_lost(void) {
  recorder_site *a = &sites[4], *b = &sites[5], *c = &sites[6];
  uint64_t spans = profile_head()->lost_spans, ends = profile_head()->lost_ends;
  begin_at(a, 0);
  begin_at(b, 10);
  begin_at(c, 20);
  recorder_end(a, 100, 1); /* an exit that b and c did not see */
  CHECK(a->counters->count == 1 && a->counters->total == 100 && a->counters->self == 100);
  CHECK(b->counters->count == 0 && b->counters->lost == 1 && c->counters->lost == 1);
  CHECK(profile_head()->lost_spans == spans + 2);
  recorder_end(b, 200, 0);
  CHECK(b->counters->count == 0 && profile_head()->lost_ends == ends + 1);
  CHECK(recorder_depth() == 0);
}

static void test_pause(void) {
  recorder_site *a = &sites[7], *b = &sites[8];
  recorder_begin(a);
  recorder_pause pause = recorder_pause_begin();
  recorder_begin(b);
  usleep(20000);
  recorder_end(b, clock_now(), 0);
  recorder_pause_end(&pause);
  recorder_end(a, clock_now(), 0);
  CHECK(a->counters->total == a->counters->self);
  CHECK(b->counters->total > 0 && a->counters->total < b->counters->total / 2);
}

/* ---- awaits */

static void test_awaits(void) {
  enum { FRAMES = 20000 };
  static char frames[FRAMES * 16];
  recorder_site *a = &sites[20], *b = &sites[21];
  uint64_t abandoned = profile_head()->abandoned_awaits;
  for (int i = 0; i < FRAMES; i++) recorder_await_begin(i % 2 ? a : b, frames + i * 16);
  for (int k = 0; k < FRAMES; k++) {
    int i = (int)(((int64_t)k * 7919) % FRAMES);
    recorder_await_end(i % 2 ? a : b, frames + i * 16, clock_now(), i % 5 == 0);
  }
  CHECK(a->counters->count == FRAMES / 2 && b->counters->count == FRAMES / 2);
  CHECK(a->counters->raised + b->counters->raised == FRAMES / 5);
  CHECK(profile_head()->abandoned_awaits == abandoned);
  recorder_await_begin(a, frames);
  recorder_await_begin(b, frames);
  CHECK(profile_head()->abandoned_awaits == abandoned + 1 && a->counters->lost == 1);
  recorder_await_end(b, frames, clock_now(), 0);
  uint64_t ends = profile_head()->lost_ends;
  recorder_await_end(b, frames, clock_now(), 0);
  CHECK(profile_head()->lost_ends == ends + 1);
  CHECK(recorder_depth() == 0);
}

/* ---- threads, one at a time as under the GIL */

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

static void test_threads(void) {
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

/* ---- the file */

static int profile_fd(void) {
  struct stat a, b;
  CHECK(stat(profile_path(), &a) == 0);
  for (int fd = 3; fd < 2000; fd++)
    if (fstat(fd, &b) == 0 && a.st_ino == b.st_ino && a.st_dev == b.st_dev) return fd;
  return -1;
}

static uint64_t size_of_file(const char *path) {
  struct stat st;
  return stat(path, &st) == 0 ? (uint64_t)st.st_size : UINT64_MAX;
}

static void test_growth(void) {
  for (int i = 0; i < 40; i++) {
    uint8_t *record = profile_add_record(99, 100000);
    CHECK(record != NULL);
    for (uint32_t k = sizeof(profile_record_t); k < 100000; k++) CHECK(record[k] == 0);
    memset(record + sizeof(profile_record_t), 0xAB, 100000 - sizeof(profile_record_t));
    profile_publish();
    CHECK(size_of_file(profile_path()) == profile_head()->file_size);
  }
  uint64_t used = profile_head()->used;
  CHECK(profile_add_record(99, 64) != NULL);
  profile_discard();
  CHECK(profile_head()->used == used);
  CHECK(profile_add_record(99, (uint64_t)1 << 40) == NULL);
}

/* A daemon that closes everything, and a program whose own file got our number. */
static void test_lost_descriptor(void) {
  close(profile_fd());
  CHECK(profile_fd() == -1);
  CHECK(profile_add_record(99, 8 << 20) != NULL);
  profile_publish();
  int ours = profile_fd();
  CHECK(ours > 2);
  int other = open("other", O_RDWR | O_CREAT, 0600);
  CHECK(other >= 0 && dup2(other, ours) == ours);
  CHECK(profile_add_record(99, 40 << 20) != NULL);
  profile_publish();
  CHECK(size_of_file("other") == 0 && size_of_file(profile_path()) == profile_head()->file_size);
  close(other);
  close(ours);
}

static void test_no_room(void) {
  struct rlimit old, small;
  getrlimit(RLIMIT_FSIZE, &old);
  small = old;
  small.rlim_cur = profile_head()->file_size;
  setrlimit(RLIMIT_FSIZE, &small);
  CHECK(profile_add_record(99, 64 << 20) == NULL);
  CHECK(profile_head()->flags & PROFILE_FLAG_FULL);
  setrlimit(RLIMIT_FSIZE, &old);
  CHECK(profile_add_record(99, 64 << 20) != NULL);
  profile_publish();
}

static void child_records(void) {
  uint64_t parent_count = sites[40].counters->count;
  CHECK(profile_get_state() == PROFILE_FORKED && parent_count == 1);
  recorder_end(&sites[40], clock_now(), 0); /* began in the parent, before there is a file */
  CHECK(profile_get_state() == PROFILE_FORKED);
  recorder_begin(&sites[41]);
  CHECK(profile_get_state() == PROFILE_OPEN);
  recorder_end(&sites[41], clock_now(), 0);
  recorder_end(&sites[40], clock_now(), 0); /* the second one that was open */
  CHECK(sites[41].counters->count == 1 && sites[40].counters->count == 0);
  CHECK(profile_head()->lost_ends == 0 && profile_head()->inherited_ends == 1);
  CHECK(profile_head()->pid == (uint32_t)getpid() && profile_head()->forks == 1);
  CHECK(profile_head()->flags == PROFILE_FLAG_FORKED);
  for (uint64_t t = 0; t < 1 << 20; t += 7) histogram_add(sites[42].counters, t);
  for (int i = 0; i < 20; i++) CHECK(histogram_percentile(sites[42].counters, 0.5) > 1 << 18);
}

static void test_fork(void) {
  recorder_begin(&sites[40]);
  recorder_end(&sites[40], clock_now(), 0);
  recorder_begin(&sites[40]);
  recorder_begin(&sites[40]);
  static char parent[PROFILE_PLACE_MAX];
  strcpy(parent, profile_path());
  uint64_t used = profile_head()->used;
  fflush(stdout);
  pid_t pid = fork();
  if (pid == 0) {
    profile_fork_child();
    recorder_fork_child();
    child_records();
    CHECK(strcmp(parent, profile_path()) != 0 && size_of_file(profile_path()) >= profile_head()->used);
    profile_finish();
    _exit(0);
  }
  int status = 0;
  waitpid(pid, &status, 0);
  CHECK(WIFEXITED(status) && WEXITSTATUS(status) == 0);
  recorder_end(&sites[40], clock_now(), 0);
  recorder_end(&sites[40], clock_now(), 0);
  CHECK(sites[40].counters->count == 3 && sites[41].counters->count == 0);
  CHECK(profile_head()->used == used && profile_head()->pid == (uint32_t)getpid());
}

/* A child that runs no probe (it will exec) makes no file. */
static void test_quiet_fork(void) {
  fflush(stdout);
  pid_t pid = fork();
  if (pid == 0) {
    profile_fork_child();
    recorder_fork_child();
    _exit(strcmp(profile_path(), "") == 0);
  }
  int status = 0;
  waitpid(pid, &status, 0);
  CHECK(status == 0);
  char path[64];
  snprintf(path, sizeof path, "pyrewrite-%d.prof", (int)pid);
  CHECK(size_of_file(path) == UINT64_MAX);
}

static void test_finish(void) {
  profile_finish();
  CHECK(size_of_file(profile_path()) == profile_head()->used && profile_head()->file_size == profile_head()->used);
  CHECK(profile_head()->flags & PROFILE_FLAG_FINISHED);
  recorder_begin(&sites[50]); /* late operations change counters and add nothing */
  recorder_end(&sites[50], clock_now(), 0);
  CHECK(sites[50].counters->count == 1 && profile_add_record(99, 64) == NULL);
}

static void test_clock(void) {
  clock_anchor a = clock_anchor_now();
  usleep(2000);
  clock_anchor b = clock_anchor_now();
  CHECK(b.ticks > a.ticks && b.ns - a.ns >= 2000000);
  CHECK(clock_step() >= 1);
}

/* ---- site tables from anywhere */

static void test_site_table(void) {
  uint8_t bytes[64 + 32 + 64] = "PYRWSITE";
  uint32_t words[] = {1, sizeof bytes, 1, 64, 2, 96, 0, 0, 0x030C, 0};
  uint32_t code[] = {SITE_TABLE_NO_PARENT, 0, 3, 0, 2, 0, 0, 0};
  memcpy(bytes + 8, words, sizeof words);
  memcpy(bytes + 64, code, sizeof code);
  bytes[96 + 32 + 2] = SITE_KIND_AWAIT;
  site_table table;
  CHECK(site_table_read(bytes, sizeof bytes, &table));
  CHECK(table.code_count == 1 && table.site_count == 2 && table.python == 0x030C);
  CHECK(site_table_get_code(&table, 0).first_const == 3 && site_table_get_code(&table, 0).site_count == 2);
  CHECK(site_table_get_kind(&table, 0) == 0 && site_table_get_kind(&table, 1) == SITE_KIND_AWAIT);
  for (size_t length = 0; length < sizeof bytes; length++) CHECK(!site_table_read(bytes, length, &table));
  srand(1);
  int accepted = 0;
  for (int i = 0; i < 200000; i++) {
    uint8_t *damaged = malloc(sizeof bytes); /* exactly as long: a sanitizer sees any read beyond */
    memcpy(damaged, bytes, sizeof bytes);
    for (int k = rand() % 3; k >= 0; k--) damaged[8 + rand() % (sizeof bytes - 8)] = (uint8_t)rand();
    if (site_table_read(damaged, sizeof bytes, &table)) {
      accepted++;
      for (uint32_t c = 0; c < table.code_count; c++) {
        site_table_code record = site_table_get_code(&table, c);
        for (uint32_t s = 0; s < record.site_count; s++) site_table_get_kind(&table, record.first_site + s);
      }
    }
    free(damaged);
  }
  CHECK(accepted > 0);
}

/* ---- names */

static void check_name(const char *wish, const char *expected) {
  char path[PROFILE_PLACE_MAX];
  if (wish) setenv("PYREWRITE_OUT", wish, 1);
  else unsetenv("PYREWRITE_OUT");
  profile_choose_place();
  CHECK(profile_place_path(path, sizeof path, 42, 0));
  if (strcmp(path, expected) != 0) printf("%s gives %s and not %s\n", wish, path, expected);
  CHECK(strcmp(path, expected) == 0);
}

static void test_names(void) {
  CHECK(mkdir("%p", 0700) == 0 && chdir("%p") == 0);
  char cwd[PROFILE_PLACE_MAX], here[PROFILE_PLACE_MAX + 64];
  CHECK(getcwd(cwd, sizeof cwd));
  snprintf(here, sizeof here, "%s/pyrewrite-42.prof", cwd);
  check_name(NULL, here);
  check_name("", here);
  check_name("/nowhere/", "/nowhere/pyrewrite-42.prof");
  check_name("/", "/pyrewrite-42.prof");
  check_name("/tmp", "/tmp/pyrewrite-42.prof");
  check_name("/nowhere/a.prof", "/nowhere/a-42.prof");
  check_name("/nowhere.d/a", "/nowhere.d/a-42");
  check_name("/nowhere/%p/100%%.x", "/nowhere/42/100%.x");
  snprintf(here, sizeof here, "%s/a-42.prof", cwd);
  check_name("a.prof", here);
  char path[PROFILE_PLACE_MAX];
  CHECK(profile_place_path(path, sizeof path, 42, 7) && strstr(path, "a-42-7.prof"));
  CHECK(!profile_place_path(path, 20, 42, 0));
  unsetenv("PYREWRITE_OUT");
  CHECK(chdir("..") == 0);
}

int main(void) {
  test_names();
  test_clock();
  test_histogram_places();
  test_site_table();
  open_profile();
  add_sites();
  test_histogram_percentiles();
  test_bucket_overflow();
  test_nesting();
  test_recursion();
  test_short_operations_stay_unbiased();
  test_lost();
  test_pause();
  test_awaits();
  test_threads();
  test_fork();
  test_quiet_fork();
  test_growth();
  test_lost_descriptor();
  test_no_room();
  test_finish();
  printf("ok %ld\n", checks);
  return 0;
}
