#define _GNU_SOURCE
#include "profile_file.h"

#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "clock.h"
#include "profile_disk.h"
#include "profile_map.h"
#include "profile_place.h"
#include "shared.h"

enum {
  FIRST_SIZE = 256 << 10,   /* of a new file */
  GRAIN = 64 << 10,         /* sizes are multiples of it, and it is one of every page size */
  LARGEST_STEP = 16 << 20,  /* the file doubles until it grows by this much */
  BLOCKS_PER_RECORD = 255,  /* 32 KiB with the record's head */
  CARRIES_PER_RECORD = 60,
  BLOCK_BYTES = PROFILE_SUB_BUCKETS * 4,
  BLOCK_STEP = BLOCK_BYTES / PROFILE_BLOCK_UNIT,
  HIGH_FD = 500             /* programs expect the lowest numbers for themselves */
};

static struct {
  enum profile_state state; /* a signal handler may set it to failed; for profile_get_state and set_state alone */
  uint64_t file_size; /* bytes that may be touched */
  uint64_t used;      /* published */
  uint64_t reserved;  /* published or being made */
  int fd;
  dev_t device;
  ino_t inode;
  profile_blocks_t *blocks; /* record that gives blocks now */
  profile_header_t published; /* as it was then: a child of fork finds what its parent changed since */
  char path[PROFILE_PLACE_MAX];
} file = {.fd = -1};

enum profile_state profile_get_state(void) { return __atomic_load_n(&file.state, __ATOMIC_RELAXED); }

static void set_state(enum profile_state state) { __atomic_store_n(&file.state, state, __ATOMIC_RELAXED); }

const char *profile_path(void) { return file.path; }

static void say(const char *doing, int error, const char *consequence) {
  char text[PROFILE_PLACE_MAX + 200];
  int n = snprintf(text, sizeof text, "pyrewrite: cannot %s %s: %s; %s\n", doing,
                   file.path[0] ? file.path : "the profile", strerror(error), consequence);
  if (n > (int)sizeof text - 1) n = (int)sizeof text - 1;
  if (write(2, text, (size_t)n) < 0) errno = 0;
}

/* One message per process tree: a state that says "failed" is inherited by children. */
static int fail(const char *doing, int error) {
  say(doing, error, "this process is not recorded");
  set_state(PROFILE_FAILED);
  return 0;
}

/* Async-signal-safe: SIGBUS tells of it. */
void profile_file_lost(void) {
  static const char *const parts[] = {"pyrewrite: cannot keep ", file.path,
                                      ": the file was cut or its disk failed; this process is recorded no further\n"};
  char text[PROFILE_PLACE_MAX + 200];
  size_t n = 0;
  for (size_t i = 0; i < sizeof parts / sizeof *parts; i++) {
    size_t length = strlen(parts[i]);
    memcpy(text + n, parts[i], length);
    n += length;
  }
  set_state(PROFILE_FAILED);
  if (write(2, text, n) < 0) errno = 0;
}

/* What the program does at a signal waits: timers would interrupt a long allocation again and again. */
static void block_signals(sigset_t *old) {
  static const int faults[] = {SIGBUS, SIGSEGV, SIGFPE, SIGILL, SIGABRT, SIGTRAP};
  sigset_t set;
  sigfillset(&set);
  for (size_t i = 0; i < sizeof faults / sizeof *faults; i++) sigdelset(&set, faults[i]);
  pthread_sigmask(SIG_BLOCK, &set, old);
}

static void unblock_signals(const sigset_t *old) { pthread_sigmask(SIG_SETMASK, old, NULL); }

static int remember_identity(int fd) {
  struct stat st;
  if (fstat(fd, &st) != 0) return errno;
  file.device = st.st_dev;
  file.inode = st.st_ino;
  return 0;
}

static int is_our_file(int fd) {
  struct stat st;
  return fd >= 0 && fstat(fd, &st) == 0 && st.st_dev == file.device && st.st_ino == file.inode;
}

