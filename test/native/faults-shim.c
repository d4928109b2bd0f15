/*
 * Preloaded by faults.test.ts: the N-th call that has to do with a profile fails, or ends the process.
 *   FAULT_AT     number of the call, from 1; 0 = none, only count
 *   FAULT_ERRNO  what it fails with; -1 = kill before the call, -2 = kill behind it, -3 = do half of it (pwrite)
 *   FAULT_COUNT  file that gets the number of calls so far
 */
#define _GNU_SOURCE
#include <dlfcn.h>
#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdarg.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <unistd.h>

static unsigned char is_profile[4096]; /* by descriptor */
static long calls;

static int tracked(int fd) { return fd >= 0 && fd < (int)sizeof is_profile && is_profile[fd]; }

static void end(void) { syscall(SYS_kill, getpid(), SIGKILL); }

/* 0: go on; else what the call shall fail with, or -2, -3. */
static int fault(void) {
  const char *at = getenv("FAULT_AT"), *number = getenv("FAULT_ERRNO"), *count = getenv("FAULT_COUNT");
  calls++;
  if (count) {
    int fd = (int)syscall(SYS_openat, AT_FDCWD, count, O_WRONLY | O_CREAT | O_CLOEXEC, 0666);
    struct stat st;
    /* one byte a call: the largest number of any process remains */
    if (fd >= 0 && fstat(fd, &st) == 0 && st.st_size < calls) syscall(SYS_ftruncate, fd, calls);
    if (fd >= 0) syscall(SYS_close, fd);
  }
  if (!at || atol(at) != calls || !number) return 0;
  if (atoi(number) == -1) end();
  return atoi(number);
}

#define REAL(name) ((__typeof__(&name))(uintptr_t)dlsym(RTLD_NEXT, #name))

static int is_profile_path(const char *path) {
  size_t n = strlen(path);
  return n > 5 && !strcmp(path + n - 5, ".prof");
}

static int open_any(int (*real)(const char *, int, ...), const char *path, int flags, mode_t mode) {
  if (!is_profile_path(path)) {
    int fd = real(path, flags, mode);
    if (fd >= 0 && fd < (int)sizeof is_profile) is_profile[fd] = 0;
    return fd;
  }
  int error = fault();
  if (error > 0) {
    errno = error;
    return -1;
  }
  int fd = real(path, flags, mode);
  if (error == -2) end();
  if (fd >= 0 && fd < (int)sizeof is_profile) is_profile[fd] = 1;
  return fd;
}

int open(const char *path, int flags, ...) {
  va_list list;
  va_start(list, flags);
  mode_t mode = flags & (O_CREAT | O_TMPFILE) ? va_arg(list, mode_t) : 0;
  va_end(list);
  return open_any(REAL(open), path, flags, mode);
}

int open64(const char *path, int flags, ...) {
  va_list list;
  va_start(list, flags);
  mode_t mode = flags & (O_CREAT | O_TMPFILE) ? va_arg(list, mode_t) : 0;
  va_end(list);
  return open_any(REAL(open64), path, flags, mode);
}

int close(int fd) {
  if (fd >= 0 && fd < (int)sizeof is_profile) is_profile[fd] = 0;
  return REAL(close)(fd);
}

#define BEFORE(failure)                     \
  int error = tracked(fd) ? fault() : 0;    \
  if (error > 0) {                          \
    errno = error;                          \
    return failure;                         \
  }
#define AFTER \
  if (error == -2) end();

int posix_fallocate(int fd, off_t offset, off_t length) {
  int error = tracked(fd) ? fault() : 0;
  if (error > 0) return error;
  int result = REAL(posix_fallocate)(fd, offset, length);
  AFTER
  return result;
}

int ftruncate(int fd, off_t length) {
  BEFORE(-1)
  int result = REAL(ftruncate)(fd, length);
  AFTER
  return result;
}

void *mmap(void *address, size_t length, int protection, int flags, int fd, off_t offset) {
  BEFORE(MAP_FAILED)
  void *result = REAL(mmap)(address, length, protection, flags, fd, offset);
  AFTER
  return result;
}

ssize_t pwrite(int fd, const void *bytes, size_t length, off_t offset) {
  BEFORE(-1)
  ssize_t result = REAL(pwrite)(fd, bytes, error == -3 ? (length + 1) / 2 : length, offset);
  AFTER
  return result;
}

int fstat(int fd, struct stat *st) {
  BEFORE(-1)
  int result = REAL(fstat)(fd, st);
  AFTER
  return result;
}

int fcntl(int fd, int command, ...) {
  va_list list;
  va_start(list, command);
  void *argument = va_arg(list, void *);
  va_end(list);
  BEFORE(-1)
  int result = REAL(fcntl)(fd, command, argument);
  AFTER
  if (command == F_DUPFD_CLOEXEC && result >= 0 && result < (int)sizeof is_profile) is_profile[result] = is_profile[fd];
  return result;
}

int fcntl64(int fd, int command, ...) {
  va_list list;
  va_start(list, command);
  void *argument = va_arg(list, void *);
  va_end(list);
  return fcntl(fd, command, argument);
}

/* Each process is asked anew: a child's calls are the ones behind its parent's. */
int unlink(const char *path) {
  int error = is_profile_path(path) ? fault() : 0;
  if (error > 0) {
    errno = error;
    return -1;
  }
  int result = REAL(unlink)(path);
  AFTER
  return result;
}
