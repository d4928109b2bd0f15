/* The site tables of this process and their probes: the same module attached again gets the same sites. */
#ifndef PYREWRITE_REGISTRY_H
#define PYREWRITE_REGISTRY_H

#include "probe.h"
#include "site_table.h"

/* Probes of the sites of `table` in a module of this co_filename, or NULL when there is no room for them. */
probe_object *registry_probes(const site_table *table, const char *filename, size_t filename_length);

#endif
