/* What a store to an attribute or an item, or its deletion, is going to free: told before it runs, and without running anything. */
#ifndef PYREWRITE_REPLACED_H
#define PYREWRITE_REPLACED_H

#include "python_abi.h"

void replaced_init(long hexversion);

/*
 * All give PROFILE_FREED_UNKNOWN where only code of the program could tell; else PROFILE_FREED_NOTHING, or PROFILE_FREED_NAMELESS
 * and the number of the type's name.
 */

/* The attribute of this interned name; `how`: what lookup_store says. */
uint32_t replaced_attribute(PyObject *object, PyObject *name, uint32_t how);

/* `container[index]`; `source`: what a slice gets instead, NULL where it is deleted. */
uint32_t replaced_item(PyObject *container, PyObject *index, PyObject *source);

/* `container[start:stop]`. Of a slice it is the first object that is freed. */
uint32_t replaced_slice(PyObject *container, PyObject *start, PyObject *stop, PyObject *source);

#endif
