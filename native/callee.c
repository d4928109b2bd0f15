#include "callee.h"

#include <stdlib.h>

#include "code_extra.h"
#include "names.h"
#include "recorder.h"
#include "type_names.h"

/* What a code object carries: the number of its function's name. Where it cannot, they are numbered by their addresses. */
static Py_ssize_t extra = -1;

/* A new reference or NULL; for objects whose attributes are C's. */
static PyObject *attribute(PyObject *object, const char *name) {
  PyObject *value = PyObject_GetAttrString(object, name);
  if (!value) PyErr_Clear();
  return value;
}

static void drop(PyObject *object) {
  if (object) Py_DecRef(object);
}

static int numbers_addresses;
static const PyTypeObject *method_wrapper_type;

/* Whether functions are laid out as we think. */
static int functions_are_known(void) {
  PyObject *module = PyImport_ImportModule("_frozen_importlib");
  PyObject *function = module ? PyObject_GetAttrString(module, "_find_and_load") : NULL;
  PyObject *qualname = function ? PyObject_GetAttrString(function, "__qualname__") : NULL;
  const python_function *fields = (const python_function *)function;
  int known = qualname && function->ob_type == &PyFunction_Type && fields->func_qualname == qualname &&
              fields->func_code == PyFunction_GetCode(function);
  drop(qualname);
  drop(function);
  drop(module);
  PyErr_Clear();
  return known;
}

#ifdef PYREWRITE_FREE_THREADED
enum { HASH_BITS = 9 }; /* each thread has a table */
#else
enum { HASH_BITS = 12 };
#endif

/* Multiplied by an odd number, the upper bits tell keys apart best. */
static size_t slot_of(uint64_t key) { return (size_t)((key * 0x9E3779B97F4A7C15u) >> (64 - HASH_BITS)); }

/* A direct-mapped table, zeroed at first; NULL without memory. */
static void *table_of(int cache, size_t entry_size) {
  void **place = recorder_cache(cache);
  if (!*place) *place = calloc((size_t)1 << HASH_BITS, entry_size);
  return *place;
}

/* What `None.__init__` is: a slot of C and its object, which no version from 3.13 on exports. */
static const PyTypeObject *find_method_wrapper_type(void) {
  PyObject *wrapper = attribute(Py_None, "__init__");
  const python_wrapper *fields = (const python_wrapper *)wrapper;
  const PyTypeObject *type = wrapper && fields->object->ob_type == &PyWrapperDescr_Type ? wrapper->ob_type : NULL;
  drop(wrapper);
  return type;
}

void callee_init(long hexversion) {
  method_wrapper_type = find_method_wrapper_type();
  extra = code_extra_new(hexversion, NULL);
  if (extra < 0) numbers_addresses = functions_are_known();
}

static uint32_t name_qualified(PyObject *function, PyObject *qualname) {
  PyObject *module = attribute(function, "__module__");
  uint32_t number = names_join(type_names_utf8(module), type_names_utf8(qualname));
  drop(module);
  return number;
}

static uint32_t name_function(PyObject *function) {
  PyObject *qualname = attribute(function, "__qualname__");
  uint32_t number = name_qualified(function, qualname);
  drop(qualname);
  return number;
}

typedef struct {
  const PyObject *code;
  PyObject *qualname; /* kept: tells a code object that took the address of another */
  uint32_t number;
} code_address;

static uint32_t number_by_address(PyObject *function) {
  const python_function *fields = (const python_function *)function;
  const PyObject *code = PYTHON_FIELD(fields, func_code);
  code_address *known = table_of(RECORDER_CODES, sizeof *known);
  if (!known) return 0;
  code_address *entry = &known[slot_of((uintptr_t)code)];
  if (entry->code == code && entry->qualname == PYTHON_FIELD(fields, func_qualname)) return entry->number;
  PyObject *qualname = attribute(function, "__qualname__");
  uint32_t number = name_qualified(function, qualname);
  PyObject *gone = qualname;
  if (qualname && qualname->ob_type == &PyUnicode_Type) { /* of a subclass the end could be seen */
    gone = entry->qualname; /* not before: naming may come here again */
    *entry = (code_address){code, qualname, number};
  }
  drop(gone);
  return number;
}

