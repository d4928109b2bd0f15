#include "variants.h"

#include <stdlib.h>

#include "shared.h"

enum { VARIANTS_PER_RECORD = 102 }; /* 32 KiB with the record's head */

/* A variant in the profile: its key, then its counters. */
typedef struct {
  profile_variant_t head;
  profile_site_t counters;
} row;

struct variant_set {
  uint32_t count;
  row *rows[PROFILE_VARIANTS_PER_SITE];
  row *others;
};

/* Takes the next variant; what a child of fork finds behind `taken` its parent added later. */
static profile_variants_t *record;
static uint32_t taken;

static row *new_row(uint32_t site, variant_key key) {
  if (!record || taken == VARIANTS_PER_RECORD) {
    profile_variants_t *next =
        profile_add_record(PROFILE_RECORD_VARIANTS, sizeof *next + (uint64_t)VARIANTS_PER_RECORD * sizeof(row));
    if (!next) return NULL;
    next->capacity = VARIANTS_PER_RECORD;
    profile_publish();
    record = next;
    taken = 0;
  }
  row *new = (row *)(record + 1) + taken;
  new->head.site = site;
  new->head.how = key.how;
  new->head.left = key.left;
  new->head.right = key.right;
  new->head.freed = key.freed;
  record->taken = ++taken;
  return new;
}

static int is_for(const row *one, variant_key key) {
  return one->head.left == key.left && one->head.how == key.how && one->head.right == key.right &&
         one->head.freed == key.freed;
}

/* It has no rows but the one for others, which no other set has. */
static int is_private(const variant_set *set) { return set->count == 0 && set->others; }

variant_set *variants_new_private(void) {
  variant_set *set = calloc(1, sizeof *set);
  if (set && !(set->others = calloc(1, sizeof *set->others))) {
    free(set);
    return NULL;
  }
  return set;
}

static row *add(variant_set *set, uint32_t site, variant_key key) {
  SHARED_SCOPE();
  if (is_private(set)) return set->others;
  if (set->count < PROFILE_VARIANTS_PER_SITE) {
    row *new = new_row(site, key);
    if (new) set->rows[set->count++] = new;
    return new;
  }
  if (!set->others) set->others = new_row(site, (variant_key){PROFILE_HOW_OTHERS, 0, 0, 0});
  return set->others;
}

profile_site_t *variants_find(variant_set **place, uint32_t site, variant_key key) {
  variant_set *set = *place;
  if (!set && !(set = *place = calloc(1, sizeof *set))) return NULL;
  for (uint32_t i = 0; i < set->count; i++)
    if (is_for(set->rows[i], key)) return &set->rows[i]->counters;
  row *found = add(set, site, key);
  return found ? &found->counters : NULL;
}
