#include "recorder.h"

#include <stdlib.h>
#include <string.h>

#include "control.h"
#include "pace.h"

uint32_t (*recorder_name_thread)(void);

/* Operations that were open at the fork: their ends are seen here, their begins were the parent's. */
static uint64_t inherited;

static int grow_spans(recorder_thread *thread) {
  size_t depth = (size_t)(thread->top - thread->bottom);
  size_t size = (size_t)(thread->limit - thread->bottom + 1) * 2;
  recorder_span *spans = realloc(thread->bottom, size * sizeof *spans);
  if (!spans) return 0;
  thread->bottom = spans;
  thread->top = spans + depth;
  thread->limit = spans + size - 1;
  return 1;
}

static int grow_active(recorder_thread *thread, uint32_t number) {
  uint32_t size = profile_head()->sites > number ? profile_head()->sites : number + 1;
  size += size / 4;
  uint32_t *active = realloc(thread->active, size * sizeof *active);
  if (!active) return 0;
  memset(active + thread->active_size, 0, (size - thread->active_size) * sizeof *active);
  thread->active = active;
  thread->active_size = size;
  return 1;
}

static recorder_span *make_room(void) {
  recorder_thread *thread = recorder_this_thread;
  if (thread == &recorder_no_thread) thread = recorder_new_thread();
  if (!thread || (thread->top == thread->limit && !grow_spans(thread))) return NULL;
  return thread->top + 1;
}

/* Open parents of a site on this thread, or NULL where none was ever counted. */
static uint32_t *active_of(const recorder_thread *thread, const recorder_site *site) {
  uint32_t number = recorder_number(site);
  return number < thread->active_size ? &thread->active[number] : NULL;
}

/* One more of this site is open that has operations inside. */
void recorder_mark_open(recorder_thread *thread, recorder_site *site) {
  site->parents++;
  if (active_of(thread, site) || grow_active(thread, recorder_number(site))) ++*active_of(thread, site);
}

/* The top of the stack gets its first operation inside. */
static void mark_parent(recorder_thread *thread) {
  thread->top->looks = recorder_first;
  thread->top->off = 0;
  thread->top->raises = 0;
  recorder_mark_open(thread, thread->top->site);
}

/* It ends. 1 if it was the outermost of its site on this thread. */
int recorder_unmark_parent(recorder_thread *thread, recorder_site *site) {
  uint32_t *active = active_of(thread, site);
  site->parents--;
  return !active || --*active == 0;
}

/* Whether no parent of this site is open on this thread. */
static int is_outermost(const recorder_thread *thread, const recorder_site *site) {
  const uint32_t *active = active_of(thread, site);
  return !active || *active == 0;
}

/* Puts a span on the stack, but for its start; NULL when nothing is recorded. */
recorder_span *recorder_open_span(recorder_site *site) {
  recorder_thread *thread = recorder_this_thread;
  recorder_span *span = thread->top + 1;
  if (thread->top == thread->limit) {
    span = make_room();
    if (!span) return NULL;
    thread = recorder_this_thread;
  }
  if (span[-1].pairs == 0) mark_parent(thread);
  recorder_open(thread, span, site);
  return span;
}

static int has_context(const recorder_site *site) { return (site->number & RECORDER_CALLERS) != 0; }

/* The name is asked for before anything is opened: telling it may collect garbage, and finalizers run operations. */
context_node *recorder_context(void) {
  if (!recorder_ready()) return NULL;
  if (recorder_this_thread->context) return recorder_this_thread->context;
  uint32_t name = recorder_name_thread ? recorder_name_thread() : 0;
  recorder_thread *thread = recorder_this_thread;
  if (!thread->context) thread->context = thread->root = contexts_root(PROFILE_CONTEXT_THREAD, name);
  return thread->context;
}

void recorder_begin(recorder_site *site) {
  if (has_context(site)) {
    recorder_begin_at(site, RECORDER_ANYWHERE);
    return;
  }
  recorder_span *span = recorder_open_span(site);
  if (span) span->start = clock_now();
}

void recorder_begin_at(recorder_site *site, recorder_place place) {
  if (!recorder_context()) return;
  recorder_span *span = recorder_open_span(site);
  if (!span) return;
  recorder_enter(recorder_this_thread, span, site, place);
  span->start = clock_now();
}

const void *recorder_frame(void) {
  const recorder_thread *thread = recorder_this_thread;
  const recorder_span *span = thread->top;
  while (span > thread->bottom && !has_context(span->site)) span--;
  return span > thread->bottom ? span->frame : NULL;
}

