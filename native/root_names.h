/* Names of the roots of the tree of contexts: few, however many threads and tasks come. */
#ifndef PYREWRITE_ROOT_NAMES_H
#define PYREWRITE_ROOT_NAMES_H

#include "python_abi.h"

/*
 * The number (see names.h) of what a str says; 0 for none. Once there are many, digits are told apart no more: of
 * "worker-1" and "worker-2" becomes "worker-#".
 */
uint32_t root_names_number(PyObject *text);

/* A new reference to an attribute that lies in the object itself and that no class defines; else NULL. Runs no Python. */
PyObject *root_names_own_attribute(PyObject *object, const char *name);

#endif
