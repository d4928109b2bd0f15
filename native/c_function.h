/* Functions of the interpreter that are written in C, and how another C function takes their place. */
#ifndef PYREWRITE_C_FUNCTION_H
#define PYREWRITE_C_FUNCTION_H

#include "python_abi.h"

/* How a function of the interpreter begins; the same on all versions. */
typedef struct {
  PyObject_HEAD
  PyMethodDef *definition;
} c_function_start;

/*
 * Lets `ours` run in place of what a function object runs; the object itself stays the same. `theirs`: what it ran
 * before, set before `ours` can run. 0, and nothing has changed, where the object is not the function of that name and
 * those flags.
 */
int c_function_replace(PyObject *object, const char *name, int flags, PyCFunction ours, PyCFunction *theirs);

#endif