/* Out of the way of the program's own, or -1 where there is no room: then the file is opened when it is needed. */
static int move_fd_up(int fd) {
  int high = fcntl(fd, F_DUPFD_CLOEXEC, HIGH_FD);
  close(fd);
  return high;
}

static int open_file(int flags) {
  int fd;
  do fd = open(file.path, O_RDWR | O_CLOEXEC | flags, 0666);
  while (fd < 0 && errno == EINTR);
  return fd;
}

/* The program may have closed our descriptor, or reused its number for a file of its own. For release_fd; or -1. */
static int usable_fd(void) {
  if (is_our_file(file.fd)) return file.fd;
  file.fd = -1;
  int fd = open_file(O_NOFOLLOW);
  if (fd < 0 || is_our_file(fd)) return fd;
  close(fd);
  errno = ENOENT;
  return -1;
}

static void release_fd(int fd) {
  if (fd >= 0 && fd != file.fd) file.fd = move_fd_up(fd);
}

int profile_file_is_cut(void) {
  struct stat st;
  int known = is_our_file(file.fd) ? fstat(file.fd, &st) == 0
                                   : stat(file.path, &st) == 0 && st.st_dev == file.device && st.st_ino == file.inode;
  return known && (uint64_t)st.st_size < file.file_size;
}

/* Creates a file that did not exist: never writes into another process's profile. */
static int create(int *fd_out) {
  for (unsigned attempt = 0; attempt < 1000; attempt++) {
    if (!profile_place_path(file.path, sizeof file.path, (long)getpid(), attempt)) return ENAMETOOLONG;
    *fd_out = open_file(O_CREAT | O_EXCL);
    if (*fd_out >= 0) return 0;
    if (errno != EEXIST) return errno;
  }
  return EEXIST;
}

static void abandon(int fd) {
  close(fd);
  unlink(file.path);
}

static void fill_head(profile_header_t *head, uint32_t python) {
  clock_anchor now = clock_anchor_now();
  memcpy(head->magic, PROFILE_MAGIC, sizeof head->magic);
  head->version = PROFILE_FORMAT_VERSION;
  head->header_size = PROFILE_HEADER_SIZE;
  head->site_size = sizeof(profile_site_t);
  head->octaves = PROFILE_OCTAVES;
  head->sub_buckets = PROFILE_SUB_BUCKETS;
  head->used = file.used;
  head->file_size = file.file_size;
  head->pid = (uint32_t)getpid();
  head->ppid = (uint32_t)getppid();
  head->clock = clock_source;
  head->python = python;
  head->start_ticks = head->latest_ticks = now.ticks;
  head->start_ns = head->latest_ns = now.ns;
  head->start_unix_ns = clock_ns(CLOCK_REALTIME);
}

static int add_process(const profile_process_facts *facts) {
  profile_process_t *record = profile_add_record(PROFILE_RECORD_PROCESS, sizeof *record + facts->length);
  if (!record) return 0;
  record->count = facts->count;
  memcpy(record + 1, facts->pairs, facts->length);
  profile_publish();
  return 1;
}

static int open_new(const profile_process_facts *facts) {
  int fd = -1;
  int error = create(&fd);
  if (error) return fail("create", error);
  error = remember_identity(fd);
  if (!error) error = profile_allocate(fd, 0, FIRST_SIZE);
  if (error) {
    abandon(fd);
    return fail("write", error);
  }
  error = profile_map_new(fd, FIRST_SIZE);
  if (error) {
    abandon(fd);
    return fail("map", error);
  }
  file.fd = move_fd_up(fd);
  file.file_size = FIRST_SIZE;
  file.used = file.reserved = PROFILE_HEADER_SIZE;
  set_state(PROFILE_OPEN);
  fill_head(profile_head(), facts->python);
  return add_process(facts);
}

int profile_open(const profile_process_facts *facts) {
  SHARED_SCOPE();
  sigset_t signals;
  block_signals(&signals);
  int done = open_new(facts);
  unblock_signals(&signals);
  return done;
}

