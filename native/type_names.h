/* Numbers for the names of types. Keeps no type alive and runs none of its code. */
#ifndef PYREWRITE_TYPE_NAMES_H
#define PYREWRITE_TYPE_NAMES_H

#include "python_types.h"

/* 1 when the layout of types is as python_types.h says; else nothing here may be used. */
int type_names_init(void);

/* The number (see names.h) of `module.qualname` of a type, without the module for builtins; 0 for none. */
uint32_t type_names_number(PyTypeObject *type);

/* The version of a type: another one after any change of it or its bases. 0 when it has none now. */
uint32_t type_names_version(const PyTypeObject *type);

void type_names_fork_child(void);

/* The text of a str, as long as it lives; NULL for anything else. Clears exceptions. */
const char *type_names_utf8(PyObject *text);

#endif
