/*
 * A pointer of ours that code objects carry, and that goes when they go. From 3.14 on one that carries a pointer cannot be sent
 * to another interpreter, and without a GIL two threads cannot give it one at the same time: there is none there.
 */
#ifndef PYREWRITE_CODE_EXTRA_H
#define PYREWRITE_CODE_EXTRA_H

#include "python_abi.h"

/* A place for one, whose values `let_go` gets when they are replaced or their code dies; it may be NULL. -1 for none. */
Py_ssize_t code_extra_new(long hexversion, void (*let_go)(void *));

/* NULL for nothing. Neither raises. */
void *code_extra_get(PyObject *code, Py_ssize_t place);
int code_extra_set(PyObject *code, Py_ssize_t place, void *value);

#endif
