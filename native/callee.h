/* What a call calls: a Python function, one written in C, a class, or another object. */
#ifndef PYREWRITE_CALLEE_H
#define PYREWRITE_CALLEE_H

#include "python_types.h"
#include "variants.h"

void callee_init(void);

/* Keeps nothing alive, and runs nothing of the callable. */
variant_key callee_key(PyObject *callable);

#endif
