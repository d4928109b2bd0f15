/* What the recorder keeps for each thread: made when it runs its first probe, freed when it ends. */
#include <pthread.h>
#include <stdlib.h>
#include <string.h>

#include "control.h"
#include "recorder.h"

enum { FIRST_SPANS = 256 };

static recorder_span no_span = {.pairs = 1};
recorder_thread recorder_no_thread = {.top = &no_span, .limit = &no_span, .bottom = &no_span};
_Thread_local recorder_thread *recorder_this_thread = &recorder_no_thread;

static pthread_key_t thread_key;

/* The forking thread's state in the child; not freed there, because malloc may not be called in a fork handler. */
static recorder_thread *spare;

static void free_thread(void *value) {
  recorder_thread *thread = value;
  recorder_this_thread = &recorder_no_thread;
  free(thread->bottom);
  free(thread->active);
  free(thread);
}

int recorder_init(void) { return pthread_key_create(&thread_key, free_thread) == 0; }

static recorder_thread *allocate_thread(void) {
  recorder_thread *thread = calloc(1, sizeof *thread);
  recorder_span *spans = calloc(FIRST_SPANS, sizeof *spans);
  if (!thread || !spans) {
    free(thread);
    free(spans);
    return NULL;
  }
  thread->bottom = thread->top = spans;
  spans->pairs = 1;
  thread->limit = spans + FIRST_SPANS - 1;
  return thread;
}

static recorder_thread *reuse_spare(void) {
  recorder_thread *thread = spare;
  spare = NULL;
  thread->top = thread->bottom;
  thread->look.site = NULL;
  thread->context = thread->root;
  *thread->bottom = (recorder_span){.pairs = 1};
  if (thread->active) memset(thread->active, 0, thread->active_size * sizeof *thread->active);
  return thread;
}

recorder_thread *recorder_new_thread(void) {
  if (profile_get_state() == PROFILE_FORKED && !profile_open_after_fork()) return NULL;
  if (profile_get_state() == PROFILE_FAILED || profile_get_state() == PROFILE_NONE) return NULL;
  recorder_thread *thread = spare ? reuse_spare() : allocate_thread();
  if (!thread) return NULL;
  off_cpu_start(&thread->off_cpu);
  pthread_setspecific(thread_key, thread);
  recorder_this_thread = thread;
  profile_head()->threads++;
  control_note();
  profile_anchor();
  return thread;
}

int recorder_ready(void) { return recorder_this_thread != &recorder_no_thread || recorder_new_thread() != NULL; }

void recorder_spare_thread(void) {
  recorder_thread *thread = recorder_this_thread;
  if (thread == &recorder_no_thread) return;
  pthread_setspecific(thread_key, NULL);
  recorder_this_thread = &recorder_no_thread;
  spare = thread;
}
