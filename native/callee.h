/* What a call calls: a Python function, one written in C, a class, or another object. */
#ifndef PYREWRITE_CALLEE_H
#define PYREWRITE_CALLEE_H

#include "python_types.h"
#include "variants.h"

void callee_init(long hexversion);

/* Keeps nothing alive but names, and runs nothing of the callable. */
variant_key callee_key(PyObject *callable);

#endif