/* Closures of one code object are one callee. */
static uint32_t number_function(PyObject *function) {
  if (numbers_addresses) return number_by_address(function);
  PyObject *code = PyFunction_GetCode(function);
  if (!code) return 0;
  void *known = code_extra_get(code, extra);
  if (known) return (uint32_t)(uintptr_t)known;
  uint32_t number = name_function(function);
  if (number) code_extra_set(code, extra, (void *)(uintptr_t)number);
  return number;
}

/* ---- methods and functions in C, by their definitions, which live as long as the module that defines them ---- */

typedef struct {
  const void *definition;
  const char *name; /* tells a definition that was replaced by another */
  uint32_t type;
  uint32_t number;
} c_callee;

static c_callee *find_c_callee(const void *definition, uint32_t type) {
  c_callee *known = table_of(RECORDER_C_CALLEES, sizeof *known);
  return known ? &known[slot_of((uint64_t)(uintptr_t)definition + type)] : NULL;
}

static int is_known(const c_callee *callee, const void *definition, uint32_t type, const char *name) {
  return callee && callee->definition == definition && callee->type == type && callee->name == name;
}

/* `type`: the number of the type that it belongs to, 0 for none; `owner`: that type's name, or the module's. */
static uint32_t number_definition(const void *definition, uint32_t type, const char *owner, const char *name) {
  c_callee *callee = find_c_callee(definition, type);
  if (!callee) return 0;
  if (is_known(callee, definition, type, name)) return callee->number;
  *callee = (c_callee){definition, name, type, names_join(owner, name)};
  return callee->number;
}

static int is_type(const PyObject *object) {
  return (PYTHON_FIELD(python_type_of(object), tp_flags) & PYTHON_TYPE_IS_TYPE) != 0;
}

static uint32_t number_module_function(PyObject *callable, const PyMethodDef *definition) {
  const c_callee *known = find_c_callee(definition, 0);
  if (is_known(known, definition, 0, definition->ml_name)) return known->number;
  PyObject *module = attribute(callable, "__module__");
  uint32_t number = number_definition(definition, 0, type_names_utf8(module), definition->ml_name);
  drop(module);
  return number;
}

static uint32_t number_method(const void *definition, PyTypeObject *type, const char *name) {
  return number_definition(definition, type_names_number(type), ((const python_type *)type)->tp_name, name);
}

static variant_key c_function_key(PyObject *callable) {
  PyObject *self = ((const python_c_function *)callable)->m_self;
  const PyMethodDef *definition = ((const python_c_function *)callable)->m_ml;
  if (!self || PyType_IsSubtype(self->ob_type, &PyModule_Type))
    return (variant_key){PROFILE_HOW_C_FUNCTION, number_module_function(callable, definition), 0, 0};
  PyTypeObject *type = is_type(self) ? (PyTypeObject *)self : self->ob_type;
  return (variant_key){PROFILE_HOW_C_METHOD, number_method(definition, type, definition->ml_name), 0, 0};
}

static variant_key descriptor_key(const PyObject *callable) {
  const python_descriptor *found = (const python_descriptor *)callable;
  uint32_t number = number_method(found->d_method, found->d_type, type_names_utf8(found->d_name));
  return (variant_key){PROFILE_HOW_C_METHOD, number, 0, 0};
}

variant_key callee_key(PyObject *callable) {
  const PyTypeObject *type = callable->ob_type;
  if (type == &PyMethod_Type || type == method_wrapper_type) {
    callable = ((python_wrapper *)callable)->object;
    type = callable->ob_type;
  }
  if (type == &PyFunction_Type) return (variant_key){PROFILE_HOW_FUNCTION, number_function(callable), 0, 0};
  if (type == &PyMethodDescr_Type || type == &PyWrapperDescr_Type) return descriptor_key(callable);
  if (PyType_IsSubtype(callable->ob_type, &PyCFunction_Type)) return c_function_key(callable);
  if (is_type(callable)) return (variant_key){PROFILE_HOW_NEW, type_names_number((PyTypeObject *)callable), 0, 0};
  return (variant_key){PROFILE_HOW_CALLABLE, type_names_number(callable->ob_type), 0, 0};
}
