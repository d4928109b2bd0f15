#include "names.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "profile_file.h"
#include "shared.h"

enum {
  RECORD_BYTES = 32 << 10,
  LONGEST = 400 /* bytes of a name */
};

typedef struct {
  const uint32_t *entry; /* in the profile: length, then bytes; NULL = free */
  uint32_t number;
  uint32_t hash;
} known_name;

/* Open addressing, never more than half full. The entries lie in the profile, whose mapping never moves. */
static struct {
  known_name *known;
  size_t size; /* power of two */
  uint32_t count;
  profile_names_t *record; /* takes the next name */
  uint32_t used;           /* bytes of it; not read from there, because a child of fork finds what its parent added later */
  uint32_t in_record;      /* names in it */
} names;

static uint32_t hash_of(const char *text, size_t length) {
  uint32_t hash = 2166136261u; /* FNV-1a */
  for (size_t i = 0; i < length; i++) hash = (hash ^ (uint8_t)text[i]) * 16777619u;
  return hash;
}

static known_name *find(const char *text, size_t length, uint32_t hash) {
  size_t mask = names.size - 1, i = hash & mask;
  for (; names.known[i].entry; i = (i + 1) & mask) {
    const known_name *name = &names.known[i];
    if (name->hash == hash && *name->entry == length && !memcmp(name->entry + 1, text, length)) break;
  }
  return &names.known[i];
}

static int grow(void) {
  size_t old_size = names.size;
  known_name *old = names.known;
  known_name *known = calloc(old_size ? old_size * 2 : 256, sizeof *known);
  if (!known) return 0;
  names.known = known;
  names.size = old_size ? old_size * 2 : 256;
  for (size_t i = 0; i < old_size; i++)
    if (old[i].entry) *find((const char *)(old[i].entry + 1), *old[i].entry, old[i].hash) = old[i];
  free(old);
  return 1;
}

/* Room for a name in the profile, or NULL. */
static uint32_t *new_entry(size_t length) {
  uint32_t bytes = (uint32_t)((sizeof(uint32_t) + length + 3) & ~(size_t)3);
  if (!names.record || names.used + bytes > RECORD_BYTES - sizeof *names.record) {
    profile_names_t *record = profile_add_record(PROFILE_RECORD_NAMES, RECORD_BYTES);
    if (!record) return NULL;
    profile_publish();
    names.record = record;
    names.used = names.in_record = 0;
  }
  uint32_t *entry = (uint32_t *)((uint8_t *)(names.record + 1) + names.used);
  names.used += bytes;
  return entry;
}

uint32_t names_number(const char *text, size_t length) {
  SHARED_SCOPE();
  if (length > LONGEST) length = LONGEST;
  if ((size_t)names.count * 2 >= names.size && !grow()) return 0;
  uint32_t hash = hash_of(text, length);
  known_name *name = find(text, length, hash);
  if (name->entry) return name->number;
  uint32_t *entry = names.count < PROFILE_MOST_NAMES ? new_entry(length) : NULL;
  if (!entry) return 0;
  *entry = (uint32_t)length;
  memcpy(entry + 1, text, length);
  names.record->length = names.used;
  names.record->count = ++names.in_record;
  *name = (known_name){entry, ++names.count, hash};
  return name->number;
}

uint32_t names_join(const char *owner, const char *name) {
  char joined[LONGEST];
  if (!name) return 0;
  if (!owner || !strcmp(owner, "builtins")) return names_number(name, strlen(name));
  int length = snprintf(joined, sizeof joined, "%s.%s", owner, name);
  return length < 0 ? 0 : names_number(joined, length < LONGEST ? (size_t)length : LONGEST - 1);
}
