#define _GNU_SOURCE
#include "profile_file.h"

#include <errno.h>
#include <fcntl.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <unistd.h>

#include "clock.h"
#include "profile_place.h"

#ifndef MAP_NORESERVE
#define MAP_NORESERVE 0
#endif

enum {
  FIRST_SIZE = 256 << 10,   /* of a new file */
  LARGEST_STEP = 16 << 20,  /* the file doubles until it grows by this much */
  BLOCKS_PER_RECORD = 255,  /* 32 KiB with the record's head */
  CARRIES_PER_RECORD = 60,
  BLOCK_BYTES = PROFILE_SUB_BUCKETS * 4,
  BLOCK_STEP = BLOCK_BYTES / PROFILE_BLOCK_UNIT,
  HIGH_FD = 500             /* programs expect the lowest numbers for themselves */
};

uint8_t *profile_base;

static struct {
  enum profile_state state;
  size_t capacity;    /* bytes of the mapping */
  uint64_t file_size; /* bytes that may be touched */
  uint64_t used;      /* published */
  uint64_t reserved;  /* published or being made */
  int fd;
  dev_t device;
  ino_t inode;
  profile_blocks_t *blocks; /* record that gives blocks now */
  char path[PROFILE_PLACE_MAX];
} file = {.fd = -1};

enum profile_state profile_get_state(void) { return file.state; }

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
  file.state = PROFILE_FAILED;
  return 0;
}

/* posix_fallocate, so that a full disk is an error here and not a SIGBUS at a later store. */
static int allocate(int fd, uint64_t from, uint64_t to) {
  struct rlimit limit;
  if (getrlimit(RLIMIT_FSIZE, &limit) == 0 && limit.rlim_cur != RLIM_INFINITY && to > limit.rlim_cur) return EFBIG;
#ifdef __APPLE__
  (void)from;
  return ftruncate(fd, (off_t)to) == 0 ? 0 : errno;
#else
  int error;
  do error = posix_fallocate(fd, (off_t)from, (off_t)(to - from));
  while (error == EINTR);
  return error;
#endif
}

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

/* The program may have closed our descriptor, or reused its number for a file of its own. */
static int usable_fd(void) {
  if (is_our_file(file.fd)) return file.fd;
  file.fd = open(file.path, O_RDWR | O_CLOEXEC | O_NOFOLLOW);
  if (file.fd < 0 || is_our_file(file.fd)) return file.fd;
  close(file.fd);
  return file.fd = -1;
}

static int move_fd_up(int fd) {
  int high = fcntl(fd, F_DUPFD_CLOEXEC, HIGH_FD);
  if (high < 0) return fd;
  close(fd);
  return high;
}

/* Creates a file that did not exist: never writes into another process's profile. */
static int create(int *fd_out) {
  for (unsigned attempt = 0; attempt < 1000; attempt++) {
    if (!profile_place_path(file.path, sizeof file.path, (long)getpid(), attempt)) return ENAMETOOLONG;
    int fd = open(file.path, O_RDWR | O_CREAT | O_EXCL | O_CLOEXEC, 0666);
    if (fd >= 0) {
      *fd_out = move_fd_up(fd);
      return 0;
    }
    if (errno != EEXIST) return errno;
  }
  return EEXIST;
}

static void abandon(int fd) {
  close(fd);
  unlink(file.path);
}

