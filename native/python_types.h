/*
 * Fields of CPython's objects that its stable ABI does not name, behind the head at places that are the same from 3.8 to
 * 3.15. type_names_init checks them against the running interpreter before anything relies on them.
 */
#ifndef PYREWRITE_PYTHON_TYPES_H
#define PYREWRITE_PYTHON_TYPES_H

#include "python_abi.h"

/* PyTypeObject, up to tp_version_tag. */
typedef struct {
  PyObject ob_base;
  Py_ssize_t ob_size;
  const char *tp_name;
  Py_ssize_t tp_basicsize, tp_itemsize;
  void *tp_dealloc;
  Py_ssize_t tp_vectorcall_offset;
  void *tp_getattr, *tp_setattr, *tp_as_async, *tp_repr, *tp_as_number, *tp_as_sequence, *tp_as_mapping, *tp_hash, *tp_call,
      *tp_str;
  PyObject *(*tp_getattro)(PyObject *, PyObject *);
  int (*tp_setattro)(PyObject *, PyObject *, PyObject *);
  void *tp_as_buffer;
  unsigned long tp_flags;
  const char *tp_doc;
  void *tp_traverse, *tp_clear, *tp_richcompare;
  Py_ssize_t tp_weaklistoffset;
  void *tp_iter, *tp_iternext, *tp_methods, *tp_members, *tp_getset, *tp_base;
  PyObject *tp_dict;
  PyObject *(*tp_descr_get)(PyObject *, PyObject *, PyObject *);
  int (*tp_descr_set)(PyObject *, PyObject *, PyObject *);
  Py_ssize_t tp_dictoffset;
  void *tp_init, *tp_alloc, *tp_new, *tp_free, *tp_is_gc;
  PyObject *tp_bases, *tp_mro, *tp_cache;
  void *tp_subclasses;
  PyObject *tp_weaklist;
  void *tp_del;
  unsigned int tp_version_tag;
} python_type;

#define PYTHON_TYPE_MANAGED_DICT (1ul << 4) /* 3.11+: the instance dict is where no offset tells */
#define PYTHON_TYPE_HEAP (1ul << 9)
#define PYTHON_TYPE_METHOD_DESCRIPTOR (1ul << 17)
#define PYTHON_TYPE_HAS_VERSION (1ul << 19) /* up to 3.12 the version counts only with this flag */
#define PYTHON_TYPE_IS_TYPE (1ul << 31)

#define PYTHON_EQUAL 2 /* Py_EQ */

/* PyMethodObject, PyStaticMethod and the like: one object behind the head. */
typedef struct {
  PyObject ob_base;
  PyObject *object;
} python_wrapper;

/* PyCFunctionObject. */
typedef struct {
  PyObject ob_base;
  PyMethodDef *m_ml;
  PyObject *m_self;
} python_c_function;

/* PyFunctionObject since 3.10. */
typedef struct {
  PyObject ob_base;
  PyObject *func_globals, *func_builtins, *func_name, *func_qualname, *func_code;
} python_function;

/* PyMethodDescrObject, PyWrapperDescrObject (whose last field is another struct with the name first, too). */
typedef struct {
  PyObject ob_base;
  PyTypeObject *d_type;
  PyObject *d_name;
  PyObject *d_qualname;
  PyMethodDef *d_method;
} python_descriptor;

extern PyTypeObject PyBaseObject_Type, PyBool_Type, PyCell_Type, PyClassMethod_Type, PyFloat_Type, PyFunction_Type, PyMemberDescr_Type,
    PyMethodDescr_Type, PyMethod_Type, PyModule_Type, PyProperty_Type, PySlice_Type, PyStaticMethod_Type, PyType_Type, PyUnicode_Type,
    PyWrapperDescr_Type;

