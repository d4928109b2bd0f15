/* How an object finds an attribute, told without asking it. */
#ifndef PYREWRITE_LOOKUP_H
#define PYREWRITE_LOOKUP_H

#include "python_types.h"

/* Interned names that are asked for. 1 on success. */
int lookup_init(void);

/* PROFILE_HOW_* of reading, and of setting or deleting, the attribute of this interned name. */
uint32_t lookup_load(PyObject *object, PyObject *name);
uint32_t lookup_store(PyObject *object, PyObject *name);

/* The function that `object.name(…)` calls when `name` is a method of its class, to be let go (python_let_go); else NULL. */
PyObject *lookup_method(PyObject *object, PyObject *name);

/* What is called as a special method that its class has. Borrowed from that; NULL where another descriptor's code makes it. */
PyObject *lookup_called(PyObject *found);

#endif
