/* The context managers `recording` and `paused` of the module. */
#ifndef PYREWRITE_CONTROL_TYPE_H
#define PYREWRITE_CONTROL_TYPE_H

#include "python_abi.h"

/* Adds them; in an interpreter that is not recorded they do nothing. 1 on success, else an exception is set. */
int control_type_add(PyObject *module, int is_recorded);

#endif