/* The largest of a few sizes that the address space (RLIMIT_AS) has room for. */
static int reserve(int fd) {
  for (size_t size = sizeof(void *) > 4 ? (size_t)1 << 30 : (size_t)1 << 27; size >= FIRST_SIZE; size /= 4) {
    void *base = mmap(NULL, size, PROT_READ | PROT_WRITE, MAP_SHARED | MAP_NORESERVE, fd, 0);
    if (base == MAP_FAILED) continue;
    profile_base = base;
    file.capacity = size;
    return 0;
  }
  return errno;
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

int profile_open(const profile_process_facts *facts) {
  int fd = -1;
  int error = create(&fd);
  if (error) return fail("create", error);
  error = remember_identity(fd);
  if (!error) error = allocate(fd, 0, FIRST_SIZE);
  if (error) {
    abandon(fd);
    return fail("write", error);
  }
  error = reserve(fd);
  if (error) {
    abandon(fd);
    return fail("map", error);
  }
  file.fd = fd;
  file.file_size = FIRST_SIZE;
  file.used = file.reserved = PROFILE_HEADER_SIZE;
  file.state = PROFILE_OPEN;
  fill_head(profile_head(), facts->python);
  return add_process(facts);
}

/* Makes the file `size` bytes long; errno-like. */
static int extend(uint64_t size) {
  int fd = usable_fd();
  if (fd < 0) return ENOENT;
  int error = allocate(fd, file.file_size, size);
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
  if (size > file.capacity) size = file.capacity;
  int error = size < needed ? EFBIG : extend(size);
  if (error && needed <= file.capacity) error = extend(needed);
  if (error && !(profile_head()->flags & PROFILE_FLAG_FULL)) say("grow", error, "some operations will be missing");
  if (error) profile_head()->flags |= PROFILE_FLAG_FULL;
  return !error;
}

void *profile_add_record(uint32_t type, uint64_t length) {
  if (file.state != PROFILE_OPEN || length > file.capacity) return NULL;
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
}

void profile_discard(void) {
  if (file.reserved > file.used) memset(profile_base + file.used, 0, file.reserved - file.used);
  file.reserved = file.used;
}

/* The record at `offset`, or NULL behind the last one. */
static profile_record_t *record_at(uint64_t offset) {
  return offset < file.used ? (profile_record_t *)(profile_base + offset) : NULL;
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
  profile_carry_entry_t *entry = carry_entry(block, bucket);
  if (entry) entry->times++;
  else profile_head()->unrecorded_durations += (uint64_t)1 << 32;
}

void profile_anchor(void) {
  if (file.state != PROFILE_OPEN) return;
  profile_header_t *head = profile_head();
  clock_anchor now = clock_anchor_now();
  head->latest_ticks = now.ticks;
  head->latest_ns = now.ns;
  if (now.ns > head->start_ns)
    head->ticks_per_second = (double)(now.ticks - head->start_ticks) * 1e9 / (double)(now.ns - head->start_ns);
}

void profile_finish(void) {
  if (file.state != PROFILE_OPEN) return;
  profile_anchor();
  profile_head()->flags |= PROFILE_FLAG_FINISHED;
  /* Whole pages beyond the cut would raise SIGBUS; nothing beyond `used` is ever touched. */
  int fd = usable_fd();
  profile_head()->file_size = file.used;
  if (fd < 0 || ftruncate(fd, (off_t)file.used) != 0) profile_head()->file_size = file.file_size;
  file.state = PROFILE_FINISHED;
}

/* ---- fork ---- */

/* Without our descriptor the child's private view has to be a copy. */
static void copy_privately(void) {
  size_t size = (size_t)file.file_size;
  uint8_t *copy = mmap(NULL, size, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
  if (copy == MAP_FAILED) {
    file.state = PROFILE_FAILED;
    return;
  }
  memcpy(copy, profile_base, (size_t)file.used);
  uint8_t *base = mmap(profile_base, file.capacity, PROT_READ | PROT_WRITE,
                       MAP_PRIVATE | MAP_ANONYMOUS | MAP_FIXED | MAP_NORESERVE, -1, 0);
  if (base == MAP_FAILED) file.state = PROFILE_FAILED;
  else memcpy(base, copy, (size_t)file.used);
  munmap(copy, size);
}

void profile_fork_child(void) {
  if (file.state == PROFILE_NONE || file.state == PROFILE_FAILED) return;
  file.reserved = file.used;
  file.state = PROFILE_FORKED;
  if (is_our_file(file.fd) &&
      mmap(profile_base, file.capacity, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_FIXED | MAP_NORESERVE, file.fd, 0) !=
          MAP_FAILED)
    return;
  copy_privately();
}

static int write_at(int fd, const void *bytes, size_t length, uint64_t offset) {
  const uint8_t *p = bytes;
  while (length > 0) {
    ssize_t n = pwrite(fd, p, length, (off_t)offset);
    if (n < 0 && errno == EINTR) continue;
    if (n <= 0) return n < 0 ? errno : EIO;
    p += n;
    length -= (size_t)n;
    offset += (uint64_t)n;
  }
  return 0;
}

/* The keys of the variants, whose counters start from zero. */
static int write_variants(int fd, const profile_record_t *record) {
  const profile_variants_t *variants = (const profile_variants_t *)record;
  uint64_t offset = profile_offset(record) + sizeof *variants;
  int error = write_at(fd, variants, sizeof *variants, profile_offset(record));
  for (uint32_t i = 0; !error && i < variants->taken; i++, offset += sizeof(profile_variant_t) + sizeof(profile_site_t))
    error = write_at(fd, profile_base + offset, sizeof(profile_variant_t), offset);
  return error;
}

/* Tables are copied; of counters only the heads, so that the new file's zeroes are the counters. */
static int write_record(int fd, const profile_record_t *record) {
  uint64_t offset = profile_offset(record);
  if (record->type == PROFILE_RECORD_SITES) return write_at(fd, record, sizeof(profile_sites_t), offset);
  if (record->type == PROFILE_RECORD_BLOCKS || record->type == PROFILE_RECORD_CARRY) {
    profile_blocks_t head = *(const profile_blocks_t *)record;
    head.taken = 0;
    return write_at(fd, &head, sizeof head, offset);
  }
  if (record->type == PROFILE_RECORD_VARIANTS) return write_variants(fd, record);
  return write_at(fd, record, (size_t)record->length, offset);
}

static int write_child(int fd, uint64_t size) {
  int error = allocate(fd, 0, size);
  const profile_header_t *parent = profile_head();
  profile_header_t head = {.flags = PROFILE_FLAG_FORKED,
                           .ticks_per_second = parent->ticks_per_second,
                           .inner_ticks = parent->inner_ticks,
                           .pair_ticks = parent->pair_ticks,
                           .spread_ticks = parent->spread_ticks,
                           .floor_ticks = parent->floor_ticks,
                           .inner_subtracted = parent->inner_subtracted,
                           .pair_subtracted = parent->pair_subtracted,
                           .forks = parent->forks + 1,
                           .tables = parent->tables,
                           .sites = parent->sites};
  fill_head(&head, parent->python);
  head.file_size = size;
  for (profile_record_t *r = record_at(PROFILE_HEADER_SIZE); !error && r; r = record_at(profile_offset(r) + r->length))
    error = write_record(fd, r);
  return error ? error : write_at(fd, &head, sizeof head, 0);
}

int profile_open_after_fork(void) {
  if (file.state != PROFILE_FORKED) return file.state == PROFILE_OPEN;
  int fd = -1;
  int error = create(&fd);
  if (error) return fail("create", error);
  uint64_t size = (file.used + FIRST_SIZE - 1) / FIRST_SIZE * FIRST_SIZE;
  error = write_child(fd, size);
  if (!error) error = remember_identity(fd);
  if (!error && mmap(profile_base, file.capacity, PROT_READ | PROT_WRITE, MAP_SHARED | MAP_FIXED | MAP_NORESERVE, fd,
                     0) == MAP_FAILED)
    error = errno;
  if (error) {
    abandon(fd);
    return fail("write", error);
  }
  if (file.fd >= 0) close(file.fd);
  file.fd = fd;
  file.file_size = size;
  file.blocks = NULL;
  file.state = PROFILE_OPEN;
  return 1;
}
