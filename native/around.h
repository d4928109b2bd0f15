/*
 * What is open around an operation that is timed while the code that called it is not: found on the stack of frames.
 */
#ifndef PYREWRITE_AROUND_H
#define PYREWRITE_AROUND_H

#include "probe.h"
#include "site_table.h"

/* Code that is sampled, its sites' probes, and where each lies in the original body (site_table_get_original). */
void around_add_code(PyObject *code, const site_table *table, uint32_t record, probe_object *probes);

/* At a passage in a window that began at this time (ticks): makes what is open around part of the thread's stack. */
void around_look(uint64_t window_start);

#endif
