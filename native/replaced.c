#include "replaced.h"

#include <string.h>

#include "dicts.h"
#include "lookup.h"
#include "profile_format.h"
#include "python_types.h"
#include "type_names.h"

#ifdef PYREWRITE_FREE_THREADED

void replaced_init(long hexversion) { dicts_init(hexversion); }

uint32_t replaced_attribute(PyObject *object, PyObject *name, uint32_t how) {
  (void)object, (void)name, (void)how;
  return PROFILE_FREED_UNKNOWN;
}

uint32_t replaced_item(PyObject *container, PyObject *index, PyObject *source) {
  (void)container, (void)index, (void)source;
  return PROFILE_FREED_UNKNOWN;
}

uint32_t replaced_slice(PyObject *container, PyObject *start, PyObject *stop, PyObject *source) {
  (void)container, (void)start, (void)stop, (void)source;
  return PROFILE_FREED_UNKNOWN;
}

#else

/* PyMemberDef. */
typedef struct {
  const char *name;
  int type;
  Py_ssize_t offset;
  int flags;
} member;

/* PyMappingMethods, PySliceObject. */
typedef struct {
  void *mp_length, *mp_subscript, *mp_ass_subscript;
} mapping_methods;

typedef struct {
  PyObject ob_base;
  PyObject *start, *stop, *step;
} python_slice;

enum {
  MEMBER_OBJECT = 6,
  MEMBER_OBJECT_EX = 16,
  MANAGED_DICT = -3, /* words from an object to where its dict is, 3.11+ */
  MOST_ITEMS = 16    /* of a slice */
};

static struct {
  int members;       /* members are laid out as we think */
  int managed_dicts; /* dicts of objects are where we think */
} layout;

static uint32_t freed(const PyObject *object) { return PROFILE_FREED_NAMELESS + type_names_number(object->ob_type); }

static uint32_t freed_of(held_value held) {
  if (!held.is_known) return PROFILE_FREED_UNKNOWN;
  return held.object && python_goes_with(held.object, 1) ? freed(held.object) : PROFILE_FREED_NOTHING;
}

/* ---- attributes ---- */

/* Of a PyMemberDescrObject. */
static const member *definition_of(const PyObject *descriptor) {
  return (const member *)(const void *)((const python_descriptor *)descriptor)->d_method;
}

static held_value value_in_slot(PyObject *object, PyObject *name) {
  const PyObject *found = _PyType_Lookup(object->ob_type, name);
  /* One that was put into another class does not fit, and raises. */
  int fits = layout.members && PyType_IsSubtype(object->ob_type, ((const python_descriptor *)found)->d_type);
  const member *definition = fits ? definition_of(found) : NULL;
  if (!definition || definition->flags) return HELD_UNKNOWN;
  if (definition->type != MEMBER_OBJECT && definition->type != MEMBER_OBJECT_EX) return HELD_UNKNOWN;
  return held_is(*(PyObject **)(void *)((char *)object + definition->offset));
}

/* Whether an object has a dict of its own; without one its values are where only the interpreter finds them, or it has none. */
static int find_dict(PyObject *object, PyObject **dict) {
  const python_type *type = python_type_of(object);
  PyObject **place;
  if (type->tp_flags & PYTHON_TYPE_MANAGED_DICT) {
    if (!layout.managed_dicts) return 0;
    place = (PyObject **)(void *)object + MANAGED_DICT;
  } else {
    place = _PyObject_GetDictPtr(object);
  }
  int is_dict = place && *place && !((uintptr_t)*place & 1); /* 3.12 marks what is none */
  *dict = is_dict ? *place : NULL;
  return 1;
}

/* Where it is in no dict: as the interpreter finds it, which asks the class where the object has no such attribute. */
static held_value value_outside_dict(PyObject *object, PyObject *name, const PyObject *in_class) {
  if (!(python_type_of(object)->tp_flags & PYTHON_TYPE_MANAGED_DICT)) return held_is(NULL);
  if (in_class && python_type_of(in_class)->tp_descr_get) return HELD_UNKNOWN;
  PyObject *value = _PyObject_GenericGetAttrWithDict(object, name, NULL, 1);
  if (!value) PyErr_Clear();
  else Py_DecRef(value); /* it stays: the object holds it, or the class */
  return held_is(value == in_class ? NULL : value);
}

static held_value value_in_object(PyObject *object, PyObject *name) {
  if (python_type_of(object)->tp_setattro != PyObject_GenericSetAttr) return HELD_UNKNOWN;
  const PyObject *in_class = _PyType_Lookup(object->ob_type, name);
  if (in_class && python_type_of(in_class)->tp_descr_set) return HELD_UNKNOWN;
  PyObject *dict;
  if (!find_dict(object, &dict)) return HELD_UNKNOWN;
  return dict ? dicts_find(dict, name) : value_outside_dict(object, name, in_class);
}

static held_value value_in_class(PyObject *type, PyObject *name) {
  const python_type *fields = (const python_type *)(const void *)type;
  int is_usual = python_type_of(type)->tp_setattro == ((const python_type *)&PyType_Type)->tp_setattro;
  if (!is_usual || !(fields->tp_flags & PYTHON_TYPE_HEAP) || !fields->tp_dict) return HELD_UNKNOWN;
  return dicts_find(fields->tp_dict, name);
}

