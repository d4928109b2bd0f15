#include "code_extra.h"

typedef Py_ssize_t request_index(void (*let_go)(void *));
typedef int get_extra(PyObject *code, Py_ssize_t index, void **extra);
typedef int set_extra(PyObject *code, Py_ssize_t index, void *extra);

/* Each version has one of the two names. */
extern request_index PyUnstable_Eval_RequestCodeExtraIndex __attribute__((weak));
extern get_extra PyUnstable_Code_GetExtra __attribute__((weak));
extern set_extra PyUnstable_Code_SetExtra __attribute__((weak));
extern request_index _PyEval_RequestCodeExtraIndex __attribute__((weak));
extern get_extra _PyCode_GetExtra __attribute__((weak));
extern set_extra _PyCode_SetExtra __attribute__((weak));

#ifdef PYREWRITE_FREE_THREADED
enum { ENDED = 0 };
#else
enum { ENDED = 0x030E0000 };
#endif

Py_ssize_t code_extra_new(long hexversion, void (*let_go)(void *)) {
  if (hexversion >= ENDED) return -1;
  if (PyUnstable_Eval_RequestCodeExtraIndex && PyUnstable_Code_GetExtra && PyUnstable_Code_SetExtra)
    return PyUnstable_Eval_RequestCodeExtraIndex(let_go);
  if (_PyEval_RequestCodeExtraIndex && _PyCode_GetExtra && _PyCode_SetExtra) return _PyEval_RequestCodeExtraIndex(let_go);
  return -1;
}

void *code_extra_get(PyObject *code, Py_ssize_t place) {
  void *found = NULL;
  get_extra *get = PyUnstable_Code_GetExtra ? PyUnstable_Code_GetExtra : _PyCode_GetExtra;
  if (place < 0) return NULL;
  if (get(code, place, &found) == 0) return found;
  PyErr_Clear();
  return NULL;
}

int code_extra_set(PyObject *code, Py_ssize_t place, void *value) {
  set_extra *set = PyUnstable_Code_SetExtra ? PyUnstable_Code_SetExtra : _PyCode_SetExtra;
  if (place < 0) return 0;
  if (set(code, place, value) == 0) return 1;
  PyErr_Clear();
  return 0;
}
