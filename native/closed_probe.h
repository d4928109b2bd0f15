/*
 * Probes while recording is off: the types of probes around code that is not sampled get other slots. So nothing is asked at
 * each operation while recording is on.
 */
#ifndef PYREWRITE_CLOSED_PROBE_H
#define PYREWRITE_CLOSED_PROBE_H

#include "probe.h"

/* A type of probes, of the bits `kind` of PROBE_*, and its slots. */
void closed_probe_add(unsigned kind, PyTypeObject *type, const probe_slots *slots);

/* All are added: from here on they follow control.h. */
void closed_probe_init(int by_truth);

/* Makes these probes record whether recording is on or not: for calibrations. 1 on success. */
int closed_probe_keep_open(probe_object *probes, uint32_t count);

#endif
