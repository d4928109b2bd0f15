/* What a place holds, as far as that can be told without running code of the program. */
#ifndef PYREWRITE_HELD_H
#define PYREWRITE_HELD_H

#include "python_abi.h"

/* To be let go (python_let_go); NULL for nothing. */
typedef struct {
  const PyObject *object;
  int is_known;
} held_value;

static const held_value HELD_UNKNOWN = {NULL, 0};

static inline held_value held_is(const PyObject *object) { return (held_value){object, 1}; }

#endif
