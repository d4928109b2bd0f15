/* Without a GIL: what each thread counts, at the sites where it was. */
#include "recorder.h"
#include "shared.h"

#ifdef PYREWRITE_FREE_THREADED

#include <stdlib.h>
#include <string.h>

typedef struct {
  profile_site_t *counters; /* of the first thread that comes */
  uint32_t site_count;
  int are_taken;
} own_table;

static struct {
  own_table *known;
  uint32_t count, size;
} tables;

uint32_t recorder_add_table(profile_site_t *counters, uint32_t site_count) {
  SHARED_SCOPE();
  if (tables.count == tables.size) {
    uint32_t size = tables.size ? tables.size * 2 : 64;
    own_table *known = realloc(tables.known, size * sizeof *known);
    if (!known) return RECORDER_NO_TABLE;
    tables.known = known;
    tables.size = size;
  }
  tables.known[tables.count] = (own_table){counters, site_count, 0};
  return tables.count++;
}

/* A record like the first one. */
static profile_site_t *add_counters(const own_table *table) {
  const profile_sites_t *first = (const profile_sites_t *)(const void *)table->counters - 1;
  uint64_t size = (uint64_t)table->site_count * sizeof(profile_site_t);
  profile_sites_t *sites = profile_add_record(PROFILE_RECORD_SITES, sizeof *sites + size);
  if (!sites) return NULL;
  sites->table = first->table;
  sites->first_site = first->first_site;
  sites->site_count = first->site_count;
  profile_publish();
  return (profile_site_t *)(sites + 1);
}

/* Where the profile has no room for another thread's, nobody reads what it counts; but it says how many sites those are. */
static profile_site_t *counters_of(own_table *table) {
  if (!table->are_taken) {
    table->are_taken = 1;
    return table->counters;
  }
  profile_site_t *counters = add_counters(table);
  if (counters) return counters;
  counters = calloc(table->site_count, sizeof *counters);
  if (counters) profile_head()->unrecorded_sites += table->site_count;
  return counters;
}

static int make_room(recorder_thread *thread) {
  recorder_own **own = realloc(thread->own, tables.count * sizeof(recorder_own *));
  if (!own) return 0;
  memset(own + thread->own_size, 0, (tables.count - thread->own_size) * sizeof *own);
  thread->own = own;
  thread->own_size = tables.count;
  return 1;
}

recorder_own *recorder_make_own(recorder_thread *thread, const recorder_site *site) {
  SHARED_SCOPE();
  if (site->table >= tables.count || (site->table >= thread->own_size && !make_room(thread))) return NULL;
  own_table *table = &tables.known[site->table];
  recorder_own *own = calloc(table->site_count, sizeof *own);
  profile_site_t *counters = own ? counters_of(table) : NULL;
  if (!counters) {
    free(own);
    return NULL;
  }
  for (uint32_t i = 0; i < table->site_count; i++) own[i].counters = counters + i;
  thread->own[site->table] = own;
  return own + site->index;
}

void recorder_clear_own(recorder_thread *thread) {
  thread->elsewhere.parents = 0;
  for (uint32_t t = 0; t < thread->own_size; t++)
    for (uint32_t i = 0; thread->own[t] && i < tables.known[t].site_count; i++) thread->own[t][i].parents = 0;
}

#endif
