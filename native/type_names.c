#include "type_names.h"

#include <stdlib.h>
#include <string.h>

#include "names.h"
#include "recorder.h"

enum { FIRST_SIZE = 256, MOST_KNOWN = 1 << 16 };

typedef struct {
  const PyTypeObject *type; /* an address and nothing more: the type may be gone, another may have its place */
  uint32_t version;
  uint32_t number;
} known_type;

/* Open addressing; emptied when half full, so that types that come and go do not let it grow. */
typedef struct {
  known_type *known;
  size_t size; /* power of two */
  size_t count;
} known_types;

static int version_needs_flag;
static PyObject *module_name; /* "__module__" */
static PyObject *qualname_of; /* type.__qualname__, the descriptor */

static const python_type *layout(const PyTypeObject *type) { return (const python_type *)type; }

uint32_t type_names_version(const PyTypeObject *type) {
  int counts = !version_needs_flag || (PYTHON_FIELD(layout(type), tp_flags) & PYTHON_TYPE_HAS_VERSION);
  return counts ? PYTHON_FIELD(layout(type), tp_version_tag) : 0;
}

/* ---- names ---- */

#ifdef PYREWRITE_FREE_THREADED

/* The interpreter shows a text's bytes before it has written them, where they are not ASCII and nobody wanted them before. */
static PyMutex text_mutex;

static const char *bytes_of(PyObject *text) {
  PyMutex_Lock(&text_mutex);
  const char *bytes = PyUnicode_AsUTF8AndSize(text, NULL);
  PyMutex_Unlock(&text_mutex);
  return bytes;
}

void type_names_fork_child(void) { text_mutex.bits = 0; }

#else

static const char *bytes_of(PyObject *text) { return PyUnicode_AsUTF8AndSize(text, NULL); }

void type_names_fork_child(void) {}

#endif

const char *type_names_utf8(PyObject *text) {
  const char *bytes = text && text->ob_type == &PyUnicode_Type ? bytes_of(text) : NULL;
  PyErr_Clear();
  return bytes;
}

/* The metaclass may define both attributes anew; so they are taken from where type itself has them. */
static uint32_t name_heap_type(PyTypeObject *type) {
  PyObject *dict = layout(type)->tp_dict;
  PyObject *module = dict ? python_item(dict, module_name) : NULL;
  PyObject *qualname = python_type_of(qualname_of)->tp_descr_get(qualname_of, (PyObject *)type, (PyObject *)&PyType_Type);
  uint32_t number = names_join(type_names_utf8(module), type_names_utf8(qualname));
  if (qualname) Py_DecRef(qualname);
  python_let_go(module);
  return number;
}

static uint32_t name_type(PyTypeObject *type) {
  const char *name = layout(type)->tp_name;
  if (PYTHON_FIELD(layout(type), tp_flags) & PYTHON_TYPE_HEAP) return name_heap_type(type);
  return names_number(name, strlen(name));
}

/* ---- the table ---- */

static known_types *types_known(void) {
  void **place = recorder_cache(RECORDER_TYPES);
  if (!*place) *place = calloc(1, sizeof(known_types));
  return *place;
}

static known_type *find(const known_types *types, const PyTypeObject *type) {
  size_t mask = types->size - 1;
  size_t i = (size_t)(((uint64_t)(uintptr_t)type * 0x9E3779B97F4A7C15u) >> 32) & mask;
  while (types->known[i].type && types->known[i].type != type) i = (i + 1) & mask;
  return &types->known[i];
}

static int make_room(known_types *types) {
  if (types->count * 2 < types->size) return 1;
  size_t size = types->size == 0 ? FIRST_SIZE : types->size < MOST_KNOWN ? types->size * 2 : types->size;
  known_type *known = calloc(size, sizeof *known);
  if (!known) return 0;
  free(types->known); /* they are found again */
  types->known = known;
  types->size = size;
  types->count = 0;
  return 1;
}

/* Without a version a type cannot be told from a later one at its address; looking something up gives it one. */
static uint32_t version_for(PyTypeObject *type) {
  if (!(PYTHON_FIELD(layout(type), tp_flags) & PYTHON_TYPE_HEAP)) return 1; /* it never dies */
  uint32_t version = type_names_version(type);
  if (version) return version;
  python_let_go(python_lookup(type, module_name));
  return type_names_version(type);
}

uint32_t type_names_number(PyTypeObject *type) {
  uint32_t version = version_for(type);
  if (version == 0) return name_type(type);
  known_types *types = types_known();
  if (!types || !make_room(types)) return 0;
  known_type *known = find(types, type);
  if (known->type && known->version == version) return known->number;
  uint32_t number = name_type(type);
  known = find(types, type);
  if (!known->type) types->count++;
  *known = (known_type){type, version, number};
  return number;
}

/* ---- init ---- */

static PyTypeObject *make_probe_type(void) {
  PyType_Slot slots[] = {{0, NULL}};
  PyType_Spec spec = {"_pyrewrite.Layout", sizeof(PyObject), 0, Py_TPFLAGS_DEFAULT, slots};
  return (PyTypeObject *)PyType_FromSpec(&spec);
}

/* A new type gets a version by a lookup, and another one after a change. */
static int versions_are_right(PyTypeObject *type) {
  _PyType_Lookup(type, module_name);
  uint32_t first = layout(type)->tp_version_tag;
  version_needs_flag = (layout(type)->tp_flags & PYTHON_TYPE_HAS_VERSION) != 0;
  if (first == 0 || PyObject_SetAttrString((PyObject *)type, "changed", Py_None) != 0) return 0;
  if (type_names_version(type) == first) return 0;
  _PyType_Lookup(type, module_name);
  uint32_t second = type_names_version(type);
  return second != 0 && second != first;
}

static int layout_is_right(PyTypeObject *type) {
  const python_type *number = layout(&PyLong_Type);
  if (strcmp(number->tp_name, "int") != 0 || strcmp(layout(&PyTuple_Type)->tp_name, "tuple") != 0) return 0;
  if (number->tp_flags != PyType_GetFlags(&PyLong_Type) || layout(type)->tp_flags != PyType_GetFlags(type)) return 0;
  if (number->tp_getattro != PyObject_GenericGetAttr || number->tp_setattro != PyObject_GenericSetAttr) return 0;
  if (!(layout(type)->tp_flags & PYTHON_TYPE_HEAP) || (number->tp_flags & PYTHON_TYPE_HEAP)) return 0;
  if (!layout(&PyProperty_Type)->tp_descr_get || !layout(&PyProperty_Type)->tp_descr_set) return 0;
  if (!layout(&PyFunction_Type)->tp_descr_get || layout(&PyFunction_Type)->tp_descr_set) return 0;
  return versions_are_right(type);
}

int type_names_init(void) {
  module_name = PyUnicode_InternFromString("__module__");
  PyObject *attribute = PyUnicode_InternFromString("__qualname__");
  PyTypeObject *type = make_probe_type();
  int right = module_name && attribute && type && layout_is_right(type);
  if (right) qualname_of = _PyType_Lookup(&PyType_Type, attribute);
  if (attribute) Py_DecRef(attribute);
  if (type) Py_DecRef((PyObject *)type);
  PyErr_Clear();
  return right && qualname_of && python_type_of(qualname_of)->tp_descr_get;
}