/* Makes the file at least `size` bytes long; errno-like. */
static int extend(uint64_t size) {
  size = (size + GRAIN - 1) / GRAIN * GRAIN;
  int fd = usable_fd();
  if (fd < 0) return errno;
  int error = profile_allocate(fd, file.file_size, size);
  if (!error) error = profile_map_grow(fd, (size_t)size);
  release_fd(fd);
  if (error) return error;
  file.file_size = size;
  profile_head()->file_size = size;
  return 0;
}

/* First generously; on a disk that is nearly full, only what is needed. */
static int grow(uint64_t needed) {
  uint64_t step = file.file_size < LARGEST_STEP ? file.file_size : LARGEST_STEP;
  uint64_t size = file.file_size + step;
  if (size < needed) size = needed + LARGEST_STEP;
  if (size > profile_map_limit()) size = profile_map_limit();
  sigset_t signals;
  block_signals(&signals);
  int error = size < needed ? EFBIG : extend(size);
  if (error && needed <= profile_map_limit()) error = extend(needed);
  unblock_signals(&signals);
  if (error && !(profile_head()->flags & PROFILE_FLAG_FULL)) say("grow", error, "some operations will be missing");
  if (error) profile_head()->flags |= PROFILE_FLAG_FULL;
  return !error;
}

void *profile_add_record(uint32_t type, uint64_t length) {
  if (profile_get_state() != PROFILE_OPEN || length > profile_map_limit()) return NULL;
  length = (length + PROFILE_ALIGNMENT - 1) & ~(uint64_t)(PROFILE_ALIGNMENT - 1);
  if (file.reserved + length > file.file_size && !grow(file.reserved + length)) return NULL;
  profile_record_t *record = (profile_record_t *)(profile_base + file.reserved);
  memset(record, 0, sizeof *record);
  record->type = type;
  record->length = length;
  file.reserved += length;
  return record;
}

void profile_publish(void) {
  file.used = file.reserved;
  __atomic_store_n(&profile_head()->used, file.used, __ATOMIC_RELEASE);
  file.published = *profile_head();
}

void profile_discard(void) {
  if (file.reserved > file.used) memset(profile_base + file.used, 0, file.reserved - file.used);
  file.reserved = file.used;
}

/* The record at `offset`, or NULL behind the last one: also where the file was lost, and all is zero. */
static profile_record_t *record_at(uint64_t offset) {
  profile_record_t *record = (profile_record_t *)(profile_base + offset);
  return offset < file.used && record->length > 0 ? record : NULL;
}

static profile_record_t *next_of_type(uint64_t offset, uint32_t type) {
  profile_record_t *record = record_at(offset);
  while (record && record->type != type) record = record_at(profile_offset(record) + record->length);
  return record;
}

/* A child of fork finds the parent's records emptied, and takes from them before it adds its own. */
static profile_blocks_t *blocks_with_room(void) {
  profile_blocks_t *now = file.blocks;
  if (now && now->taken < now->capacity) return now;
  uint64_t from = now ? profile_offset(now) + ((profile_record_t *)now)->length : PROFILE_HEADER_SIZE;
  profile_blocks_t *next = (profile_blocks_t *)next_of_type(from, PROFILE_RECORD_BLOCKS);
  if (next) return next;
  next = profile_add_record(PROFILE_RECORD_BLOCKS, sizeof *next + (uint64_t)BLOCKS_PER_RECORD * BLOCK_BYTES);
  if (!next) return NULL;
  next->capacity = BLOCKS_PER_RECORD;
  profile_publish();
  return next;
}

uint32_t profile_new_block(void) {
  SHARED_SCOPE();
  profile_blocks_t *blocks = blocks_with_room();
  if (!blocks) return 0;
  file.blocks = blocks;
  uint64_t first = (profile_offset(blocks) + sizeof *blocks) / PROFILE_BLOCK_UNIT;
  return (uint32_t)(first + (uint64_t)blocks->taken++ * BLOCK_STEP);
}

