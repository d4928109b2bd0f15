#include "dicts.h"

#include "python_types.h"

/* PyDictObject, and its keys: up to 3.10 and since. */
typedef struct {
  PyObject ob_base;
  Py_ssize_t used;
  uint64_t version;
  void *keys, *values;
} python_dict;

typedef struct {
  Py_ssize_t references, size;
  uintptr_t lookup;
  Py_ssize_t usable, count;
  char indices[];
} keys_38;

typedef struct {
  Py_ssize_t references;
  uint8_t log2_size, log2_index_bytes, kind;
  uint32_t version;
  Py_ssize_t usable, count;
  char indices[];
} keys_311;

/* PyDictKeyEntry, of keys that are not all str. */
typedef struct {
  Py_ssize_t hash;
  PyObject *key, *value;
} dict_entry;

enum {
  EMPTY = -1,
  PERTURB_SHIFT = 5,
  MOST_STEPS = 64,
  MOST_ITEMS = 8,  /* of a tuple that is a key */
  MOST_NESTED = 2, /* tuples in tuples */
  EXAMPLES = 300   /* so many keys need indices of two bytes */
};

static struct {
  int known, is_311;
  uintptr_t other_keys; /* what keys that are not all str are known by */
} layout;

static uintptr_t kind_of(const void *keys) {
  return layout.is_311 ? ((const keys_311 *)keys)->kind : ((const keys_38 *)keys)->lookup;
}

/* Without a GIL another thread may exchange the keys; the interpreter keeps the old ones until every thread has seen that. */
static const void *keys_of(const PyObject *dict) {
  return __atomic_load_n(&((const python_dict *)dict)->keys, __ATOMIC_ACQUIRE);
}

/* Of a type whose hash and comparison run no code but the interpreter's own. */
static int is_plain(PyObject *object, int nested) {
  const PyTypeObject *type = object->ob_type;
  if (type == &PyUnicode_Type || type == &PyLong_Type || type == &PyBytes_Type || type == &PyFloat_Type ||
      type == &PyBool_Type || object == Py_None)
    return 1;
  if (type != &PyTuple_Type || nested == MOST_NESTED || PyTuple_Size(object) > MOST_ITEMS) return 0;
  for (Py_ssize_t i = 0; i < PyTuple_Size(object); i++)
    if (!is_plain(PyTuple_GetItem(object, i), nested + 1)) return 0;
  return 1;
}

typedef struct {
  size_t size;
  const char *indices;
  const dict_entry *entries;
} table;

static size_t index_bytes(size_t size) { return size <= 0xFF ? 1 : size <= 0xFFFF ? 2 : size <= 0xFFFFFFFF ? 4 : 8; }

static table table_of(const void *keys) {
  const char *indices = layout.is_311 ? ((const keys_311 *)keys)->indices : ((const keys_38 *)keys)->indices;
  size_t size = layout.is_311 ? (size_t)1 << ((const keys_311 *)keys)->log2_size : (size_t)((const keys_38 *)keys)->size;
  size_t bytes = layout.is_311 ? (size_t)1 << ((const keys_311 *)keys)->log2_index_bytes : size * index_bytes(size);
  return (table){size, indices, (const dict_entry *)(const void *)(indices + bytes)};
}

static int64_t index_at(table place, size_t i) {
  switch (index_bytes(place.size)) {
    case 1:
      return ((const int8_t *)place.indices)[i];
    case 2:
      return ((const int16_t *)(const void *)place.indices)[i];
    case 4:
      return ((const int32_t *)(const void *)place.indices)[i];
    default:
      return ((const int64_t *)(const void *)place.indices)[i];
  }
}

typedef enum { OTHER, SAME, MAY_ASK } comparison;

static comparison compare(const dict_entry *entry, PyObject *key, Py_ssize_t hash) {
  if (entry->key == key) return SAME;
  if (entry->hash != hash) return OTHER;
  if (!is_plain(entry->key, 0)) return MAY_ASK;
  return PyObject_RichCompareBool(entry->key, key, PYTHON_EQUAL) == 1 ? SAME : OTHER;
}

