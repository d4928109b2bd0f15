/* Where profiles go: PYREWRITE_OUT. */
#ifndef PYREWRITE_PROFILE_PLACE_H
#define PYREWRITE_PROFILE_PLACE_H

#include <stddef.h>

enum { PROFILE_PLACE_MAX = 4096 };

/*
 * Writes the path for a process into `path`. `attempt` > 0 asks for another name, because that one exists.
 * 0 when it does not fit.
 */
int profile_place_path(char *path, size_t size, long pid, unsigned attempt);

#endif
