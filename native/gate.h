/*
 * The gates of sampled code: two constants that all of it has. The first is a list that is empty while the gates are
 * shut, so that the interpreter itself tests it; the second is asked only while they are open.
 */
#ifndef PYREWRITE_GATE_H
#define PYREWRITE_GATE_H

#include "python_abi.h"

/* Makes both; 1 on success. Without them sampled code runs as the original. */
int gate_init(void);

/* Borrowed; NULL where they could not be made. */
PyObject *gate_list(void);
PyObject *gate_question(void);

/* Before the first sampled code runs: finds out what asking costs. */
void gate_calibrate(long hexversion);

#endif
