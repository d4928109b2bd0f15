#include "lookup.h"

#include "profile_format.h"

static PyObject *getattr_name, *getattribute_name, *setattr_name, *delattr_name;
static PyObject *object_getattribute, *module_getattribute; /* the slots of object and of modules; borrowed */

int lookup_init(void) {
  getattr_name = PyUnicode_InternFromString("__getattr__");
  getattribute_name = PyUnicode_InternFromString("__getattribute__");
  setattr_name = PyUnicode_InternFromString("__setattr__");
  delattr_name = PyUnicode_InternFromString("__delattr__");
  if (!getattr_name || !getattribute_name || !setattr_name || !delattr_name) return 0;
  object_getattribute = _PyType_Lookup(&PyBaseObject_Type, getattribute_name);
  module_getattribute = _PyType_Lookup(&PyModule_Type, getattribute_name);
  return object_getattribute && module_getattribute;
}

static int has_instance_dict(const python_type *type) {
  return type->tp_dictoffset != 0 || (PYTHON_FIELD(type, tp_flags) & PYTHON_TYPE_MANAGED_DICT);
}

static int is_method_type(const PyTypeObject *type) {
  return type == &PyFunction_Type || type == &PyMethodDescr_Type || type == &PyClassMethod_Type ||
         type == &PyStaticMethod_Type || type == &PyWrapperDescr_Type;
}

/* Whether a hook is written in Python, or anything but the slot of a C type. */
static int is_hook(const PyObject *hook) { return hook && hook->ob_type != &PyWrapperDescr_Type; }

static int has_hook(PyTypeObject *type, PyObject *name) {
  PyObject *hook = python_lookup(type, name);
  int is = is_hook(hook);
  python_let_go(hook);
  return is;
}

/* What a data descriptor is: those win over what lies in the object. */
static uint32_t kind_of_descriptor(const PyObject *found) {
  if (found->ob_type == &PyProperty_Type || PyType_IsSubtype(found->ob_type, &PyProperty_Type)) return PROFILE_HOW_PROPERTY;
  return found->ob_type == &PyMemberDescr_Type ? PROFILE_HOW_SLOT : PROFILE_HOW_DESCRIPTOR;
}

static PyObject *wrapped(const PyObject *object) { return ((const python_wrapper *)object)->object; }

/* What the interpreter's own lookup finds; a new reference, or NULL without an exception. */
static PyObject *own_value(PyObject *object, PyObject *name) {
  PyObject *value = _PyObject_GenericGetAttrWithDict(object, name, NULL, 1);
  if (!value) PyErr_Clear();
  return value;
}

/*
 * Whether the value lies in the object and hides what its class has. The interpreter's own lookup tells, which for
 * these kinds of class attributes runs no code and gives the object no dict that it does not have.
 */
static int hides(PyObject *object, PyObject *name, const PyObject *found) {
  PyObject *value = own_value(object, name);
  if (!value) return 0;
  int is_own = value != found;
  if (is_own && found->ob_type == &PyFunction_Type)
    is_own = value->ob_type != &PyMethod_Type || wrapped(value) != found;
  else if (is_own && found->ob_type == &PyMethodDescr_Type)
    is_own = !PyType_IsSubtype(value->ob_type, &PyCFunction_Type) || ((python_c_function *)value)->m_self != object;
  Py_DecRef(value);
  return is_own;
}

static uint32_t load_from_class(PyObject *object, PyObject *name, PyObject *found) {
  const python_type *kind = python_type_of(found);
  if (kind->tp_descr_set) return kind_of_descriptor(found);
  int is_method = is_method_type(found->ob_type);
  uint32_t how = is_method ? PROFILE_HOW_METHOD : kind->tp_descr_get ? PROFILE_HOW_DESCRIPTOR : PROFILE_HOW_CLASS;
  if (how == PROFILE_HOW_DESCRIPTOR || !has_instance_dict(python_type_of(object))) return how;
  /* What a classmethod or staticmethod makes of itself may be anything. */
  if (is_method && found->ob_type != &PyFunction_Type && found->ob_type != &PyMethodDescr_Type) return how;
  return hides(object, name, found) ? PROFILE_HOW_INSTANCE : how;
}

static uint32_t load_from_object(PyObject *object, PyObject *name, int has_getattr) {
  PyObject *value = has_instance_dict(python_type_of(object)) ? own_value(object, name) : NULL;
  if (value) {
    Py_DecRef(value);
    return PROFILE_HOW_INSTANCE;
  }
  return has_getattr ? PROFILE_HOW_GETATTR : PROFILE_HOW_MISSING;
}

