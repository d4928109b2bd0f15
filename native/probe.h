/* The probe: a constant whose unary operators open and close an operation. */
#ifndef PYREWRITE_PROBE_H
#define PYREWRITE_PROBE_H

#include "python_abi.h"
#include "recorder.h"

typedef struct {
  PyObject_HEAD
  recorder_site site;
} probe_object;

/* Bits of a probe's kind. PROBE_SUSPENDS only beside PROBE_CALLERS. */
enum { PROBE_AWAIT = 1, PROBE_LOOKS = 2, PROBE_CALLERS = 4, PROBE_SUSPENDS = 8, PROBE_SAMPLED = 16, PROBE_KINDS = 32 };

/*
 * The functions of a type's slots; `truth` ends where code with blocks ends by a jump, else it tells of an exception, and
 * `raised` of an await that it is suspended or goes on.
 */
typedef struct {
  PyObject *(*begin)(PyObject *);
  PyObject *(*end)(PyObject *);
  PyObject *(*raised)(PyObject *);
  int (*truth)(PyObject *);
} probe_slots;

/* A type of probes; NULL with an exception set. */
PyTypeObject *probe_make_type(const char *name, const probe_slots *functions);

/* What slots give: false, and never counted. The code drops it. */
PyObject *probe_nothing(void);

/* Makes the types; they and all probes live until the process ends. 1 on success, else an exception is set. */
int probe_init(long hexversion);

/* Immortal probes for `count` sites; `kind_of(context, i)` gives the bits of PROBE_*. NULL without memory. */
probe_object *probe_new_array(uint32_t count, profile_site_t *counters, uint32_t first_number,
                              unsigned (*kind_of)(const void *context, uint32_t index), const void *context);

/* Whether code of this version ends an operation by the probe's truth and not by its nb_invert. */
int probe_ends_by_truth(long hexversion);

int probe_is_probe(const PyObject *object);

/* A constant of a code object, which holds it; None if it has none there. Neither raises, nor runs any Python. */
PyObject *probe_constant_of(PyObject *code, Py_ssize_t index);

/* Whether this constant of a code object is a probe; never with an exception set. */
int probe_is_constant(PyObject *code, Py_ssize_t index);

/* For the other immortal objects here, and the types that make none themselves. */
void probe_make_immortal(PyObject *object, PyTypeObject *type);
PyObject *probe_refuse_new(PyTypeObject *type, PyObject *arguments, PyObject *keywords);

/* None, for a slot to return: its reference count is touched only where None has one. */
PyObject *probe_none(void);

#endif
