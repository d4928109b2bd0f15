/* Time that is our own. */
#include "recorder_parts.h"

recorder_pause recorder_pause_begin(int blocks) {
  recorder_thread *thread = recorder_this_thread;
  const recorder_span *top = thread->top;
  recorder_pause pause = {.children = top->children, .pairs = top->pairs, .looks = top->looks, .off = top->off,
                          .raises = top->raises, .depth = recorder_depth(), .before = thread->off_cpu,
                          .blocks = blocks};
  if (blocks && thread != &recorder_no_thread) off_cpu_start(&pause.begin);
  pause.start = clock_now();
  return pause;
}

/* As if the clocks had stood still. */
static void skip_off_cpu(off_cpu_clock *clock, const recorder_pause *pause) {
  off_cpu_start(clock);
  if (pause->begin.wall == 0) return;
  off_cpu_clock end = *clock;
  *clock = pause->before;
  clock->due += end.read - pause->begin.read;
  clock->read += end.read - pause->begin.read;
  clock->at += end.at - pause->begin.at;
  clock->wall += end.wall - pause->begin.wall;
  clock->cpu += end.cpu - pause->begin.cpu;
  clock->all += end.all - pause->begin.all;
}

static void start_later(recorder_span *span, uint64_t ticks) {
  span->start += ticks;
  if (recorder_looks_at_operands(span->site) && span->look_start) span->look_start += ticks;
}

/*
 * What is longer than all the CPU time since then was interrupted: by all of it, if it is long enough; else by as much as
 * it cannot have run.
 */
void recorder_skip_time(recorder_thread *thread, const off_cpu_span *lost, uint64_t now) {
  uint64_t off = (uint64_t)((double)lost->off / lost->ns_per_tick), ran = (uint64_t)((double)lost->ran / lost->ns_per_tick);
  if (off <= lost->late) return;
  off -= lost->late;
  for (recorder_span *span = thread->top; span > thread->bottom; span--) {
    uint64_t ticks = now - (span->start > lost->since ? span->start : lost->since);
    if (ticks > ran) start_later(span, ticks >= off ? off : ticks - ran);
  }
}

/* What ran meanwhile may have left operations open, whose ends were lost: then the top is another one. */
uint64_t recorder_pause_end(const recorder_pause *pause) {
  uint64_t ticks = clock_now() - pause->start;
  recorder_thread *thread = recorder_this_thread;
  if (thread == &recorder_no_thread) return ticks;
  recorder_span *top = thread->top;
  if (recorder_depth() == pause->depth) {
    if (pause->pairs == 0 && top->pairs > 0) recorder_unmark_open(thread, top->site);
    top->children = pause->children;
    top->pairs = pause->pairs;
    top->looks = pause->looks;
    top->off = pause->off;
    top->raises = pause->raises;
  }
  for (recorder_span *span = top; span > thread->bottom; span--) start_later(span, ticks);
  if (pause->blocks) skip_off_cpu(&thread->off_cpu, pause);
  return ticks;
}