PyObject *PyObject_GenericGetAttr(PyObject *, PyObject *);
int PyObject_GenericSetAttr(PyObject *, PyObject *, PyObject *);
PyObject *PyCell_Get(PyObject *);
PyObject *PyFunction_GetCode(PyObject *); /* borrowed */
int PyType_IsSubtype(PyTypeObject *, PyTypeObject *);
unsigned long PyType_GetFlags(PyTypeObject *);
int PyObject_SetAttrString(PyObject *, const char *, PyObject *);
PyObject *PyVectorcall_Call(PyObject *, PyObject *, PyObject *);
const char *PyUnicode_AsUTF8AndSize(PyObject *, Py_ssize_t *);
PyObject *PyDict_GetItem(PyObject *, PyObject *); /* borrowed */
PyObject *PyList_GetItem(PyObject *, Py_ssize_t); /* borrowed */
Py_ssize_t PyList_Size(PyObject *);
Py_ssize_t PyObject_Hash(PyObject *);
int PyObject_RichCompareBool(PyObject *, PyObject *, int);

/* Private, and exported by every version. */
PyObject *_PyType_Lookup(PyTypeObject *, PyObject *); /* borrowed; never with an exception set */
PyObject *_PyObject_GenericGetAttrWithDict(PyObject *, PyObject *, PyObject *, int suppress);
PyObject **_PyObject_GetDictPtr(PyObject *); /* gives the object no dict, unless that is managed */

static inline const python_type *python_type_of(const PyObject *object) { return (const python_type *)object->ob_type; }

/* A field that other threads may be changing, where there is no GIL. */
#define PYTHON_FIELD(type, name) __atomic_load_n(&(type)->name, __ATOMIC_RELAXED)

/*
 * What a class, a dict or a list has, NULL for nothing; none raises. With the GIL it is borrowed; without it another thread may take
 * it away meanwhile, so it is held until it is let go.
 */
#ifdef PYREWRITE_FREE_THREADED

PyObject *_PyType_LookupRef(PyTypeObject *, PyObject *);
int PyDict_GetItemRef(PyObject *, PyObject *, PyObject **);
int PyDict_GetItemStringRef(PyObject *, const char *, PyObject **);
PyObject *PyList_GetItemRef(PyObject *, Py_ssize_t);
struct PyMemberDef;
PyObject *PyMember_GetOne(const char *, struct PyMemberDef *);
PyObject *PyObject_GenericGetDict(PyObject *, void *);

enum { PYTHON_HELD = 1 }; /* references that this is */

static inline PyObject *python_lookup(PyTypeObject *type, PyObject *name) { return _PyType_LookupRef(type, name); }

static inline PyObject *python_list_item(PyObject *list, Py_ssize_t index) {
  PyObject *item = PyList_GetItemRef(list, index);
  if (!item) PyErr_Clear();
  return item;
}

/* What was borrowed, and what is a new reference to something that stays. */
static inline PyObject *python_hold(PyObject *borrowed) {
  if (borrowed) Py_IncRef(borrowed);
  return borrowed;
}

static inline PyObject *python_as_held(PyObject *made) { return made; }

static inline PyObject *python_item(PyObject *dict, PyObject *key) {
  PyObject *item = NULL;
  if (PyDict_GetItemRef(dict, key, &item) < 0) PyErr_Clear();
  return item;
}

static inline PyObject *python_item_named(PyObject *dict, const char *key) {
  PyObject *item = NULL;
  if (PyDict_GetItemStringRef(dict, key, &item) < 0) PyErr_Clear();
  return item;
}

static inline void python_let_go(PyObject *object) {
  if (object) Py_DecRef(object);
}

#else

enum { PYTHON_HELD = 0 };

static inline PyObject *python_lookup(PyTypeObject *type, PyObject *name) { return _PyType_Lookup(type, name); }

static inline PyObject *python_list_item(PyObject *list, Py_ssize_t index) { return PyList_GetItem(list, index); }

static inline PyObject *python_hold(PyObject *borrowed) { return borrowed; }

static inline PyObject *python_as_held(PyObject *made) {
  if (made) Py_DecRef(made);
  return made;
}

static inline PyObject *python_item(PyObject *dict, PyObject *key) { return PyDict_GetItem(dict, key); }

static inline PyObject *python_item_named(PyObject *dict, const char *key) { return PyDict_GetItemString(dict, key); }

static inline void python_let_go(PyObject *object) { (void)object; }

#endif

#endif
