/* What the probes cost on this machine, now. */
#ifndef PYREWRITE_CALIBRATION_H
#define PYREWRITE_CALIBRATION_H

#include "python_abi.h"

/*
 * Measures probes and sets what the recorder subtracts: the first time, and a few times later in the run, as it is
 * called; otherwise it returns at once. Takes half a millisecond. The GIL is held, a profile is open.
 */
void calibrate(long hexversion, int callers);

/* What asking this object costs where a gate of sampled code is open, in ticks. */
double calibrate_passage(long hexversion, PyObject *question);

#endif
