/* The probe of an operand: a constant that is asked `operand in probe` before the operation begins. */
#ifndef PYREWRITE_OPERAND_H
#define PYREWRITE_OPERAND_H

#include "python_abi.h"
#include "recorder.h"
#include "site_table.h"

typedef struct operand_probe operand_probe;

/* Makes the type. 1 on success; 0 where operands cannot be looked at, and their probes are left out. */
int operand_init(void);

/* Immortal probes of the operands of a table's sites; `sites` gives a site's counters by its number in the table. */
operand_probe *operand_new_array(const site_table *table, recorder_site *(*site_at)(void *sites, uint32_t index), void *sites);

/* One that is in no table. NULL without memory. */
PyObject *operand_new(recorder_site *site, uint8_t kind, const char *name);

/* The probe with this number in the table. */
PyObject *operand_at(operand_probe *probes, uint32_t index);

int operand_is_probe(const PyObject *object);

#endif
