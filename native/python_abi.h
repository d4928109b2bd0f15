/*
 * The part of CPython's stable ABI (limited API 3.8) that the runtime uses, declared here so that it compiles on
 * machines without Python's headers. With -DPYREWRITE_USE_PYTHON_H the real <Python.h> comes first and the compiler
 * checks that the function declarations below agree with it.
 *
 * A free-threaded interpreter has another PyObject, and no stable ABI: for it the same is compiled once more, with
 * PYREWRITE_FREE_THREADED. Each build refuses the other's interpreters at import.
 */
#ifndef PYREWRITE_PYTHON_ABI_H
#define PYREWRITE_PYTHON_ABI_H

#include <stddef.h>
#include <stdint.h>
#include <sys/types.h>

#ifdef PYREWRITE_USE_PYTHON_H

#ifndef PYREWRITE_FREE_THREADED
#define Py_LIMITED_API 0x03080000
#endif
#include <Python.h>

#else

typedef ssize_t Py_ssize_t;
typedef struct _typeobject PyTypeObject;
typedef struct _ts PyThreadState;
struct _frame;

#ifdef PYREWRITE_FREE_THREADED

/* Laid out as in 3.13 to 3.15. */
typedef struct _object {
  uintptr_t ob_tid;
  uint16_t flags;
  uint8_t ob_mutex;
  uint8_t ob_gc_bits;
  uint32_t ob_ref_local; /* UINT32_MAX: immortal */
  Py_ssize_t ob_ref_shared;
  PyTypeObject *ob_type;
} PyObject;

typedef struct {
  uint8_t bits;
} PyMutex;

/* Whoever waits for it can be stopped by the interpreter meanwhile. */
void PyMutex_Lock(PyMutex *);
void PyMutex_Unlock(PyMutex *);

/* Nobody else changes the object meanwhile. */
typedef struct PyCriticalSection {
  uintptr_t previous;
  PyMutex *mutex;
} PyCriticalSection;
void PyCriticalSection_Begin(PyCriticalSection *, PyObject *);
void PyCriticalSection_End(PyCriticalSection *);

#else

/* Since 3.12 the low half of ob_refcnt tells immortal objects; its place and size are the same on all versions. */
typedef struct _object {
  Py_ssize_t ob_refcnt;
  PyTypeObject *ob_type;
} PyObject;

#endif

#define PyObject_HEAD PyObject ob_base;

typedef PyObject *(*PyCFunction)(PyObject *, PyObject *);

typedef struct PyMethodDef {
  const char *ml_name;
  PyCFunction ml_meth;
  int ml_flags;
  const char *ml_doc;
} PyMethodDef;

typedef struct PyModuleDef_Base {
  PyObject_HEAD
  PyObject *(*m_init)(void);
  Py_ssize_t m_index;
  PyObject *m_copy;
} PyModuleDef_Base;

typedef struct PyModuleDef_Slot {
  int slot;
  void *value;
} PyModuleDef_Slot;

typedef struct PyModuleDef {
  PyModuleDef_Base m_base;
  const char *m_name;
  const char *m_doc;
  Py_ssize_t m_size;
  PyMethodDef *m_methods;
  PyModuleDef_Slot *m_slots;
  int (*m_traverse)(PyObject *, int (*)(PyObject *, void *), void *);
  int (*m_clear)(PyObject *);
  void (*m_free)(void *);
} PyModuleDef;

typedef struct {
  int slot;
  void *pfunc;
} PyType_Slot;

typedef struct {
  const char *name;
  int basicsize;
  int itemsize;
  unsigned int flags;
  PyType_Slot *slots;
} PyType_Spec;

#ifdef PYREWRITE_FREE_THREADED
#define PyModuleDef_HEAD_INIT {{0, 0, 0, 0, UINT32_MAX, 0, NULL}, NULL, 0, NULL}
#else
#define PyModuleDef_HEAD_INIT {{1, NULL}, NULL, 0, NULL}
#endif

