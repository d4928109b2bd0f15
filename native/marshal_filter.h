/* Code that is marshalled while it runs is marshalled with its placeholders: no reader of it knows probes. */
#ifndef PYREWRITE_MARSHAL_FILTER_H
#define PYREWRITE_MARSHAL_FILTER_H

#include "python_abi.h"

/* Behind attach_init and probe_init. Where it cannot work, marshalling probed code raises ValueError. */
void marshal_filter_init(long hexversion);

/* Each code object that gets probes: some name what sends code to other interpreters. */
void marshal_filter_see(PyObject *code);

/* In a child of fork: nobody marshals. */
void marshal_filter_fork_child(void);

#endif
