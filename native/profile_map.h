/* The profile file in memory: at one address for the whole process, growing in place, safe from what happens to the file. */
#ifndef PYREWRITE_PROFILE_MAP_H
#define PYREWRITE_PROFILE_MAP_H

#include <stddef.h>

/* Maps the first `size` bytes of a new file and sets profile_base. errno-like. */
int profile_map_new(int fd, size_t size);

/* Maps the file up to `size` bytes, where the mapping ends before. errno-like. */
int profile_map_grow(int fd, size_t size);

/* Largest size that the mapping can have. */
size_t profile_map_limit(void);

/* In a child of fork: what is mapped may be read and not changed. Async-signal-safe. errno-like. */
int profile_map_freeze(void);

/* Maps another file in the place of the one before. errno-like. */
int profile_map_replace(int fd);

/* 1 once the file's pages were gone: what is mapped since is memory of this process alone. */
int profile_map_is_lost(void);

#endif
