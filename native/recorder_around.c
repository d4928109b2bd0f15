#include <stdlib.h>

#include "recorder.h"

static profile_site_t nowhere;
static recorder_site around_site = RECORDER_NO_SITE(&nowhere);

static recorder_around *around_of(const recorder_span *span) {
  return span->site == &around_site ? (recorder_around *)(void *)span->variant : NULL;
}

static void leave_around(recorder_thread *thread, recorder_around *around) {
  recorder_span *span = thread->top;
  for (uint32_t i = 0; i < around->count; i++) recorder_unmark_open(thread, around->open[i]);
  if (around->orphans) *around->orphans += span->children;
  span[-1].pairs += span->pairs;
  span[-1].looks += span->looks;
  thread->top = span - 1;
  free(around);
}

const recorder_around *recorder_top_around(void) { return around_of(recorder_this_thread->top); }

void recorder_leave_around(void) { leave_around(recorder_this_thread, around_of(recorder_this_thread->top)); }

int recorder_drop_around(void) {
  if (!recorder_top_around()) return 0;
  recorder_leave_around();
  return 1;
}

recorder_site *recorder_top(uint64_t *start) {
  *start = recorder_this_thread->top->start;
  return recorder_this_thread->top->site;
}

/* It counts as a pair inside from the start, so that nobody takes it for a leaf. */
void recorder_enter_around(recorder_around *around) {
  recorder_span *span = recorder_open_span(&around_site);
  if (!span) {
    free(around);
    return;
  }
  recorder_thread *thread = recorder_this_thread;
  span->variant = (profile_site_t *)(void *)around;
  span->pairs = 1;
  span->looks = 0;
  span->start = clock_now();
  for (uint32_t i = 0; i < around->count; i++) recorder_mark_open(thread, around->open[i]);
}
