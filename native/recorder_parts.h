/* What the files of the recorder share among them. */
#ifndef PYREWRITE_RECORDER_PARTS_H
#define PYREWRITE_RECORDER_PARTS_H

#include "recorder.h"

static inline int recorder_has_context(const recorder_site *site) { return (site->number & RECORDER_CALLERS) != 0; }

static inline int recorder_looks_at_operands(const recorder_site *site) { return (site->number & RECORDER_LOOKS) != 0; }

/* What this thread counts at a site, made where it is not there yet. NULL without memory. */
static inline recorder_own *recorder_find_own(recorder_thread *thread, recorder_site *site) {
#ifdef PYREWRITE_FREE_THREADED
  if (site->table == RECORDER_NO_TABLE) return &thread->elsewhere;
  if (!recorder_has_own(thread, site)) return recorder_make_own(thread, site);
#endif
  return recorder_own_of(thread, site);
}

/* Takes what was seen of the operands of `site`; of none where nothing was. */
recorder_look recorder_take_look(const recorder_site *site);

/* What this thread counts for what was seen; NULL for nothing, or without room. */
profile_site_t *recorder_variant(recorder_own *own, const recorder_look *look);

/* More ticks that looks took. */
void recorder_add_look_ticks(uint64_t ticks);

/* Time off the CPU, up to `now`, is nobody's: takes it out of the operations that it fell into. */
void recorder_skip_time(recorder_thread *thread, const off_cpu_span *lost, uint64_t now);

/* Counts an operation, its duration in the histogram, too. */
void recorder_count_whole(profile_site_t *counters, int64_t ticks, uint64_t now, int raised);

/* The same once more, for what the operation ran on; `inclusive` is 0 in `total` where recursion counts it already. */
void recorder_count_variant(profile_site_t *variant, int64_t inclusive, int64_t self, int outermost, uint64_t now, int raised);

profile_tax_t *recorder_taxes(recorder_own *own, const recorder_site *site);

/* The top of the stack gets its first operation inside. */
void recorder_mark_parent(recorder_thread *thread);

void recorder_count_end_without_begin(void);

/* Once per process. 1 on success. */
int recorder_init_awaits(void);

/* In a child of fork: none is open. Gives how many were. */
uint64_t recorder_forget_awaits(void);

/* Around a fork: nobody else changes them. */
void recorder_lock_awaits(void);
void recorder_unlock_awaits(void);

#endif
