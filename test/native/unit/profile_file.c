/* The profile file: that it is made, grows, keeps its records apart, and outlives what programs do to it. */
#define _GNU_SOURCE
#include "profile_file.h"

#include <fcntl.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <unistd.h>

#include "profile_place.h"
#include "unit.h"

/* ---- the first one */

static void add_sites(void) {
  profile_sites_t *record = profile_add_record(PROFILE_RECORD_SITES, sizeof *record + SITES * sizeof(profile_site_t));
  CHECK(record && profile_offset(record) % PROFILE_ALIGNMENT == 0);
  record->site_count = SITES;
  for (uint32_t i = 0; i < SITES; i++) {
    sites[i].counters = (profile_site_t *)(record + 1) + i;
    sites[i].number = i;
  }
  profile_head()->sites = SITES;
  profile_publish();
  CHECK(profile_head()->used == profile_offset(record) + ((profile_record_t *)record)->length);
}

/* Someone else's file has our name: it stays as it is. */
static void make_obstacle(char *path, size_t size) {
  snprintf(path, size, "pyrewrite-%ld.prof", (long)getpid());
  int fd = open(path, O_WRONLY | O_CREAT | O_EXCL, 0600);
  CHECK(fd >= 0 && write(fd, "theirs", 6) == 6 && close(fd) == 0);
}

void test_first_profile(void) {
  static const char pair[] = {3, 0, 0, 0, 'c', 'w', 'd', 1, 0, 0, 0, '/'};
  profile_process_facts facts = {0x030C01F0, 1, pair, sizeof pair};
  char obstacle[64], second[64];
  profile_choose_place();
  make_obstacle(obstacle, sizeof obstacle);
  snprintf(second, sizeof second, "/pyrewrite-%ld-1.prof", (long)getpid());
  CHECK(recorder_init());
  CHECK(profile_get_state() == PROFILE_NONE && profile_path()[0] == 0);
  recorder_begin(&sites[0]); /* without a file nothing happens */
  CHECK(recorder_depth() == 0);
  CHECK(profile_open(&facts));
  CHECK(profile_get_state() == PROFILE_OPEN && strstr(profile_path(), second));
  CHECK(unit_file_size(obstacle) == 6 && unit_file_size(profile_path()) == profile_head()->file_size);
  CHECK(profile_head()->clock == clock_source && profile_head()->python == 0x030C01F0);
  profile_process_t *process = (profile_process_t *)(profile_base + PROFILE_HEADER_SIZE);
  CHECK(unit_count_records(PROFILE_RECORD_PROCESS) == 1 && process->count == 1);
  CHECK(memcmp(process + 1, pair, sizeof pair) == 0);
  add_sites();
  usleep(1000);
  profile_anchor();
  double rate = profile_head()->ticks_per_second;
  CHECK(rate > 1e5 && rate < 1e11);
}

/* ---- records */

static int profile_fd(void) {
  struct stat a, b;
  CHECK(stat(profile_path(), &a) == 0);
  for (int fd = 3; fd < 2000; fd++)
    if (fstat(fd, &b) == 0 && a.st_ino == b.st_ino && a.st_dev == b.st_dev) return fd;
  return -1;
}

/* Records of all lengths; a discarded one leaves no trace. */
static void test_records(void) {
  for (uint64_t length = sizeof(profile_record_t); length < 3000; length += 7) {
    uint64_t used = profile_head()->used;
    uint8_t *record = profile_add_record(99, length);
    CHECK(record == profile_base + used && profile_head()->used == used);
    for (uint64_t i = sizeof(profile_record_t); i < length; i++) CHECK(record[i] == 0);
    memset(record + sizeof(profile_record_t), 0xCD, length - sizeof(profile_record_t));
    if (length % 2) profile_discard();
    else profile_publish();
    uint64_t padded = (length + 63) / 64 * 64;
    CHECK(profile_head()->used == used + (length % 2 ? 0 : padded));
  }
  CHECK(unit_count_records(99) > 0);
}

