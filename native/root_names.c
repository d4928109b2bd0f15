#include "root_names.h"

#include <string.h>

#include "names.h"
#include "type_names.h"

enum { LONGEST = 200, MANY = 64 };

static int is_digit(char c) { return c >= '0' && c <= '9'; }

static size_t without_digits(char *out, const char *text) {
  size_t length = 0;
  for (; *text && length < LONGEST; text++) {
    if (!is_digit(*text)) out[length++] = *text;
    else if (length == 0 || out[length - 1] != '#') out[length++] = '#';
  }
  return length;
}

static int has_digits(const char *text) {
  while (*text && !is_digit(*text)) text++;
  return *text != 0;
}

uint32_t root_names_number(PyObject *text) {
  static uint32_t numbered; /* names with digits so far, some perhaps more than once */
  const char *name = type_names_utf8(text);
  if (!name || !*name) return 0;
  size_t length = strlen(name);
  if (!has_digits(name) || __atomic_add_fetch(&numbered, 1, __ATOMIC_RELAXED) <= MANY) return names_number(name, length < LONGEST ? length : LONGEST);
  char short_name[LONGEST];
  return names_number(short_name, without_digits(short_name, name));
}

PyObject *root_names_own_attribute(PyObject *object, const char *name) {
  PyObject *key = PyUnicode_InternFromString(name);
  PyObject *value = NULL;
  PyObject *of_class = key ? python_lookup(object->ob_type, key) : NULL;
  if (key && !of_class) value = _PyObject_GenericGetAttrWithDict(object, key, NULL, 1);
  python_let_go(of_class);
  if (key) Py_DecRef(key);
  PyErr_Clear();
  return value;
}
