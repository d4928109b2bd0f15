#include "shared.h"

#ifdef PYREWRITE_FREE_THREADED

#include <pthread.h>

static pthread_mutex_t mutex = PTHREAD_MUTEX_INITIALIZER;
static _Thread_local unsigned depth;

void shared_lock(void) {
  if (depth++ == 0) pthread_mutex_lock(&mutex);
}

void shared_unlock(void) {
  if (--depth == 0) pthread_mutex_unlock(&mutex);
}

#endif
