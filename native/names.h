/* Names of types and callables in the profile, each once. Knows nothing of Python. */
#ifndef PYREWRITE_NAMES_H
#define PYREWRITE_NAMES_H

#include <stddef.h>
#include <stdint.h>

/* The number of a name, from 1 on; 0 when there is no room for it. Longer names are cut. */
uint32_t names_number(const char *text, size_t length);

/* The number of `owner.name`; only of `name` where there is no owner or it is builtins. 0 without a name. */
uint32_t names_join(const char *owner, const char *name);

#endif
