/*
 * The gates of sampled code: two constants that all of it has. The first is a list that is empty while the gates are
 * shut, so that the interpreter itself tests it; the second is asked only while they are open.
 */
#ifndef PYREWRITE_GATE_H
#define PYREWRITE_GATE_H

#include "python_abi.h"

/* Makes both; 1 on success. Without them sampled code runs as the original. */
int gate_init(long hexversion);

/* Borrowed; NULL where they could not be made. */
PyObject *gate_list(void);
PyObject *gate_question(void);

/* Whether a constant of a code object is one of them. Neither raises, nor runs any Python. */
int gate_is_constant(PyObject *code, Py_ssize_t index);

/* Whether the instruction at the offset, in bytes, is a branch of a gate in the code of CPython 3.12 and later. */
int gate_branches(PyObject *code, long offset);

/* Before the first sampled code runs: finds out what asking costs. */
void gate_calibrate(long hexversion);

#endif
