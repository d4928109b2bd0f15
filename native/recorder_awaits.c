/*
 * Awaits: open-addressing tables, linear probing, no tombstones. Without a GIL an await may end on another thread than it
 * began, and several threads begin and end them at once: there are several tables, each with a lock.
 */
#include <stdlib.h>
#include <string.h>

#include "recorder_parts.h"
#include "shared.h"

#ifdef PYREWRITE_FREE_THREADED
#include <pthread.h>
enum { TABLES = 16 };
#else
enum { TABLES = 1 };
#endif

typedef struct {
  const void *frame; /* NULL = free */
  recorder_site *site;
  uint64_t start;
  recorder_look look;
  const recorder_thread *thread; /* that began it */
  context_node *context; /* of the await itself, in the tree of the thread that began it; valid for sites with RECORDER_CALLERS */
  uint64_t suspended; /* since when; 0 while it runs */
  uint64_t times;     /* that it was suspended and went on, and how long that was */
  uint64_t ticks;
} await_entry;

typedef struct {
  await_entry *entries;
  size_t size; /* power of two */
  size_t count;
#ifdef PYREWRITE_FREE_THREADED
  pthread_mutex_t mutex;
#endif
} await_table;

static await_table tables[TABLES];

static uint32_t moved;

uint32_t recorder_moved_awaits(void) { return __atomic_load_n(&moved, __ATOMIC_RELAXED); }

#ifdef PYREWRITE_FREE_THREADED

int recorder_init_awaits(void) {
  int error = 0;
  for (int i = 0; i < TABLES; i++) error |= pthread_mutex_init(&tables[i].mutex, NULL);
  return error == 0;
}

static await_table *table_of(const void *frame) {
  return &tables[((uint64_t)(uintptr_t)frame * 0x9E3779B97F4A7C15u) >> 60];
}

static void lock(await_table *table) { pthread_mutex_lock(&table->mutex); }

static void unlock(await_table *table) { pthread_mutex_unlock(&table->mutex); }

#else

int recorder_init_awaits(void) { return 1; }

static await_table *table_of(const void *frame) {
  (void)frame;
  return tables;
}

static void lock(await_table *table) { (void)table; }

static void unlock(await_table *table) { (void)table; }

#endif

void recorder_lock_awaits(void) {
  for (int i = 0; i < TABLES; i++) lock(&tables[i]);
}

void recorder_unlock_awaits(void) {
  for (int i = 0; i < TABLES; i++) unlock(&tables[i]);
}

static size_t home_of(const await_table *table, const void *frame) {
  return (size_t)(((uint64_t)(uintptr_t)frame * 0x9E3779B97F4A7C15u) >> 20) & (table->size - 1);
}

static await_entry *find(const await_table *table, const void *frame) {
  size_t i = home_of(table, frame);
  while (table->entries[i].frame && table->entries[i].frame != frame) i = (i + 1) & (table->size - 1);
  return &table->entries[i];
}

static await_entry *find_open(const await_table *table, const void *frame) {
  await_entry *entry = table->count > 0 ? find(table, frame) : NULL;
  return entry && entry->frame ? entry : NULL;
}

static int grow(await_table *table) {
  size_t old_size = table->size;
  await_entry *old = table->entries;
  await_entry *entries = calloc(old_size ? old_size * 2 : 256, sizeof *entries);
  if (!entries) return 0;
  table->entries = entries;
  table->size = old_size ? old_size * 2 : 256;
  for (size_t i = 0; i < old_size; i++)
    if (old[i].frame) *find(table, old[i].frame) = old[i];
  free(old);
  return 1;
}

/* Closes the gap, so that every entry stays reachable from its home. */
static void remove_entry(await_table *table, await_entry *entry) {
  size_t hole = (size_t)(entry - table->entries);
  size_t mask = table->size - 1;
  for (size_t i = (hole + 1) & mask; table->entries[i].frame; i = (i + 1) & mask) {
    size_t home = home_of(table, table->entries[i].frame);
    if (((i - home) & mask) < ((i - hole) & mask)) continue;
    table->entries[hole] = table->entries[i];
    hole = i;
  }
  table->entries[hole] = (await_entry){.frame = NULL};
  table->count--;
}

static void count_abandoned(recorder_site *site) {
  recorder_own *own = recorder_find_own(recorder_this_thread, site);
  if (own) own->counters->lost++;
  SHARED_SCOPE();
  profile_head()->abandoned_awaits++;
}

static void begin(await_table *table, recorder_site *site, const void *frame, context_node *context) {
  if (table->count * 2 >= table->size && !grow(table)) return;
  await_entry *entry = find(table, frame);
  if (entry->frame) count_abandoned(entry->site); /* that frame is gone, another took its address */
  else table->count++;
  entry->frame = frame;
  entry->site = site;
  entry->thread = recorder_this_thread;
  entry->suspended = entry->times = entry->ticks = 0;
  entry->look = recorder_looks_at_operands(site) ? recorder_take_look(site) : (recorder_look){.site = NULL};
  entry->context = recorder_has_context(site) ? contexts_enter(context, recorder_number(site)) : NULL;
  __asm__ volatile("" ::: "memory");
  entry->start = clock_now();
}

