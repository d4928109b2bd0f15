/* The site tables of this process and their probes: the same module attached again gets the same sites. */
#ifndef PYREWRITE_REGISTRY_H
#define PYREWRITE_REGISTRY_H

#include "operand.h"
#include "probe.h"
#include "site_table.h"

/* The probes of a table. */
typedef struct {
  probe_object *sites;
  operand_probe *operands; /* NULL where operands cannot be looked at */
} registry_probes;

/* Probes of the sites of `table` in a module of this co_filename, or NULL when there is no room for them. */
const registry_probes *registry_find(const site_table *table, const char *filename, size_t filename_length);

/* Whether this build records it. */
int registry_can_record(const site_table *table);

#endif