/* Takes what was seen of the operands of `site`, and when the look began: 0 where nothing was seen. */
static profile_site_t *take_look(const recorder_site *site, uint64_t *start) {
  recorder_look *look = &recorder_this_thread->look;
  *start = 0;
  if (look->site != site) return NULL;
  look->site = NULL;
  *start = look->start;
  return variants_find(look->set, recorder_number(site), look->key);
}

void recorder_begin_looked(recorder_site *site, recorder_place place) {
  uint64_t start;
  if (has_context(site) && !recorder_context()) return;
  profile_site_t *variant = take_look(site, &start);
  recorder_span *span = recorder_open_span(site);
  if (!span) return;
  span->variant = variant;
  span->look_start = start;
  if (has_context(site)) recorder_enter(recorder_this_thread, span, site, place);
  __asm__ volatile("" ::: "memory");
  span->start = clock_now();
}

static void count(profile_site_t *counters, int64_t ticks, uint64_t now, int raised) {
  recorder_latest latest = recorder_count(counters, ticks, now, raised);
  if (latest.site) histogram_add(latest.site, latest.ticks);
}

/* The same once more, for what the operation ran on; `inclusive` is 0 in `total` where recursion counts it already. */
static void count_variant(profile_site_t *variant, int64_t inclusive, int64_t self, int outermost, uint64_t now, int raised) {
  uint64_t duration = inclusive < 0 ? 0 : (uint64_t)inclusive;
  variant->self += self;
  if (outermost) variant->total += inclusive;
  if (duration < variant->min || variant->count == 0) variant->min = duration;
  if (duration > variant->max) variant->max = duration;
  variant->raised += (uint64_t)raised;
  variant->last = now;
  variant->count++;
  histogram_add(variant, duration);
}

/* ---- what else is known of an operation that ends ---- */

static profile_tax_t *taxes(recorder_site *site) { return taxes_of(&site->taxes, recorder_number(site)); }

static void count_swallowed(recorder_site *site) {
  profile_tax_t *row = taxes(site);
  if (row) row->swallowed++;
}

static uint64_t at_most(uint64_t a, uint64_t b) { return a < b ? a : b; }

/*
 * Reads the thread's clocks when the top span ends. Time off the CPU since the latest reading is its own as far as it
 * may have fallen into it; the rest, into what is around it.
 */
static void count_off_cpu(recorder_thread *thread, recorder_span *span, uint64_t now) {
  uint64_t most = span->pairs > 0 ? span->off : 0, least = 0, gil = most;
  if (off_cpu_is_due(&thread->off_cpu, now)) {
    off_cpu_span since = off_cpu_read(&thread->off_cpu, now);
    uint64_t begin = span->start > since.since ? span->start : since.since;
    uint64_t inside = (uint64_t)((double)(now - begin) * since.ns_per_tick);
    uint64_t outside = (uint64_t)((double)(begin - since.since) * since.ns_per_tick);
    uint64_t own = at_most(since.off, inside);
    most += own;
    gil += at_most(own, since.others);
    least = since.off > outside ? at_most(since.off - outside, own) : 0;
    if (span[-1].pairs > 0) span[-1].off += at_most(since.off - own, outside);
    pace_follow(now);
    span[-1].looks += clock_now() - now;
  }
  profile_tax_t *row = most > 0 ? taxes(span->site) : NULL;
  if (!row) return;
  row->off_count++;
  row->off_most += most;
  row->off_least += least;
  row->off_gil += gil;
}

static int looks_at_operands(const recorder_site *site) { return (site->number & RECORDER_LOOKS) != 0; }

/*
 * What looking at the operands of an operation took, before it and after its end, is its surroundings' no more. Behind
 * the second reading comes what every end does.
 */
static void take_off_look(recorder_span *span, uint64_t end) {
  uint64_t ticks = span->look_start ? span->start - span->look_start + (uint64_t)recorder_look_cost : 0;
  ticks += clock_now() - end;
  span[-1].looks += ticks;
  profile_head()->look_ticks += ticks;
}