uint32_t replaced_attribute(PyObject *object, PyObject *name, uint32_t how) {
  switch (how) {
    case PROFILE_HOW_SLOT:
      return freed_of(value_in_slot(object, name));
    case PROFILE_HOW_INSTANCE:
    case PROFILE_HOW_MODULE:
      return freed_of(value_in_object(object, name));
    case PROFILE_HOW_CLASS:
      return freed_of(value_in_class(object, name));
    default:
      return PROFILE_FREED_UNKNOWN;
  }
}

/* ---- items ---- */

/* Whether a container stores and deletes items as lists do, or dicts. */
static int stores_as(const PyObject *container, const PyTypeObject *type) {
  const mapping_methods *methods = python_type_of(container)->tp_as_mapping;
  const mapping_methods *theirs = ((const python_type *)type)->tp_as_mapping;
  return methods && methods->mp_ass_subscript == theirs->mp_ass_subscript;
}

/* 0 where it is none, or a very large one. */
static int is_number(PyObject *object, long *number) {
  if (object->ob_type != &PyLong_Type && object->ob_type != &PyBool_Type) return 0;
  *number = PyLong_AsLong(object);
  if (*number != -1 || !PyErr_Occurred()) return 1;
  PyErr_Clear();
  return 0;
}

static held_value value_in_list(PyObject *list, PyObject *index) {
  long i;
  if (!is_number(index, &i)) return HELD_UNKNOWN;
  Py_ssize_t size = PyList_Size(list);
  if (i < 0) i += size;
  return held_is(i >= 0 && i < size ? PyList_GetItem(list, i) : NULL);
}

/* A bound of a slice, within the list. 0 where code would have to be asked. */
static int bound(PyObject *given, Py_ssize_t size, Py_ssize_t *at) {
  if (given == Py_None) return 1;
  long i;
  if (!is_number(given, &i)) return 0;
  *at = i >= size ? size : i >= 0 ? i : i + size >= 0 ? i + size : 0;
  return 1;
}

/* How often the list has the item from `i` on, among those that go. */
static uint32_t count_item(PyObject *list, Py_ssize_t i, Py_ssize_t end) {
  uint32_t count = 0;
  for (Py_ssize_t k = i; k < end; k++) count += PyList_GetItem(list, k) == PyList_GetItem(list, i);
  return count;
}

static uint32_t freed_in_list(PyObject *list, Py_ssize_t start, Py_ssize_t stop) {
  Py_ssize_t end = stop - start > MOST_ITEMS ? start + MOST_ITEMS : stop;
  for (Py_ssize_t i = start; i < end; i++) {
    PyObject *item = PyList_GetItem(list, i);
    uint32_t references = (uint32_t)python_references(item);
    if (references == 1 || (references <= MOST_ITEMS && count_item(list, i, end) == references)) return freed(item);
  }
  return end == stop ? PROFILE_FREED_NOTHING : PROFILE_FREED_UNKNOWN;
}

uint32_t replaced_slice(PyObject *container, PyObject *start, PyObject *stop, PyObject *source) {
  /* Another source may run code before anything goes. */
  if (source && source->ob_type != &PyList_Type && source->ob_type != &PyTuple_Type) return PROFILE_FREED_UNKNOWN;
  if (!stores_as(container, &PyList_Type)) return PROFILE_FREED_UNKNOWN;
  Py_ssize_t size = PyList_Size(container), from = 0, to = size;
  if (!bound(start, size, &from) || !bound(stop, size, &to)) return PROFILE_FREED_UNKNOWN;
  return freed_in_list(container, from, to < from ? from : to);
}

uint32_t replaced_item(PyObject *container, PyObject *index, PyObject *source) {
  if (stores_as(container, &PyDict_Type)) return freed_of(dicts_find(container, index));
  if (!stores_as(container, &PyList_Type)) return PROFILE_FREED_UNKNOWN;
  if (index->ob_type != &PySlice_Type) return freed_of(value_in_list(container, index));
  const python_slice *slice = (const python_slice *)(const void *)index;
  return slice->step == Py_None ? replaced_slice(container, slice->start, slice->stop, source) : PROFILE_FREED_UNKNOWN;
}

/* ---- init ---- */

/* Whether property.fget is what we think, which is read-only. */
static int members_are_known(void) {
  PyObject *name = PyUnicode_InternFromString("fget");
  const PyObject *found = name ? _PyType_Lookup(&PyProperty_Type, name) : NULL;
  if (name) Py_DecRef(name);
  if (!found || found->ob_type != &PyMemberDescr_Type) return 0;
  const member *definition = definition_of(found);
  return strcmp(definition->name, "fget") == 0 && definition->type == MEMBER_OBJECT &&
         definition->offset == sizeof(PyObject) && definition->flags == 1;
}

/* By an object of a class in Python that every interpreter has. */
static int managed_dicts_are_known(void) {
  PyObject *module = PyImport_ImportModule("sys");
  PyObject *object = module ? PyObject_GetAttrString(module, "__spec__") : NULL;
  int is_usual = object && (python_type_of(object)->tp_flags & PYTHON_TYPE_MANAGED_DICT) &&
                 python_type_of(object)->tp_getattro == PyObject_GenericGetAttr;
  PyObject *dict = is_usual ? PyObject_GetAttrString(object, "__dict__") : NULL;
  int is_there = dict && ((PyObject **)(void *)object)[MANAGED_DICT] == dict;
  if (dict) Py_DecRef(dict);
  if (object) Py_DecRef(object);
  if (module) Py_DecRef(module);
  PyErr_Clear();
  return is_there;
}

void replaced_init(long hexversion) {
  if (!dicts_init(hexversion)) return;
  layout.members = members_are_known();
  layout.managed_dicts = managed_dicts_are_known();
}

#endif
