/* The name that the module threading knows the running thread by. */
#ifndef PYREWRITE_THREAD_NAMES_H
#define PYREWRITE_THREAD_NAMES_H

#include <stdint.h>

/* Its number (see names.h); 0 where it has none. Runs no Python. */
uint32_t thread_names_number(void);

#endif