static profile_carry_entry_t *carry_entry(uint32_t block, uint32_t bucket) {
  profile_carry_t *last = NULL;
  uint64_t offset = PROFILE_HEADER_SIZE;
  for (profile_record_t *r; (r = next_of_type(offset, PROFILE_RECORD_CARRY)); offset = profile_offset(r) + r->length) {
    last = (profile_carry_t *)r;
    profile_carry_entry_t *entries = (profile_carry_entry_t *)(last + 1);
    for (uint32_t i = 0; i < last->taken; i++)
      if (entries[i].block == block && entries[i].bucket == bucket) return &entries[i];
  }
  if (!last || last->taken == last->capacity) {
    last = profile_add_record(PROFILE_RECORD_CARRY,
                              sizeof *last + (uint64_t)CARRIES_PER_RECORD * sizeof(profile_carry_entry_t));
    if (!last) return NULL;
    last->capacity = CARRIES_PER_RECORD;
    profile_publish();
  }
  profile_carry_entry_t *entry = (profile_carry_entry_t *)(last + 1) + last->taken;
  entry->block = block;
  entry->bucket = bucket;
  last->taken++;
  return entry;
}

void profile_carry(uint32_t block, uint32_t bucket) {
  SHARED_SCOPE();
  profile_carry_entry_t *entry = carry_entry(block, bucket);
  if (entry) entry->times++;
  else profile_head()->unrecorded_durations += (uint64_t)1 << 32;
}

void profile_anchor(void) {
  SHARED_SCOPE();
  if (profile_get_state() != PROFILE_OPEN) return;
  profile_header_t *head = profile_head();
  clock_anchor now = clock_anchor_now();
  head->latest_ticks = now.ticks;
  head->latest_ns = now.ns;
  if (now.ns > head->start_ns)
    head->ticks_per_second = (double)(now.ticks - head->start_ticks) * 1e9 / (double)(now.ns - head->start_ns);
}

void profile_finish(void) {
  SHARED_SCOPE();
  if (profile_get_state() != PROFILE_OPEN) return;
  profile_anchor();
  profile_head()->flags |= PROFILE_FLAG_FINISHED;
  sigset_t signals;
  block_signals(&signals);
  /* Whole pages beyond the cut would raise SIGBUS; nothing beyond `used` is ever touched. */
  int fd = usable_fd();
  profile_head()->file_size = file.used;
  if (fd < 0 || ftruncate(fd, (off_t)file.used) != 0) profile_head()->file_size = file.file_size;
  else file.file_size = file.used;
  release_fd(fd);
  unblock_signals(&signals);
  if (profile_get_state() == PROFILE_OPEN) set_state(PROFILE_FINISHED);
}

/* ---- fork ---- */

void profile_fork_child(void) {
  if (profile_get_state() == PROFILE_NONE || profile_get_state() == PROFILE_FAILED) return;
  file.reserved = file.used;
  set_state(profile_map_freeze() == 0 ? PROFILE_FORKED : PROFILE_FAILED);
}

/* The keys of rows of `size` bytes, whose counters start from zero. The heads of records with rows are alike. */
static int write_keys(int fd, const profile_record_t *record, size_t key, size_t size) {
  const profile_variants_t *rows = (const profile_variants_t *)record;
  uint64_t offset = profile_offset(record) + sizeof *rows;
  int error = profile_write(fd, rows, sizeof *rows, profile_offset(record));
  for (uint32_t i = 0; !error && i < rows->taken; i++, offset += size)
    error = profile_write(fd, profile_base + offset, key, offset);
  return error;
}

/* The nodes of the tree, whose counters start from zero. */
static int write_contexts(int fd, const profile_record_t *record) {
  static profile_context_t rows[64];
  const profile_contexts_t *contexts = (const profile_contexts_t *)record;
  const profile_context_t *from = (const profile_context_t *)(contexts + 1);
  int error = profile_write(fd, contexts, sizeof *contexts, profile_offset(record));
  for (uint32_t i = 0, n = 0; !error && i < contexts->taken; i++) {
    rows[n++] = (profile_context_t){from[i].parent, from[i].site, from[i].kind, from[i].label, .count = 0};
    if (n < sizeof rows / sizeof *rows && i + 1 < contexts->taken) continue;
    error = profile_write(fd, rows, n * sizeof *rows, profile_offset(&from[i + 1 - n]));
    n = 0;
  }
  return error;
}

