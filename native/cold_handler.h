/*
 * The handlers that an exception passes on its way out of a probed operation, in the code of CPython 3.12 and later:
 *   LOAD_CONST <probe>; TO_BOOL (3.12: UNARY_NOT); POP_TOP; RERAISE
 */
#ifndef PYREWRITE_COLD_HANDLER_H
#define PYREWRITE_COLD_HANDLER_H

#include "python_abi.h"

/* Whether a handler begins at the offset, in bytes; `code` is a code object. Neither raises, nor runs any Python. */
int cold_handler_begins(PyObject *code, long offset);

/* Whether the instruction at the offset is the RERAISE of such a handler. */
int cold_handler_ends(PyObject *code, long offset);

#endif
