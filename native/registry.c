#include "registry.h"

#include <stdlib.h>
#include <string.h>

#include "shared.h"
#include "windows.h"

enum { SLOTS = 1024 };

/* Without a GIL nothing is sampled: what a window adds up are counters that other threads are changing. */
#ifdef PYREWRITE_FREE_THREADED
enum { SAMPLES = 0 };
#else
enum { SAMPLES = 1 };
#endif

typedef struct entry {
  struct entry *next;
  uint8_t id[8];
  uint32_t site_count;
  uint32_t filename_length;
  const char *filename; /* in the profile's TABLE record */
  registry_probes probes;
} entry;

static entry *slots[SLOTS];

static entry **slot_of(const site_table *table, const char *filename, size_t length) {
  uint32_t hash;
  memcpy(&hash, table->id, sizeof hash);
  for (size_t i = 0; i < length; i++) hash = hash * 31 + (uint8_t)filename[i];
  return &slots[hash % SLOTS];
}

int registry_can_record(const site_table *table) { return SAMPLES || !table->is_sampled; }

static unsigned kind_of(const void *context, uint32_t index) {
  unsigned kind = site_table_get_kind(context, index) == SITE_KIND_AWAIT ? PROBE_AWAIT : 0;
  if (site_table_get_operands(context, index).count) kind |= PROBE_LOOKS;
  if (((const site_table *)context)->is_sampled) kind |= PROBE_SAMPLED;
  if (!site_table_has_callers(context)) return kind;
  return kind | PROBE_CALLERS | (site_table_suspends(context, index) ? PROBE_SUSPENDS : 0);
}

static recorder_site *site_at(void *probes, uint32_t index) { return &((probe_object *)probes)[index].site; }

static int make_probes(entry *new, const site_table *table, profile_site_t *counters) {
  new->probes.sites = probe_new_array(table->site_count, counters, profile_head()->sites, kind_of, table);
  if (!new->probes.sites) return 0;
  /* Without them the placeholders stay, and nothing is seen of the operands. */
  if (operand_init()) new->probes.operands = operand_new_array(table, site_at, new->probes.sites);
  return 1;
}

/* Where sums of what is sampled go. */
static int add_windows(entry *new, const profile_sites_t *sites) {
  uint64_t size = (uint64_t)sites->site_count * sizeof(profile_window_site_t);
  profile_windows_t *windows = profile_add_record(PROFILE_RECORD_WINDOWS, sizeof *windows + size);
  if (!windows) return 0;
  windows->sites = profile_offset(sites);
  windows->site_count = sites->site_count;
  return windows_add(sites->first_site, sites->site_count, site_at, new->probes.sites,
                     (profile_window_site_t *)(windows + 1));
}

/* TABLE and SITES records; published together, so that no reader sees one without the other. */
static int add_records(entry *new, const site_table *table, const char *filename) {
  profile_table_t *text = profile_add_record(
      PROFILE_RECORD_TABLE, sizeof *text + (uint64_t)new->filename_length + (uint64_t)table->length);
  profile_sites_t *sites = text ? profile_add_record(PROFILE_RECORD_SITES, sizeof *sites + (uint64_t)table->site_count *
                                                                               sizeof(profile_site_t))
                                : NULL;
  if (!sites) return 0;
  profile_header_t *head = profile_head();
  text->filename_length = new->filename_length;
  text->table_length = (uint32_t)table->length;
  text->first_site = sites->first_site = head->sites;
  memcpy(text + 1, filename, new->filename_length);
  memcpy((uint8_t *)(text + 1) + new->filename_length, table->bytes, table->length);
  sites->table = profile_offset(text);
  sites->site_count = table->site_count;
  new->filename = (const char *)(text + 1);
  return make_probes(new, table, (profile_site_t *)(sites + 1)) && (!table->is_sampled || add_windows(new, sites));
}

static const registry_probes *add(entry **slot, const site_table *table, const char *filename, size_t length) {
  SHARED_SCOPE();
  entry *new = calloc(1, sizeof *new);
  if (!new) return NULL;
  memcpy(new->id, table->id, sizeof new->id);
  new->site_count = table->site_count;
  new->filename_length = (uint32_t)length;
  if (!add_records(new, table, filename)) {
    profile_discard();
    profile_head()->unrecorded_sites += table->site_count;
    free(new);
    return NULL;
  }
  profile_head()->sites += table->site_count;
  profile_head()->tables++;
  profile_publish();
  new->next = *slot;
  *slot = new;
  return &new->probes;
}

const registry_probes *registry_find(const site_table *table, const char *filename, size_t length) {
  entry **slot = slot_of(table, filename, length);
  for (entry *e = *slot; e; e = e->next)
    if (!memcmp(e->id, table->id, sizeof e->id) && e->site_count == table->site_count &&
        e->filename_length == length && !memcmp(e->filename, filename, length))
      return &e->probes;
  return add(slot, table, filename, length);
}