/* As the interpreter goes through a table whose keys are not all str. */
static held_value search(const void *keys, PyObject *key, Py_ssize_t hash) {
  table place = table_of(keys);
  size_t perturb = (size_t)hash, mask = place.size - 1, i = perturb & mask;
  for (int step = 0; step < MOST_STEPS; step++) {
    int64_t index = index_at(place, i);
    if (index == EMPTY) return held_is(NULL);
    comparison found = index < 0 ? OTHER : compare(&place.entries[index], key, hash);
    if (found == SAME) return held_is(python_hold(place.entries[index].value));
    if (found == MAY_ASK) return HELD_UNKNOWN;
    perturb >>= PERTURB_SHIFT;
    i = (i * 5 + perturb + 1) & mask;
  }
  return HELD_UNKNOWN;
}

static held_value find_among_others(PyObject *dict, PyObject *key) {
  if (((const python_dict *)dict)->values || !is_plain(key, 0)) return HELD_UNKNOWN;
  Py_ssize_t hash = PyObject_Hash(key);
  if (hash == -1) PyErr_Clear();
  return hash == -1 ? HELD_UNKNOWN : search(keys_of(dict), key, hash);
}

static int has_other_keys(const PyObject *dict) { return kind_of(keys_of(dict)) == layout.other_keys; }

static held_value find_undisturbed(PyObject *dict, PyObject *key) {
  if (has_other_keys(dict)) return find_among_others(dict, key);
  if (key->ob_type == &PyUnicode_Type) return held_is(python_item(dict, key));
  return is_plain(key, 0) ? held_is(NULL) : HELD_UNKNOWN;
}

#ifdef PYREWRITE_FREE_THREADED

/* The dict's own lock keeps others from changing it. A str among strs the interpreter finds without. */
static held_value find(PyObject *dict, PyObject *key) {
  if (key->ob_type == &PyUnicode_Type && !has_other_keys(dict)) return held_is(python_item(dict, key));
  PyCriticalSection section;
  PyCriticalSection_Begin(&section, dict);
  held_value found = find_undisturbed(dict, key);
  PyCriticalSection_End(&section);
  return found;
}

#else

static held_value find(PyObject *dict, PyObject *key) { return find_undisturbed(dict, key); }

#endif

/* Whether we find in a dict what the interpreter does: numbers up to `count`, and none above. */
static int agrees(PyObject *dict, long count) {
  for (long i = 0; i < count + 2; i++) {
    PyObject *key = PyLong_FromLong(i << 10);
    held_value found = key ? find(dict, key) : HELD_UNKNOWN;
    int is_right = found.is_known && found.object == PyDict_GetItem(dict, key) && !found.object == (i >= count);
    python_let_go((PyObject *)found.object);
    if (key) Py_DecRef(key);
    if (!is_right) return 0;
  }
  return 1;
}

static int fill(PyObject *dict, long count) {
  for (long i = 0; i < count; i++) {
    PyObject *key = PyLong_FromLong(i << 10);
    int is_put = key && PyDict_SetItem(dict, key, key) == 0;
    if (key) Py_DecRef(key);
    if (!is_put) return 0;
  }
  return 1;
}

static int learn(PyObject *text, PyObject *numbers) {
  if (PyDict_SetItemString(text, "a", Py_None) != 0 || !fill(numbers, 3)) return 0;
  layout.other_keys = kind_of(keys_of(numbers));
  if (kind_of(keys_of(text)) == layout.other_keys || !agrees(numbers, 3)) return 0;
  return fill(numbers, EXAMPLES) && agrees(numbers, EXAMPLES);
}

held_value dicts_find(PyObject *dict, PyObject *key) { return layout.known ? find(dict, key) : HELD_UNKNOWN; }

int dicts_init(long hexversion) {
  if (hexversion >= 0x03100000) return 0;
  layout.is_311 = hexversion >= 0x030B0000;
  PyObject *text = PyDict_New(), *numbers = PyDict_New();
  layout.known = text && numbers && learn(text, numbers);
  if (text) Py_DecRef(text);
  if (numbers) Py_DecRef(numbers);
  PyErr_Clear();
  return layout.known;
}
