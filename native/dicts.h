/*
 * Values of dicts, found without running `__hash__` or `__eq__` of any key. How dicts are laid out is not in the stable ABI:
 * it is believed once dicts of our own agree.
 */
#ifndef PYREWRITE_DICTS_H
#define PYREWRITE_DICTS_H

#include "held.h"

/* Whether anything below can be told. */
int dicts_init(long hexversion);

/* To be let go (python_let_go): what `dict[key]` is, were the dict's type just dict. Not known where keys of other types than Python's own come into it. */
held_value dicts_find(PyObject *dict, PyObject *key);

#endif
