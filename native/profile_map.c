#define _GNU_SOURCE
#include "profile_map.h"

#include <errno.h>
#include <signal.h>
#include <sys/mman.h>
#include <unistd.h>

#include "clock.h"
#include "profile_file.h"

#ifndef MAP_NORESERVE
#define MAP_NORESERVE 0
#endif
#ifndef MAP_ANONYMOUS
#define MAP_ANONYMOUS MAP_ANON
#endif
#ifndef MAP_FIXED_NOREPLACE
#ifdef __linux__
#define MAP_FIXED_NOREPLACE 0x100000
#else
#define MAP_FIXED_NOREPLACE 0
#endif
#endif

enum { LARGEST_SHIFT = sizeof(void *) > 4 ? 30 : 27, SMALLEST = 256 << 10 };

uint8_t *profile_base;

static size_t mapped;
static size_t limit;

static volatile sig_atomic_t lost;
static struct sigaction before;

size_t profile_map_limit(void) { return limit; }

int profile_map_is_lost(void) { return lost; }

/* MAP_FIXED_NOREPLACE is a mere hint to kernels before 4.17. */
static int map_at(uint8_t *place, int fd, size_t from, size_t to) {
  void *got = mmap(place, to - from, PROT_READ | PROT_WRITE, MAP_SHARED | MAP_FIXED_NOREPLACE, fd, (off_t)from);
  if (got == place) return 0;
  int error = got == MAP_FAILED ? errno : EEXIST;
  if (got != MAP_FAILED) munmap(got, to - from);
  return error;
}

/*
 * Far from where the kernel, the heap and the program put anything, so that the mapping can grow where it is. To
 * reserve all that it may ever need would count against RLIMIT_AS: programs that limit their memory would fail.
 */
static int map_far_away(int fd, size_t size) {
#if UINTPTR_MAX > 0xFFFFFFFFu && !defined(__SANITIZE_THREAD__) /* ThreadSanitizer knows of a few areas only */
  static const uint64_t areas[] = {(uint64_t)1 << 45, (uint64_t)1 << 45, (uint64_t)1 << 37, (uint64_t)1 << 37};
  uint64_t random = clock_ns(CLOCK_REALTIME) ^ (uint64_t)(uintptr_t)&random ^ (uint64_t)getpid() << 40;
  for (unsigned i = 0; i < sizeof areas / sizeof *areas; i++) {
    random = random * 0x9E3779B97F4A7C15u + 1;
    uint64_t slot = (random >> 40) % (areas[i] >> (LARGEST_SHIFT + 1));
    uint8_t *place = (uint8_t *)(uintptr_t)(areas[i] + (slot << LARGEST_SHIFT));
    if (map_at(place, fd, 0, size) != 0) continue;
    profile_base = place;
    mapped = size;
    limit = (size_t)1 << LARGEST_SHIFT;
    return 1;
  }
#else
  (void)fd;
  (void)size;
#endif
  return 0;
}

/* Where the kernel likes, then; the largest of a few sizes that the address space has room for. */
static int map_with_room(int fd) {
  for (size_t size = (size_t)1 << LARGEST_SHIFT; size >= SMALLEST; size /= 4) {
    void *base = mmap(NULL, size, PROT_READ | PROT_WRITE, MAP_SHARED | MAP_NORESERVE, fd, 0);
    if (base == MAP_FAILED) continue;
    profile_base = base;
    mapped = limit = size;
    return 0;
  }
  return errno;
}

int profile_map_grow(int fd, size_t size) {
  if (size <= mapped) return 0;
  int error = map_at(profile_base + mapped, fd, mapped, size);
  if (!error) mapped = size;
  return error;
}

int profile_map_freeze(void) { return mprotect(profile_base, mapped, PROT_READ) == 0 ? 0 : errno; }

static int map_over(int flags, int fd) {
  return mmap(profile_base, mapped, PROT_READ | PROT_WRITE, flags | MAP_FIXED | MAP_NORESERVE, fd, 0) != MAP_FAILED;
}

int profile_map_replace(int fd) {
  if (map_over(MAP_SHARED, fd)) return 0;
  int error = errno;
  map_over(MAP_PRIVATE | MAP_ANONYMOUS, -1); /* the place may be empty now */
  return error;
}

/* ---- a file that is cut by others, or whose disk fails: its pages are gone, and touching them is a SIGBUS */

static int is_ours(const siginfo_t *info) {
  const uint8_t *place = info->si_addr;
  if (info->si_code > 0) return place >= profile_base && place < profile_base + mapped;
  return profile_file_is_cut(); /* faulthandler sends the signal again after its report, without the address */
}

static void pass_on(int number, siginfo_t *info, void *context) {
  if (before.sa_flags & SA_SIGINFO) before.sa_sigaction(number, info, context);
  else if (before.sa_handler != SIG_DFL && before.sa_handler != SIG_IGN) before.sa_handler(number);
  else if (before.sa_handler == SIG_DFL || info->si_code > 0) {
    signal(number, SIG_DFL);
    if (info->si_code <= 0) raise(number); /* else the access is repeated, and now it ends the process */
  }
}

static void on_bus_error(int number, siginfo_t *info, void *context) {
  int error = errno;
  if (!lost && is_ours(info) && map_over(MAP_PRIVATE | MAP_ANONYMOUS, -1)) {
    lost = 1;
    profile_file_lost();
  } else {
    pass_on(number, info, context);
  }
  errno = error;
}

static void guard(void) {
  struct sigaction action = {.sa_sigaction = on_bus_error, .sa_flags = SA_SIGINFO | SA_ONSTACK};
  sigemptyset(&action.sa_mask);
  sigaction(SIGBUS, &action, &before);
}

int profile_map_new(int fd, size_t size) {
  int error = map_far_away(fd, size) ? 0 : map_with_room(fd);
  if (!error) guard();
  return error;
}
