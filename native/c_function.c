#include "c_function.h"

#include <string.h>

/* The definition is believed where the interpreter reads the same from it. */
int c_function_replace(PyObject *object, const char *name, int flags, PyCFunction ours, PyCFunction *theirs) {
  if (!object || object->ob_type != &PyCFunction_Type) return 0;
  PyMethodDef *definition = ((c_function_start *)(void *)object)->definition;
  if (definition->ml_meth != PyCFunction_GetFunction(object)) return 0;
  if (definition->ml_flags != flags || PyCFunction_GetFlags(object) != flags) return 0;
  if (strcmp(definition->ml_name, name) != 0) return 0;
  *theirs = definition->ml_meth;
  __atomic_store_n(&definition->ml_meth, ours, __ATOMIC_RELEASE); /* interpreters with a GIL of their own share it */
  return 1;
}
