/* Frames, by what the interpreter's API says of them; up to 3.10 by their attributes. Nothing here raises. */
#ifndef PYREWRITE_PYTHON_FRAME_H
#define PYREWRITE_PYTHON_FRAME_H

#include "python_abi.h"

typedef struct _frame python_frame;

/* A new reference, or NULL at the outermost. */
python_frame *python_frame_back(python_frame *frame);

/* A new reference. */
PyObject *python_frame_code(python_frame *frame);

/* Where it is, bytes from the beginning of its code; -1 where that is not known. */
int python_frame_lasti(python_frame *frame);

static inline void python_frame_drop(python_frame *frame) {
  if (frame) Py_DecRef((PyObject *)frame);
}

#endif
