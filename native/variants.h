/* The counters of a site's variants: of its operations by what they ran on. Without a GIL each thread has sets of its own. */
#ifndef PYREWRITE_VARIANTS_H
#define PYREWRITE_VARIANTS_H

#include "profile_file.h"

/* What is told apart. */
typedef struct {
  uint32_t how;   /* PROFILE_HOW_* */
  uint32_t left;  /* name of a type or of what is called; 0 for none */
  uint32_t right; /* name of the second operand's type; 0 for none */
  uint32_t freed; /* PROFILE_FREED_* */
} variant_key;

/* The variants of one site; NULL before the first. */
typedef struct variant_set variant_set;

/* The counters for `key` at site number `site`; beyond PROFILE_VARIANTS_PER_SITE those of all others. NULL without room. */
profile_site_t *variants_find(variant_set **set, uint32_t site, variant_key key);

/* One of a site that is not the program's: whatever the key, its counters are not in the profile. NULL without memory. */
variant_set *variants_new_private(void);

#endif
