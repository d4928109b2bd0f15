#include "replaced.h"

#include <string.h>

#include "dicts.h"
#include "lookup.h"
#include "profile_format.h"
#include "python_types.h"
#include "type_names.h"

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
  MOST_ITEMS = 16 /* of a slice */
};

/* Words from an object to where its dict is, 3.11+. */
#ifdef PYREWRITE_FREE_THREADED
enum { MANAGED_DICT = -1 };
#else
enum { MANAGED_DICT = -3 };
#endif

static struct {
  int members;       /* members are laid out as we think */
  int managed_dicts; /* dicts of objects are where we think */
} layout;

static uint32_t freed(const PyObject *object) { return PROFILE_FREED_NAMELESS + type_names_number(object->ob_type); }

static uint32_t freed_of(held_value held) {
  if (!held.is_known) return PROFILE_FREED_UNKNOWN;
  int goes = held.object && python_goes_with(held.object, 1 + PYTHON_HELD);
  uint32_t found = goes ? freed(held.object) : PROFILE_FREED_NOTHING;
  python_let_go((PyObject *)held.object);
  return found;
}

/* ---- attributes ---- */

/* Of a PyMemberDescrObject. */
static const member *definition_of(const PyObject *descriptor) {
  return (const member *)(const void *)((const python_descriptor *)descriptor)->d_method;
}

/* What is in a slot, and another thread may take out of it meanwhile: then NULL. */
static PyObject *held_member(PyObject *object, const member *definition, PyObject *value) {
#ifdef PYREWRITE_FREE_THREADED
  value = PyMember_GetOne((const char *)object, (struct PyMemberDef *)(uintptr_t)definition);
  if (!value) PyErr_Clear();
#else
  (void)object, (void)definition;
#endif
  return value;
}

/* Another thread may give the object another dict meanwhile. NULL where that cannot be told. */
static PyObject *held_dict(PyObject *object, PyObject *dict) {
#ifdef PYREWRITE_FREE_THREADED
  dict = PyObject_GenericGetDict(object, NULL);
  if (!dict) PyErr_Clear();
#else
  (void)object;
#endif
  return dict;
}

/* Not known of a slot that was put into another class: there it does not fit, and raises. */
static held_value value_by(const PyObject *descriptor, PyObject *object) {
  int fits = layout.members && PyType_IsSubtype(object->ob_type, ((const python_descriptor *)descriptor)->d_type);
  const member *definition = fits ? definition_of(descriptor) : NULL;
  if (!definition || definition->flags) return HELD_UNKNOWN;
  if (definition->type != MEMBER_OBJECT && definition->type != MEMBER_OBJECT_EX) return HELD_UNKNOWN;
  PyObject *value = __atomic_load_n((PyObject **)(void *)((char *)object + definition->offset), __ATOMIC_ACQUIRE);
  return held_is(value ? held_member(object, definition, value) : NULL);
}

static held_value value_in_slot(PyObject *object, PyObject *name) {
  PyObject *found = python_lookup(object->ob_type, name);
  held_value held = found && found->ob_type == &PyMemberDescr_Type ? value_by(found, object) : HELD_UNKNOWN;
  python_let_go(found);
  return held;
}

/* Whether an object has a dict of its own; without one its values are where only the interpreter finds them, or it has none. */
static int find_dict(PyObject *object, PyObject **dict) {
  const python_type *type = python_type_of(object);
  PyObject **place;
  if (PYTHON_FIELD(type, tp_flags) & PYTHON_TYPE_MANAGED_DICT) {
    if (!layout.managed_dicts) return 0;
    place = (PyObject **)(void *)object + MANAGED_DICT;
  } else {
    place = _PyObject_GetDictPtr(object);
  }
  PyObject *there = place ? __atomic_load_n(place, __ATOMIC_ACQUIRE) : NULL;
  int is_dict = there && !((uintptr_t)there & 1); /* 3.12 marks what is none */
  *dict = is_dict ? held_dict(object, there) : NULL;
  return !is_dict || *dict;
}