#define METH_VARARGS 0x0001
#define METH_KEYWORDS 0x0002
#define METH_NOARGS 0x0004
#define METH_O 0x0008

#define Py_mod_exec 2
#define Py_nb_bool 9
#define Py_sq_contains 41
#define Py_nb_invert 27
#define Py_nb_negative 30
#define Py_nb_positive 32
#define Py_nb_subtract 36
#define Py_tp_call 50
#define Py_tp_dealloc 52
#define Py_tp_doc 56
#define Py_tp_methods 64
#define Py_tp_new 65
#define Py_tp_repr 66
#define Py_TPFLAGS_DEFAULT (1u << 18)
#define Py_file_input 257

#define Py_None (&_Py_NoneStruct)

#endif /* PYREWRITE_USE_PYTHON_H */

/* Py_mod_multiple_interpreters and its value: in the stable ABI since 3.12, used where the running version is. */
#define PYREWRITE_MOD_MULTIPLE_INTERPRETERS 3
#define PYREWRITE_MOD_PER_INTERPRETER_GIL_SUPPORTED ((void *)2)

/* Py_mod_gil and Py_MOD_GIL_NOT_USED: since 3.13. */
#define PYREWRITE_MOD_GIL 4
#define PYREWRITE_MOD_GIL_NOT_USED ((void *)1)

/* Py_mod_exec since 3.15, where slots of all kinds are numbered together. */
#define PYREWRITE_MOD_EXEC_UNIFIED 85

/* In the stable ABI since 3.10, and the same since 3.7: (module, arguments, their number). */
#define PYREWRITE_METH_FASTCALL 0x0080

extern PyObject _Py_NoneStruct;
extern PyTypeObject PyCFunction_Type;
extern PyTypeObject PyDict_Type;
extern PyTypeObject PyList_Type;
extern PyTypeObject PyLong_Type;
extern PyTypeObject PyTuple_Type;
extern PyTypeObject PyBytes_Type;
extern PyObject *PyExc_ImportError;
extern PyObject *PyExc_KeyboardInterrupt;
extern PyObject *PyExc_TypeError;

void Py_IncRef(PyObject *);
void Py_DecRef(PyObject *);
const char *Py_GetVersion(void);
PyObject *Py_CompileString(const char *, const char *, int);

