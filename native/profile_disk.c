#define _GNU_SOURCE
#include "profile_disk.h"

#include <errno.h>
#include <fcntl.h>
#include <sys/resource.h>
#include <unistd.h>

int profile_write(int fd, const void *bytes, size_t length, uint64_t offset) {
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

static int write_zeroes(int fd, uint64_t from, uint64_t to) {
  static const uint8_t zeroes[16 << 10];
  int error = 0;
  for (uint64_t at = from; !error && at < to; at += sizeof zeroes)
    error = profile_write(fd, zeroes, to - at < sizeof zeroes ? (size_t)(to - at) : sizeof zeroes, at);
  return error;
}

int profile_allocate(int fd, uint64_t from, uint64_t to) {
  struct rlimit limit;
  if (getrlimit(RLIMIT_FSIZE, &limit) == 0 && limit.rlim_cur != RLIM_INFINITY && to > limit.rlim_cur) return EFBIG;
#ifdef __APPLE__
  (void)from;
  return ftruncate(fd, (off_t)to) == 0 ? 0 : errno;
#else
  int error;
  do error = posix_fallocate(fd, (off_t)from, (off_t)(to - from));
  while (error == EINTR);
  int is_unknown = error == EOPNOTSUPP || error == ENOSYS || error == EINVAL; /* the file system cannot, nor does libc */
  return is_unknown ? write_zeroes(fd, from, to) : error;
#endif
}
