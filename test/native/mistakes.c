/*
 * Compiled into the runtime of test/native/sanitizers.test.ts: with PYREWRITE_FAULT the module makes a mistake when it
 * is loaded. Tests that find nothing must be able to find something.
 */
#define _GNU_SOURCE
#include <pthread.h>
#include <stdlib.h>
#include <string.h>

static volatile int zero;
static int shared;

static void *touch_shared(void *argument) {
  for (int i = 0; i < 100000; i++) shared++;
  return argument;
}

__attribute__((constructor)) static void make_mistake(void) {
  const char *kind = getenv("PYREWRITE_FAULT");
  if (!kind) return;
  volatile char *place = malloc(16);
  if (place && !strcmp(kind, "overflow")) place[16 + zero] = 1;
  if (!strcmp(kind, "undefined")) zero = (0x7FFFFFFF - zero) + (zero + 1);
  pthread_t thread;
  if (!strcmp(kind, "race") && pthread_create(&thread, NULL, touch_shared, NULL) == 0) {
    touch_shared(NULL);
    pthread_join(thread, NULL);
  }
  free((void *)place);
}
