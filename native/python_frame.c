#include "python_frame.h"

/* Not in the stable ABI; absent before 3.9 or 3.11. */
extern python_frame *PyFrame_GetBack(python_frame *) __attribute__((weak));
extern struct PyCodeObject *PyFrame_GetCode(python_frame *) __attribute__((weak));
extern int PyFrame_GetLasti(python_frame *) __attribute__((weak));

static PyObject *name_back, *name_code, *name_lasti;

static PyObject *attribute(python_frame *frame, PyObject **name, const char *text) {
  if (!*name) *name = PyUnicode_InternFromString(text);
  PyObject *value = *name ? PyObject_GetAttr((PyObject *)frame, *name) : NULL;
  if (!value) PyErr_Clear();
  return value;
}

python_frame *python_frame_back(python_frame *frame) {
  if (PyFrame_GetBack) return PyFrame_GetBack(frame);
  PyObject *back = attribute(frame, &name_back, "f_back");
  if (back != Py_None) return (python_frame *)back;
  Py_DecRef(back);
  return NULL;
}

PyObject *python_frame_code(python_frame *frame) {
  return PyFrame_GetCode ? (PyObject *)PyFrame_GetCode(frame) : attribute(frame, &name_code, "f_code");
}

int python_frame_lasti(python_frame *frame) {
  if (PyFrame_GetLasti) return PyFrame_GetLasti(frame);
  PyObject *number = attribute(frame, &name_lasti, "f_lasti");
  int at = number ? (int)PyLong_AsLong(number) : -1;
  if (number) Py_DecRef(number);
  return at;
}