/* Tables are copied; of counters only the heads, so that the new file's zeroes are the counters. */
static int write_record(int fd, const profile_record_t *record) {
  uint64_t offset = profile_offset(record);
  if (record->type == PROFILE_RECORD_SITES) return profile_write(fd, record, sizeof(profile_sites_t), offset);
  if (record->type == PROFILE_RECORD_BLOCKS || record->type == PROFILE_RECORD_CARRY) {
    profile_blocks_t head = *(const profile_blocks_t *)record;
    head.taken = 0;
    return profile_write(fd, &head, sizeof head, offset);
  }
  if (record->type == PROFILE_RECORD_VARIANTS)
    return write_keys(fd, record, sizeof(profile_variant_t), sizeof(profile_variant_t) + sizeof(profile_site_t));
  if (record->type == PROFILE_RECORD_COLLECTIONS)
    return write_keys(fd, record, offsetof(profile_collection_t, count), sizeof(profile_collection_t));
  if (record->type == PROFILE_RECORD_TAXES)
    return write_keys(fd, record, offsetof(profile_tax_t, swallowed), sizeof(profile_tax_t));
  if (record->type == PROFILE_RECORD_CONTEXTS) return write_contexts(fd, record);
  if (record->type == PROFILE_RECORD_WINDOWS) return profile_write(fd, record, sizeof(profile_windows_t), offset);
  return profile_write(fd, record, (size_t)record->length, offset);
}

static int write_child(int fd, uint64_t size) {
  int error = profile_allocate(fd, 0, size);
  const profile_header_t *parent = &file.published;
  profile_header_t head = {.flags = PROFILE_FLAG_FORKED,
                           .ticks_per_second = parent->ticks_per_second,
                           .inner_ticks = parent->inner_ticks,
                           .pair_ticks = parent->pair_ticks,
                           .spread_ticks = parent->spread_ticks,
                           .step_ticks = parent->step_ticks,
                           .floor_ticks = parent->floor_ticks,
                           .inner_subtracted = parent->inner_subtracted,
                           .pair_subtracted = parent->pair_subtracted,
                           .forks = parent->forks + 1,
                           .sampling_budget = parent->sampling_budget,
                           .gate = parent->gate,
                           .tables = parent->tables,
                           .sites = parent->sites,
                           .recorded = parent->recorded};
  fill_head(&head, parent->python);
  head.file_size = size;
  for (profile_record_t *r = record_at(PROFILE_HEADER_SIZE); !error && r; r = record_at(profile_offset(r) + r->length))
    error = write_record(fd, r);
  return error ? error : profile_write(fd, &head, sizeof head, 0);
}

static int open_child(void) {
  int parents = is_our_file(file.fd) ? file.fd : -1;
  int fd = -1;
  int error = create(&fd);
  if (error) return fail("create", error);
  uint64_t size = (file.used + FIRST_SIZE - 1) / FIRST_SIZE * FIRST_SIZE;
  error = write_child(fd, size);
  if (!error) error = remember_identity(fd);
  if (!error && profile_map_is_lost()) error = EIO; /* the parent's file was cut meanwhile */
  if (!error) error = profile_map_replace(fd);
  if (error) {
    abandon(fd);
    return profile_get_state() == PROFILE_FAILED ? 0 : fail("write", error);
  }
  if (parents >= 0) close(parents);
  file.fd = move_fd_up(fd);
  file.file_size = size;
  file.blocks = NULL;
  file.published = *profile_head();
  set_state(PROFILE_OPEN);
  return 1;
}

int profile_open_after_fork(void) {
  SHARED_SCOPE();
  if (profile_get_state() != PROFILE_FORKED) return profile_get_state() == PROFILE_OPEN;
  sigset_t signals;
  block_signals(&signals);
  int done = open_child();
  unblock_signals(&signals);
  return done;
}