/* Where it is in no dict: as the interpreter finds it, which asks the class where the object has no such attribute. */
static held_value value_outside_dict(PyObject *object, PyObject *name, const PyObject *in_class) {
  if (!(PYTHON_FIELD(python_type_of(object), tp_flags) & PYTHON_TYPE_MANAGED_DICT)) return held_is(NULL);
  if (in_class && python_type_of(in_class)->tp_descr_get) return HELD_UNKNOWN;
  PyObject *value = _PyObject_GenericGetAttrWithDict(object, name, NULL, 1);
  if (!value) PyErr_Clear();
  python_as_held(value); /* it stays: the object holds it, or the class */
  if (value != in_class) return held_is(value);
  python_let_go(value);
  return held_is(NULL);
}

static held_value value_beside(PyObject *object, PyObject *name, const PyObject *in_class) {
  PyObject *dict;
  if (!find_dict(object, &dict)) return HELD_UNKNOWN;
  held_value held = dict ? dicts_find(dict, name) : value_outside_dict(object, name, in_class);
  python_let_go(dict);
  return held;
}

static held_value value_in_object(PyObject *object, PyObject *name) {
  if (PYTHON_FIELD(python_type_of(object), tp_setattro) != PyObject_GenericSetAttr) return HELD_UNKNOWN;
  PyObject *in_class = python_lookup(object->ob_type, name);
  int is_data = in_class && python_type_of(in_class)->tp_descr_set;
  held_value held = is_data ? HELD_UNKNOWN : value_beside(object, name, in_class);
  python_let_go(in_class);
  return held;
}

static held_value value_in_class(PyObject *type, PyObject *name) {
  const python_type *fields = (const python_type *)(const void *)type;
  int is_usual = PYTHON_FIELD(python_type_of(type), tp_setattro) == ((const python_type *)&PyType_Type)->tp_setattro;
  if (!is_usual || !(PYTHON_FIELD(fields, tp_flags) & PYTHON_TYPE_HEAP) || !fields->tp_dict) return HELD_UNKNOWN;
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
  const mapping_methods *methods = PYTHON_FIELD(python_type_of(container), tp_as_mapping);
  const mapping_methods *theirs = ((const python_type *)type)->tp_as_mapping;
  return methods && PYTHON_FIELD(methods, mp_ass_subscript) == theirs->mp_ass_subscript;
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
  return held_is(i >= 0 && i < size ? python_list_item(list, i) : NULL);
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
static uint32_t count_item(PyObject *list, const PyObject *item, Py_ssize_t i, Py_ssize_t end) {
  uint32_t count = 0;
  for (Py_ssize_t k = i; k < end; k++) {
    PyObject *other = python_list_item(list, k);
    count += other == item;
    python_let_go(other);
  }
  return count;
}

static int goes_from_list(PyObject *list, const PyObject *item, Py_ssize_t i, Py_ssize_t end) {
  uint32_t references = (uint32_t)python_references(item) - PYTHON_HELD;
  if (references > MOST_ITEMS || (references > 1 && count_item(list, item, i, end) != references)) return 0;
  return python_goes_with(item, references + PYTHON_HELD);
}

static uint32_t freed_in_list(PyObject *list, Py_ssize_t start, Py_ssize_t stop) {
  Py_ssize_t end = stop - start > MOST_ITEMS ? start + MOST_ITEMS : stop;
  for (Py_ssize_t i = start; i < end; i++) {
    PyObject *item = python_list_item(list, i);
    uint32_t found = item && goes_from_list(list, item, i, end) ? freed(item) : PROFILE_FREED_NOTHING;
    python_let_go(item);
    if (found != PROFILE_FREED_NOTHING) return found;
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
  const PyObject *found = name ? _PyType_Lookup(&PyProperty_Type, name) : NULL; /* it is C's, and stays */
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