static uint32_t load_generic(PyObject *object, PyObject *name, int has_getattr) {
  PyObject *found = python_lookup(object->ob_type, name);
  uint32_t how = found ? load_from_class(object, name, found) : load_from_object(object, name, has_getattr);
  python_let_go(found);
  return how;
}

/* An attribute of a class: its metaclass's data descriptors win, then comes what the class and its bases have. */
static uint32_t load_from_meta(PyObject *object, PyObject *name, const PyObject *meta) {
  if (meta && python_type_of(meta)->tp_descr_set) return kind_of_descriptor(meta);
  PyObject *found = python_lookup((PyTypeObject *)object, name);
  python_let_go(found);
  if (found) return PROFILE_HOW_CLASS;
  if (!meta) return has_hook(object->ob_type, getattr_name) ? PROFILE_HOW_GETATTR : PROFILE_HOW_MISSING;
  return is_method_type(meta->ob_type) ? PROFILE_HOW_METHOD : PROFILE_HOW_CLASS;
}

static uint32_t load_from_type(PyObject *object, PyObject *name) {
  PyObject *meta = python_lookup(object->ob_type, name);
  uint32_t how = load_from_meta(object, name, meta);
  python_let_go(meta);
  return how;
}

static int is_type(const PyObject *object) {
  return (PYTHON_FIELD(python_type_of(object), tp_flags) & PYTHON_TYPE_IS_TYPE) != 0;
}

/* A class that defines __getattribute__ or __getattr__, or inherits from a C type that does. */
static uint32_t load_with_hooks(PyObject *object, PyObject *name) {
  PyObject *slot = python_lookup(object->ob_type, getattribute_name);
  int is_in_python = is_hook(slot);
  python_let_go(slot);
  if (slot == object_getattribute) return load_generic(object, name, has_hook(object->ob_type, getattr_name));
  if (slot == module_getattribute) return PROFILE_HOW_MODULE;
  return is_in_python ? PROFILE_HOW_GETATTRIBUTE : PROFILE_HOW_NATIVE;
}

uint32_t lookup_load(PyObject *object, PyObject *name) {
  const python_type *type = python_type_of(object);
  PyObject *(*getter)(PyObject *, PyObject *) = PYTHON_FIELD(type, tp_getattro);
  if (getter == PyObject_GenericGetAttr) return load_generic(object, name, 0);
  if (getter == ((const python_type *)&PyModule_Type)->tp_getattro) return PROFILE_HOW_MODULE;
  if (is_type(object)) return load_from_type(object, name);
  return PYTHON_FIELD(type, tp_flags) & PYTHON_TYPE_HEAP ? load_with_hooks(object, name) : PROFILE_HOW_NATIVE;
}

/* What a data descriptor that its class has makes of it, else what it is. */
static uint32_t store_by_class(PyObject *object, PyObject *name, uint32_t otherwise) {
  PyObject *found = python_lookup(object->ob_type, name);
  uint32_t how = found && python_type_of(found)->tp_descr_set ? kind_of_descriptor(found) : otherwise;
  python_let_go(found);
  return how;
}

uint32_t lookup_store(PyObject *object, PyObject *name) {
  const python_type *type = python_type_of(object);
  if ((PYTHON_FIELD(type, tp_flags) & PYTHON_TYPE_HEAP) &&
      (has_hook(object->ob_type, setattr_name) || has_hook(object->ob_type, delattr_name)))
    return PROFILE_HOW_SETATTR;
  if (is_type(object)) return store_by_class(object, name, PROFILE_HOW_CLASS);
  if (PyType_IsSubtype(object->ob_type, &PyModule_Type)) return PROFILE_HOW_MODULE;
  if (PYTHON_FIELD(type, tp_setattro) != PyObject_GenericSetAttr) return PROFILE_HOW_NATIVE;
  return store_by_class(object, name, PROFILE_HOW_INSTANCE);
}

PyObject *lookup_called(PyObject *found) {
  if (found->ob_type == &PyStaticMethod_Type || found->ob_type == &PyClassMethod_Type) return wrapped(found);
  const python_type *kind = python_type_of(found);
  return PYTHON_FIELD(kind, tp_flags) & PYTHON_TYPE_METHOD_DESCRIPTOR || !kind->tp_descr_get ? found : NULL;
}

PyObject *lookup_method(PyObject *object, PyObject *name) {
  PyObject *found = python_lookup(object->ob_type, name);
  int is_method = found && (found->ob_type == &PyFunction_Type || found->ob_type == &PyMethodDescr_Type) &&
                  PYTHON_FIELD(python_type_of(object), tp_getattro) == PyObject_GenericGetAttr;
  if (is_method) return found;
  python_let_go(found);
  return NULL;
}
