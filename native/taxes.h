/*
 * What is known of a site beside its counters: suspensions, time off the CPU, exceptions swallowed inside; and garbage
 * collections by where they struck. Rows are made at first need.
 */
#ifndef PYREWRITE_TAXES_H
#define PYREWRITE_TAXES_H

#include "profile_file.h"

/* The row of site number `site`, which `*place` remembers. NULL without room. */
profile_tax_t *taxes_of(profile_tax_t **place, uint32_t site);

/* In a collection's row: no operation was open. */
#define TAXES_NO_SITE UINT32_MAX

/* Counts a collection that took so many ticks. */
void taxes_count_collection(uint32_t site, uint32_t generation, uint64_t collected, uint64_t ticks);

#endif
