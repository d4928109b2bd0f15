/* `attach_1 - table`: what an instrumented module does first. */
#ifndef PYREWRITE_ATTACH_H
#define PYREWRITE_ATTACH_H

#include "python_abi.h"

/* A new attach object, or NULL with an exception set. One that is not `active` does nothing. */
PyObject *attach_new(int active);

/* Once per process: finds out where a tuple keeps its items. 0 when that cannot be trusted: then nothing is patched. */
int attach_init(long hexversion);

/* Puts `item` into a tuple that others may hold, and drops what was there. */
void attach_set_item(PyObject *tuple, Py_ssize_t index, PyObject *item);

/* In a child of fork: nobody attaches. */
void attach_fork_child(void);

#endif
