/* Writing to a file, and making it longer. Both give an errno, 0 for success. */
#ifndef PYREWRITE_PROFILE_DISK_H
#define PYREWRITE_PROFILE_DISK_H

#include <stddef.h>
#include <stdint.h>

int profile_write(int fd, const void *bytes, size_t length, uint64_t offset);

/* With room on the disk, so that a full one is an error here and not a SIGBUS at a later store. */
int profile_allocate(int fd, uint64_t from, uint64_t to);

#endif
