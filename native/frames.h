/*
 * What lies in the running frame: variables, and values on its stack. Nothing of it is held, and nothing of the program
 * runs. How frames are laid out is not in the stable ABI: it is believed once what an interpreter says of one frame agrees.
 */
#ifndef PYREWRITE_FRAMES_H
#define PYREWRITE_FRAMES_H

#include "python_abi.h"

/* A place and what it holds: NULL for nothing. Borrowed by the frame itself where it is not owned (3.14+). */
typedef struct {
  const PyObject *object;
  int is_owned;
} frames_value;

/* From an operator between two values, which lie on the stack of the module that runs `code`. */
void frames_learn(long hexversion, PyObject *code, const PyObject *left, const PyObject *right);

/* Whether anything below may be asked. Others may ask while it is learned. */
int frames_are_known(void);

/* The value of a fast local, or its cell. */
frames_value frames_local(Py_ssize_t slot);

/*
 * What others may take away meanwhile, where there is no GIL: there the value is held until it is let go (python_let_go), which
 * is one reference more (PYTHON_HELD). With the GIL it is borrowed.
 */
/* Sets `value` to what the cell in this place has. 0 where there is no cell. */
int frames_cell(Py_ssize_t slot, frames_value *value);

/*
 * Sets `value` to the one of the variable with this interned name in the frame's namespace, or among its globals. 0 where to
 * find out might run code: where it is not just a dict, or has odd keys.
 */
int frames_name(PyObject *name, int is_global, frames_value *value);

/*
 * Sets `values` to those on the stack right below the two that an operator works on: so many, the first of which is at `slot`.
 * NULL where nothing lies.
 * 0 where they are not there.
 */
int frames_stack(Py_ssize_t slot, Py_ssize_t count, const PyObject *left, const PyObject *right, PyObject **values);

/* Up to 3.10: the value on the stack that so many others lie above, below the two that an operator works on; or NULL. */
PyObject *frames_below(const PyObject *left, const PyObject *right, Py_ssize_t above);

/* Whether the left one of the two that an operator works on is owned by no place of the stack (3.14+). */
int frames_left_is_borrowed(const PyObject *left, const PyObject *right);

#endif