/* Closes the top span, which must belong to `site`. A leaf needs neither its children's time nor its pairs' cost. */
static void close_top(recorder_thread *thread, recorder_site *site, uint64_t now, int raised) {
  recorder_span *span = thread->top;
  profile_site_t *counters = site->counters;
  uint64_t looks = span->pairs > 0 ? span->looks : 0;
  int64_t inclusive = (int64_t)(now - span->start - looks) - recorder_inner - (int64_t)span->pairs * recorder_pair;
  int outermost = span->pairs > 0 ? recorder_unmark_parent(thread, site) : is_outermost(thread, site);
  thread->top = span - 1;
  counters->self += inclusive - span->children;
  if (outermost) counters->total += inclusive;
  span[-1].children += inclusive;
  span[-1].pairs += span->pairs + 1;
  if (span->pairs > 0) span[-1].looks += looks + recorder_parent;
  if (has_context(site))
    contexts_count(recorder_leave(thread, span), outermost ? inclusive : 0, inclusive - span->children, raised);
  if (looks_at_operands(site)) {
    if (span->variant) count_variant(span->variant, inclusive, inclusive - span->children, outermost, now, raised);
    take_off_look(span, now);
  }
  count(counters, inclusive, now, raised);
  if (raised) {
    span[-1].raises = 1;
    span[-1].looks += recorder_raise;
  }
  if (!raised && span->pairs > 0 && span->raises) count_swallowed(site);
  uint64_t is_due = off_cpu_is_due(&thread->off_cpu, now);
  if (is_due || (span->pairs > 0 && span->off > 0)) count_off_cpu(thread, span, now);
  if (is_due && control_is_asked()) control_obey();
}

/* Drops the top span; the time of what ran inside stays with its surroundings. */
void recorder_drop_top(recorder_thread *thread) {
  recorder_span *span = thread->top;
  if (recorder_drop_around()) return;
  if (span->pairs > 0) {
    recorder_unmark_parent(thread, span->site);
    span[-1].looks += span->looks;
  }
  if (has_context(span->site)) recorder_leave(thread, span);
  span->site->counters->lost++;
  profile_head()->lost_spans++;
  span[-1].children += span->children;
  span[-1].pairs += span->pairs + 1;
  thread->top = span - 1;
}

static int is_open(const recorder_thread *thread, const recorder_site *site) {
  for (const recorder_span *span = thread->top; span > thread->bottom && !recorder_is_skipped(span); span--)
    if (span->site == site) return 1;
  return 0;
}

static void count_end_without_begin(void) {
  int is_inherited = inherited > 0;
  inherited -= (uint64_t)is_inherited;
  if (recorder_was_off && !is_inherited) return;
  if (profile_get_state() != PROFILE_OPEN && profile_get_state() != PROFILE_FINISHED) return;
  if (is_inherited) profile_head()->inherited_ends++;
  else profile_head()->lost_ends++;
}

/* Where the top is another operation, ends were lost above ours (an exit that nobody saw), or our begin was. */
void recorder_end(recorder_site *site, uint64_t now, int raised) {
  recorder_thread *thread = recorder_this_thread;
  if (thread->top->site != site && !is_open(thread, site)) {
    if (!recorder_skip_end_below(thread)) count_end_without_begin();
    return;
  }
  while (thread->top->site != site) recorder_drop_top(thread);
  close_top(thread, site, now, raised);
}

uint32_t recorder_depth(void) {
  recorder_thread *thread = recorder_this_thread;
  return (uint32_t)(thread->top - thread->bottom);
}

/* ---- awaits: open-addressing table, linear probing, no tombstones ---- */

typedef struct {
  const void *frame; /* NULL = free */
  recorder_site *site;
  uint64_t start;
  profile_site_t *variant; /* see recorder_span */
  context_node *context;   /* of the await itself; valid for sites with RECORDER_CALLERS */
  uint64_t suspended; /* since when; 0 while it runs */
  uint64_t times;     /* that it was suspended and went on, and how long that was */
  uint64_t ticks;
} await_entry;

static struct {
  await_entry *entries;
  size_t size; /* power of two */
  size_t count;
} awaits;

static size_t await_home(const void *frame) {
  return (size_t)(((uint64_t)(uintptr_t)frame * 0x9E3779B97F4A7C15u) >> 20) & (awaits.size - 1);
}

static await_entry *await_find(const void *frame) {
  size_t i = await_home(frame);
  while (awaits.entries[i].frame && awaits.entries[i].frame != frame) i = (i + 1) & (awaits.size - 1);
  return &awaits.entries[i];
}

static int await_grow(void) {
  size_t old_size = awaits.size;
  await_entry *old = awaits.entries;
  await_entry *entries = calloc(old_size ? old_size * 2 : 256, sizeof *entries);
  if (!entries) return 0;
  awaits.entries = entries;
  awaits.size = old_size ? old_size * 2 : 256;
  for (size_t i = 0; i < old_size; i++)
    if (old[i].frame) *await_find(old[i].frame) = old[i];
  free(old);
  return 1;
}

