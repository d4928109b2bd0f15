/* Operations that began while recording was off, inside of others that are open: their ends must not be taken for those. */
#include "recorder.h"

int recorder_was_off;

static profile_site_t nowhere;
static recorder_site skipped_site = RECORDER_NO_SITE(&nowhere);

int recorder_is_skipped(const recorder_span *span) { return span->site == &skipped_site; }

/* How many of them are open is in `look_start`. It counts as a pair inside from the start, so that nobody takes it for a leaf. */
static void enter(void) {
  recorder_span *span = recorder_open_span(&skipped_site);
  if (!span) return;
  span->pairs = 1;
  span->looks = span->off = 0;
  span->raises = 0;
  span->look_start = 1;
  span->start = clock_now();
}

static void leave(recorder_thread *thread) {
  recorder_span *span = thread->top;
  span[-1].children += span->children;
  span[-1].pairs += span->pairs;
  span[-1].looks += span->looks;
  span[-1].off += span->off;
  thread->top = span - 1;
}

void recorder_skip_begin(recorder_thread *thread) {
  if (recorder_is_skipped(thread->top)) thread->top->look_start++;
  else enter();
}

int recorder_skip_end(recorder_thread *thread) {
  if (!recorder_is_skipped(thread->top)) return 0;
  if (--thread->top->look_start == 0) leave(thread);
  return 1;
}

int recorder_skip_end_below(recorder_thread *thread) {
  const recorder_span *span = thread->top;
  while (span > thread->bottom && !recorder_is_skipped(span)) span--;
  if (span == thread->bottom) return 0;
  while (thread->top != span) recorder_drop_top(thread);
  return recorder_skip_end(thread);
}