PyObject *PyBytes_FromStringAndSize(const char *, Py_ssize_t);
int PyBytes_AsStringAndSize(PyObject *, char **, Py_ssize_t *);
PyObject *PyDict_GetItemString(PyObject *, const char *);
int PyCFunction_GetFlags(PyObject *);
PyCFunction PyCFunction_GetFunction(PyObject *);
PyObject *PyCFunction_GetSelf(PyObject *);
PyObject *PyDict_New(void);
int PyDict_SetItem(PyObject *, PyObject *, PyObject *);
int PyDict_SetItemString(PyObject *, const char *, PyObject *);
int PyDict_DelItemString(PyObject *, const char *);
void PyDict_Clear(PyObject *);
int PyDict_Next(PyObject *, Py_ssize_t *, PyObject **, PyObject **);
void PyErr_Clear(void);
int PyErr_ExceptionMatches(PyObject *);
PyObject *PyErr_Occurred(void); /* borrowed */
void PyErr_Fetch(PyObject **, PyObject **, PyObject **);
void PyErr_Restore(PyObject *, PyObject *, PyObject *);
void PyErr_SetInterrupt(void);
void PyErr_SetString(PyObject *, const char *);
void PyErr_WriteUnraisable(PyObject *);
PyObject *PyEval_GetBuiltins(void);
PyObject *PyEval_EvalCode(PyObject *, PyObject *, PyObject *);
struct _frame *PyEval_GetFrame(void);
void PyEval_RestoreThread(PyThreadState *);
PyThreadState *PyEval_SaveThread(void);
PyObject *PyImport_GetModuleDict(void);
PyObject *PyImport_ImportModule(const char *);
long PyLong_AsLong(PyObject *);
PyObject *PyLong_FromLong(long);
PyObject *PyModuleDef_Init(PyModuleDef *);
PyModuleDef *PyModule_GetDef(PyObject *);
PyObject *PyModule_GetDict(PyObject *); /* borrowed */
int PyModule_AddObject(PyObject *, const char *, PyObject *);
int PyModule_AddStringConstant(PyObject *, const char *, const char *);
PyObject *PyNumber_Invert(PyObject *);
PyObject *PyNumber_Negative(PyObject *);
PyObject *PyObject_Call(PyObject *, PyObject *, PyObject *);
PyObject *PyObject_CallFunction(PyObject *, const char *, ...);
PyObject *PyObject_CallObject(PyObject *, PyObject *);
void PyObject_Free(void *);
void PyObject_GC_UnTrack(void *);
PyObject *PyObject_GetAttr(PyObject *, PyObject *);
PyObject *PyObject_GetAttrString(PyObject *, const char *);
int PyArg_ParseTuple(PyObject *, const char *, ...);
PyObject *PySys_GetObject(const char *);
PyThreadState *PyThreadState_Get(void);
PyObject *PyTuple_GetItem(PyObject *, Py_ssize_t);
PyObject *PyTuple_New(Py_ssize_t);
int PyTuple_SetItem(PyObject *, Py_ssize_t, PyObject *);
Py_ssize_t PyTuple_Size(PyObject *);
PyObject *PyType_FromSpec(PyType_Spec *);
PyObject *PyType_GenericAlloc(PyTypeObject *, Py_ssize_t);
PyObject *PyUnicode_AsEncodedString(PyObject *, const char *, const char *);
int PyUnicode_CompareWithASCIIString(PyObject *, const char *);
PyObject *PyUnicode_DecodeFSDefault(const char *);
PyObject *PyUnicode_DecodeUTF8(const char *, Py_ssize_t, const char *);
PyObject *PyUnicode_FromFormat(const char *, ...);
PyObject *PyUnicode_InternFromString(const char *);
void PyUnicode_InternInPlace(PyObject **);
PyObject *PySequence_List(PyObject *);
int PySequence_SetSlice(PyObject *, Py_ssize_t, Py_ssize_t, PyObject *);
Py_ssize_t PySequence_Size(PyObject *);
PyObject *PySequence_GetItem(PyObject *, Py_ssize_t);

/* How many references there are, or more. */
static inline Py_ssize_t python_references(const PyObject *object) {
#ifdef PYREWRITE_FREE_THREADED
  return (Py_ssize_t)__atomic_load_n(&object->ob_ref_local, __ATOMIC_RELAXED) +
         (__atomic_load_n(&object->ob_ref_shared, __ATOMIC_RELAXED) >> 2);
#else
  return object->ob_refcnt;
#endif
}

/* Whether an object is freed, at once and by this thread, when it loses so many of its references. */
#ifdef PYREWRITE_FREE_THREADED
static inline int python_goes_with(const PyObject *object, uint32_t references) {
  static _Thread_local uintptr_t here;
  if (!here) {
    PyObject *made = PyLong_FromLong(1l << 40);
    if (!made) return 0;
    here = made->ob_tid;
    Py_DecRef(made);
  }
  uintptr_t owner = __atomic_load_n(&object->ob_tid, __ATOMIC_RELAXED);
  uint32_t local = __atomic_load_n(&object->ob_ref_local, __ATOMIC_RELAXED);
  Py_ssize_t shared = __atomic_load_n(&object->ob_ref_shared, __ATOMIC_RELAXED) >> 2;
  /* What other threads let go of its owner's references the owner learns later. */
  return owner == here ? local == references && shared == 0 : owner == 0 && local == 0 && shared == references;
}
#else
static inline int python_goes_with(const PyObject *object, uint32_t references) {
  return (uint32_t)object->ob_refcnt == references; /* from 3.12 on the lower half of the field */
}
#endif

#endif