/* Closes the gap, so that every entry stays reachable from its home. */
static void await_remove(await_entry *entry) {
  size_t hole = (size_t)(entry - awaits.entries);
  size_t mask = awaits.size - 1;
  for (size_t i = (hole + 1) & mask; awaits.entries[i].frame; i = (i + 1) & mask) {
    size_t home = await_home(awaits.entries[i].frame);
    if (((i - home) & mask) < ((i - hole) & mask)) continue;
    awaits.entries[hole] = awaits.entries[i];
    hole = i;
  }
  awaits.entries[hole] = (await_entry){.frame = NULL};
  awaits.count--;
}

static void count_abandoned(recorder_site *site) {
  site->counters->lost++;
  profile_head()->abandoned_awaits++;
}

void recorder_await_begin(recorder_site *site, const void *frame, context_node *context) {
  if (has_context(site) && !context) context = recorder_context();
  if (!recorder_ready() || (awaits.count * 2 >= awaits.size && !await_grow())) return;
  await_entry *entry = await_find(frame);
  if (entry->frame) count_abandoned(entry->site); /* that frame is gone, another took its address */
  else awaits.count++;
  uint64_t start;
  entry->frame = frame;
  entry->site = site;
  entry->suspended = entry->times = entry->ticks = 0;
  entry->variant = looks_at_operands(site) ? take_look(site, &start) : NULL;
  entry->context = has_context(site) ? contexts_enter(context, recorder_number(site)) : NULL;
  __asm__ volatile("" ::: "memory");
  entry->start = clock_now();
}

void recorder_await_skip(const void *frame) {
  await_entry *entry = awaits.count > 0 ? await_find(frame) : NULL;
  if (!entry || !entry->frame) return;
  count_abandoned(entry->site);
  await_remove(entry);
}

int recorder_has_awaits(void) { return awaits.count > 0; }

static await_entry *await_open(const void *frame) {
  await_entry *entry = awaits.count > 0 ? await_find(frame) : NULL;
  return entry && entry->frame ? entry : NULL;
}

static void await_resume(await_entry *entry, uint64_t now) {
  entry->ticks += now - entry->suspended;
  entry->times++;
  entry->suspended = 0;
}

void recorder_await_turn(const void *frame) {
  uint64_t now = clock_now();
  await_entry *entry = await_open(frame);
  if (!entry) return;
  if (entry->suspended) await_resume(entry, now);
  else entry->suspended = now;
}

void recorder_frame_left(const void *frame) {
  await_entry *entry = await_open(frame);
  if (entry && !entry->suspended) entry->suspended = clock_now();
}

void recorder_frame_entered(const void *frame) {
  await_entry *entry = await_open(frame);
  if (entry && entry->suspended) await_resume(entry, clock_now());
}

static void count_suspensions(recorder_site *site, const await_entry *entry) {
  profile_tax_t *row = entry->times > 0 ? taxes(site) : NULL;
  if (!row) return;
  row->suspended++;
  row->suspensions += entry->times;
  row->suspended_ticks += entry->ticks;
}

void recorder_await_end(recorder_site *site, const void *frame, uint64_t now, int raised) {
  if (awaits.count == 0) {
    count_end_without_begin();
    return;
  }
  await_entry *entry = await_find(frame);
  if (!entry->frame) {
    count_end_without_begin();
    return;
  }
  /* What was thrown into it ends it, and no code of its own ran before. */
  if (entry->suspended) await_resume(entry, now);
  await_entry ended = *entry;
  int is_ours = entry->site == site;
  int64_t ticks = (int64_t)(now - entry->start) - recorder_inner;
  profile_site_t *variant = entry->variant;
  context_node *context = entry->context;
  if (!is_ours) count_abandoned(entry->site);
  await_remove(entry);
  if (!is_ours) {
    count_end_without_begin();
    return;
  }
  site->counters->total += ticks;
  site->counters->self += ticks;
  if (variant) count_variant(variant, ticks, ticks, 1, now, raised);
  if (context) contexts_count(context, ticks, ticks, raised);
  count(site->counters, ticks, now, raised);
  count_suspensions(site, &ended);
  recorder_thread *thread = recorder_this_thread;
  if (thread == &recorder_no_thread) return;
  if (thread->top->pairs == 0) mark_parent(thread);
  thread->top->pairs++;
}

context_node *recorder_await_context(const void *frame) {
  return awaits.count > 0 ? await_find(frame)->context : NULL;
}

/* The child's other threads do not exist: what they had open is not ours to close. */
void recorder_fork_child(void) {
  recorder_thread *thread = recorder_this_thread;
  inherited = awaits.count + (uint64_t)(thread->top - thread->bottom);
  if (awaits.entries) memset(awaits.entries, 0, awaits.size * sizeof *awaits.entries);
  awaits.count = 0;
  recorder_spare_thread();
}
