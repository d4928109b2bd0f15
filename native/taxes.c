#include "taxes.h"

#include <stdlib.h>

#include "shared.h"

enum {
  TAXES_PER_RECORD = 31,        /* 4 KiB with the record's head */
  COLLECTIONS_PER_RECORD = 63,  /* likewise */
  HASH_FIRST = 64
};

/* Takes the next row of a record; what a child of fork finds behind `taken` its parent added later. */
typedef struct {
  uint32_t type;
  uint32_t capacity;
  size_t size; /* of a row */
  profile_taxes_t *record;
  uint32_t taken;
} row_pool;

static row_pool tax_rows = {PROFILE_RECORD_TAXES, TAXES_PER_RECORD, sizeof(profile_tax_t), NULL, 0};
static row_pool collection_rows = {PROFILE_RECORD_COLLECTIONS, COLLECTIONS_PER_RECORD, sizeof(profile_collection_t), NULL, 0};

_Static_assert(sizeof(profile_taxes_t) == sizeof(profile_collections_t), "heads of records with rows are alike");
_Static_assert(offsetof(profile_taxes_t, taken) == offsetof(profile_collections_t, taken), "and so are their fields");

/* Zeroed, but for where a parent before a fork filled it in: the caller writes its key. */
static void *new_row(row_pool *pool) {
  if (!pool->record || pool->taken == pool->capacity) {
    profile_taxes_t *next = profile_add_record(pool->type, sizeof *next + (uint64_t)pool->capacity * pool->size);
    if (!next) return NULL;
    next->capacity = pool->capacity;
    profile_publish();
    pool->record = next;
    pool->taken = 0;
  }
  return (uint8_t *)(pool->record + 1) + pool->size * pool->taken;
}

/* After its key is written: a reader sees no row without one. */
static void publish_row(row_pool *pool) { __atomic_store_n(&pool->record->taken, ++pool->taken, __ATOMIC_RELEASE); }

profile_tax_t *taxes_of(profile_tax_t **place, uint32_t site) {
  if (*place) return *place;
  SHARED_SCOPE();
  profile_tax_t *row = new_row(&tax_rows);
  if (!row) return NULL;
  row->site = site;
  publish_row(&tax_rows);
  return *place = row;
}

/* ---- collections: rows by site and generation; open addressing, never emptied: a site strikes in few generations */

static struct {
  profile_collection_t **rows;
  size_t size; /* power of two */
  size_t count;
} known;

static profile_collection_t **find(uint32_t site, uint32_t generation) {
  uint64_t key = ((uint64_t)site << 8 | generation) * 0x9E3779B97F4A7C15u;
  size_t i = (size_t)(key >> 32) & (known.size - 1);
  while (known.rows[i] && (known.rows[i]->site != site || known.rows[i]->generation != generation))
    i = (i + 1) & (known.size - 1);
  return &known.rows[i];
}

static int make_room(void) {
  if (known.count * 2 < known.size) return 1;
  size_t old_size = known.size;
  profile_collection_t **old = known.rows;
  profile_collection_t **rows = calloc(old_size ? old_size * 2 : HASH_FIRST, sizeof *rows);
  if (!rows) return 0;
  known.rows = rows;
  known.size = old_size ? old_size * 2 : HASH_FIRST;
  for (size_t i = 0; i < old_size; i++)
    if (old[i]) *find(old[i]->site, old[i]->generation) = old[i];
  free(old);
  return 1;
}

static profile_collection_t *collection_row(uint32_t site, uint32_t generation) {
  if (!make_room()) return NULL;
  profile_collection_t **place = find(site, generation);
  if (*place) return *place;
  profile_collection_t *row = new_row(&collection_rows);
  if (!row) return NULL;
  row->site = site;
  row->generation = generation;
  publish_row(&collection_rows);
  known.count++;
  return *place = row;
}

void taxes_count_collection(uint32_t site, uint32_t generation, uint64_t collected, uint64_t ticks) {
  SHARED_SCOPE();
  profile_collection_t *row = collection_row(site, generation);
  if (!row) return;
  row->collected += collected;
  row->total += ticks;
  if (ticks > row->max) row->max = ticks;
  row->count++;
}