void recorder_await_begin(recorder_site *site, const void *frame, context_node *context) {
  if (recorder_has_context(site) && !context) context = recorder_context();
  if (!recorder_ready()) return;
  await_table *table = table_of(frame);
  lock(table);
  begin(table, site, frame, context);
  unlock(table);
}

static void skip(await_table *table, const void *frame) {
  await_entry *entry = find_open(table, frame);
  if (!entry) return;
  count_abandoned(entry->site);
  remove_entry(table, entry);
}

void recorder_await_skip(const void *frame) {
  if (!recorder_ready()) return;
  await_table *table = table_of(frame);
  lock(table);
  skip(table, frame);
  unlock(table);
}

int recorder_has_awaits(void) {
#ifdef PYREWRITE_FREE_THREADED
  return 1; /* to ask all tables takes longer than what asks would save */
#else
  return tables[0].count > 0;
#endif
}

static void resume(await_entry *entry, uint64_t now) {
  entry->ticks += now - entry->suspended;
  entry->times++;
  entry->suspended = 0;
}

void recorder_await_turn(const void *frame) {
  uint64_t now = clock_now();
  await_table *table = table_of(frame);
  lock(table);
  await_entry *entry = find_open(table, frame);
  if (entry && entry->suspended) resume(entry, now);
  else if (entry) entry->suspended = now;
  unlock(table);
}

void recorder_frame_left(const void *frame) {
  await_table *table = table_of(frame);
  lock(table);
  await_entry *entry = find_open(table, frame);
  if (entry && !entry->suspended) entry->suspended = clock_now();
  unlock(table);
}

void recorder_frame_entered(const void *frame) {
  await_table *table = table_of(frame);
  lock(table);
  await_entry *entry = find_open(table, frame);
  if (entry && entry->suspended) resume(entry, clock_now());
  unlock(table);
}

static void count_suspensions(recorder_own *own, const await_entry *entry) {
  profile_tax_t *row = entry->times > 0 ? recorder_taxes(own, entry->site) : NULL;
  if (!row) return;
  row->suspended++;
  row->suspensions += entry->times;
  row->suspended_ticks += entry->ticks;
}

/* Takes the await out that is open in this frame. 0 where there is none. */
static int take(const void *frame, await_entry *taken) {
  await_table *table = table_of(frame);
  lock(table);
  await_entry *entry = find_open(table, frame);
  if (entry) {
    *taken = *entry;
    remove_entry(table, entry);
  }
  unlock(table);
  return entry != NULL;
}

/* What is around it had an operation inside. */
static void note_inside(recorder_thread *thread) {
  if (thread->top->pairs == 0) recorder_mark_parent(thread);
  thread->top->pairs++;
}

void recorder_await_end(recorder_site *site, const void *frame, uint64_t now, int raised) {
  await_entry ended = {.frame = NULL};
  int is_open = take(frame, &ended);
  if (!recorder_ready()) return;
  int is_ours = is_open && ended.site == site;
  if (is_open && !is_ours) count_abandoned(ended.site);
  recorder_own *own = is_ours ? recorder_find_own(recorder_this_thread, site) : NULL;
  if (!own) {
    recorder_count_end_without_begin();
    return;
  }
  if (ended.thread != recorder_this_thread) __atomic_add_fetch(&moved, 1, __ATOMIC_RELAXED);
  /* What was thrown into it ends it, and no code of its own ran before. */
  if (ended.suspended) resume(&ended, now);
  int64_t ticks = (int64_t)(now - ended.start) - RECORDER_COST(recorder_this_thread, inner);
  own->counters->total += ticks;
  own->counters->self += ticks;
  profile_site_t *variant = recorder_variant(own, &ended.look);
  if (variant) recorder_count_variant(variant, ticks, ticks, 1, now, raised);
  if (ended.context) contexts_count(contexts_in(recorder_tree(), ended.context), ticks, ticks, raised);
  recorder_count_whole(own->counters, ticks, now, raised);
  count_suspensions(own, &ended);
  note_inside(recorder_this_thread);
}

context_node *recorder_await_context(const void *frame) {
  await_table *table = table_of(frame);
  lock(table);
  const await_entry *entry = find_open(table, frame);
  context_node *context = entry ? entry->context : NULL;
  unlock(table);
  return context ? contexts_in(recorder_tree(), context) : NULL;
}

uint64_t recorder_forget_awaits(void) {
  uint64_t count = 0;
  for (int i = 0; i < TABLES; i++) {
    await_table *table = &tables[i];
    count += table->count;
    if (table->entries) memset(table->entries, 0, table->size * sizeof *table->entries);
    table->count = 0;
  }
  return count;
}