static void test_growth(void) {
  for (int i = 0; i < 40; i++) {
    uint8_t *record = profile_add_record(99, 100000);
    CHECK(record != NULL);
    for (uint32_t k = sizeof(profile_record_t); k < 100000; k++) CHECK(record[k] == 0);
    memset(record + sizeof(profile_record_t), 0xAB, 100000 - sizeof(profile_record_t));
    profile_publish();
    CHECK(unit_file_size(profile_path()) == profile_head()->file_size);
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
  CHECK(unit_file_size("other") == 0 && unit_file_size(profile_path()) == profile_head()->file_size);
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

/* ---- fork */

static void record_in_child(void) {
  CHECK(profile_get_state() == PROFILE_FORKED && sites[40].counters->count == 1);
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
  CHECK(histogram_percentile(sites[42].counters, 0.5) > 1 << 18);
}

static char parents_path[PROFILE_PLACE_MAX];

static void body_of_child(void) {
  record_in_child();
  CHECK(strcmp(parents_path, profile_path()) != 0 && unit_file_size(profile_path()) >= profile_head()->used);
  CHECK(unit_count_records(PROFILE_RECORD_SITES) == 1 && unit_count_records(PROFILE_RECORD_PROCESS) == 1);
  profile_finish();
}

/* The program closed what it does not know before it forked. */
static void body_without_descriptor(void) {
  CHECK(profile_fd() == -1);
  body_of_child();
}

static void body_of_grandchild(void) {
  recorder_begin(&sites[44]);
  recorder_end(&sites[44], clock_now(), 0);
  CHECK(profile_head()->forks == 2 && strcmp(parents_path, profile_path()) != 0);
  CHECK(sites[44].counters->count == 1 && sites[41].counters->count == 0);
}

static void body_with_grandchild(void) {
  record_in_child();
  strcpy(parents_path, profile_path());
  recorder_begin(&sites[43]);
  unit_in_child(body_of_grandchild);
  recorder_end(&sites[43], clock_now(), 0);
  CHECK(sites[43].counters->count == 1 && sites[44].counters->count == 0);
}

/* A parent with operations open forks: it goes on as if nothing were. */
static void fork_and_compare(void (*body)(void)) {
  unit_clean_site(40);
  unit_clean_site(41);
  recorder_begin(&sites[40]);
  recorder_end(&sites[40], clock_now(), 0);
  recorder_begin(&sites[40]);
  recorder_begin(&sites[40]);
  CHECK(taxes_of(&sites[40].taxes, 40)); /* the child takes its time, off the CPU */
  strcpy(parents_path, profile_path());
  unsigned tables = unit_count_records(PROFILE_RECORD_SITES);
  unit_in_child(body);
  recorder_end(&sites[40], clock_now(), 0);
  recorder_end(&sites[40], clock_now(), 0);
  CHECK(sites[40].counters->count == 3 && sites[41].counters->count == 0);
  /* The file may have grown: a child that took long is a duration in a block of its own. */
  CHECK(unit_count_records(PROFILE_RECORD_SITES) == tables && unit_count_records(PROFILE_RECORD_PROCESS) == 1);
  CHECK(profile_head()->pid == (uint32_t)getpid());
}

static void test_forks(void) {
  fork_and_compare(body_of_child);
  fork_and_compare(body_with_grandchild);
  close(profile_fd());
  fork_and_compare(body_without_descriptor);
}

static void do_nothing(void) {}

/* A child that runs no probe (it will exec) makes no file. */
static void test_quiet_fork(void) {
  char path[64];
  snprintf(path, sizeof path, "pyrewrite-%d.prof", unit_in_child(do_nothing));
  CHECK(unit_file_size(path) == UINT64_MAX);
}

static void test_finish(void) {
  profile_finish();
  CHECK(unit_file_size(profile_path()) == profile_head()->used && profile_head()->file_size == profile_head()->used);
  CHECK(profile_head()->flags & PROFILE_FLAG_FINISHED);
  recorder_begin(&sites[50]); /* late operations change counters and add nothing */
  recorder_end(&sites[50], clock_now(), 0);
  CHECK(sites[50].counters->count == 1 && profile_add_record(99, 64) == NULL);
}


void test_profile_file(void) {
  test_records();
  test_forks();
  test_quiet_fork();
  test_growth();
  test_lost_descriptor();
  test_no_room();
  CHECK(unit_count_records(PROFILE_RECORD_SITES) == 1);
  test_finish();
}
