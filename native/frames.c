#include "frames.h"

#include "dicts.h"
#include "echo.h"
#include "python_types.h"

extern PyTypeObject PyFrame_Type;
PyObject *PyEval_GetGlobals(void); /* borrowed */

/* _PyInterpreterFrame, from 3.11 on a part of a thread's own stack. */
typedef struct {
  PyObject *func, *globals, *builtins, *locals, *code, *frame_object;
  void *previous, *instruction;
  int stack_top;
  _Bool is_entry;
  char owner;
  uintptr_t values[1];
} frame_311;

typedef struct {
  PyObject *code;
  void *previous;
  PyObject *func, *globals, *builtins, *locals, *frame_object;
  void *instruction;
  int stack_top;
  uint16_t return_offset;
  char owner;
  uintptr_t values[1];
} frame_312;

typedef struct {
  uintptr_t code;
  void *previous;
  uintptr_t func;
  PyObject *globals, *builtins, *locals, *frame_object;
  void *instruction;
  uintptr_t *stack_pointer;
  uint16_t return_offset;
  char owner;
  uint8_t visited;
  uintptr_t values[1];
} frame_314;

/* PyFrameObject since 3.11. */
typedef struct {
  PyObject ob_base;
  struct _frame *back;
  char *data;
} frame_object;

/* PyThreadState of 3.11 and 3.12, and what it points to. */
typedef struct {
  void *previous, *next, *interpreter;
  int counters[7];
  char *cframe;
} thread_311;

typedef struct {
  uint8_t use_tracing;
  char *current_frame;
} cframe_311;

enum { BORROWED = 1, TAGS = 3, FIRST_WORD = 8, WORDS = 24 };

/* How a thread leads to its running frame: by a function, by a struct on the C stack, or itself. */
static enum { BY_FUNCTION, BY_CFRAME, BY_THREAD } way;

static struct {
  int known;
  size_t globals, builtins, locals, values;
  size_t stack_pointer; /* 0 = none */
  size_t current;       /* of what `way` says */
  uintptr_t tags;       /* bits of a value that are not its address */
} layout;

#define OFFSETS(type) \
  layout.globals = offsetof(type, globals), layout.builtins = offsetof(type, builtins), layout.locals = offsetof(type, locals)

static int choose_layout(long hexversion) {
  if (hexversion >= 0x03100000) return 0;
  if (hexversion >= 0x030E0000) {
    OFFSETS(frame_314), layout.values = offsetof(frame_314, values);
    layout.stack_pointer = offsetof(frame_314, stack_pointer), layout.tags = TAGS;
  } else if (hexversion >= 0x030C0000) {
    OFFSETS(frame_312), layout.values = offsetof(frame_312, values);
  } else if (hexversion >= 0x030B0000) {
    OFFSETS(frame_311), layout.values = offsetof(frame_311, values);
  } else {
    OFFSETS(echo_frame);
    layout.values = (size_t)((const python_type *)&PyFrame_Type)->tp_basicsize - sizeof(PyObject *);
  }
  way = hexversion >= 0x030D0000 ? BY_THREAD : hexversion >= 0x030B0000 ? BY_CFRAME : BY_FUNCTION;
  if (way == BY_CFRAME) layout.current = hexversion >= 0x030C0000 ? 0 : offsetof(cframe_311, current_frame);
  return 1;
}

static char *word_at(const char *base, size_t offset) { return *(char *const *)(base + offset); }

static char *running_frame(void) {
  if (way == BY_FUNCTION) return (char *)PyEval_GetFrame();
  const char *thread = (const char *)PyThreadState_Get();
  return word_at(way == BY_CFRAME ? ((const thread_311 *)(const void *)thread)->cframe : thread, layout.current);
}

/* Where a thread's state has the address of this frame. */
static int find_current(const char *data) {
  const char *thread = (const char *)PyThreadState_Get();
  for (size_t word = FIRST_WORD; word < WORDS; word++)
    if (word_at(thread, word * sizeof(void *)) == data) {
      layout.current = word * sizeof(void *);
      return 1;
    }
  return 0;
}

static uintptr_t *values_of(char *frame) { return (uintptr_t *)(void *)(frame + layout.values); }

static const PyObject *object_of(uintptr_t value) { return (const PyObject *)(value & ~layout.tags); }

/* How many values may lie below the stack of a frame of this code, at most. */
static Py_ssize_t count_variables(PyObject *code) {
  static const char *const names[] = {"co_varnames", "co_cellvars", "co_freevars"};
  Py_ssize_t count = 0;
  for (int i = 0; i < 3; i++) {
    PyObject *tuple = PyObject_GetAttrString(code, names[i]);
    count += tuple ? PyTuple_Size(tuple) : 0;
    if (tuple) Py_DecRef(tuple);
  }
  PyErr_Clear();
  return count;
}

static int has_values(PyObject *code, const uintptr_t *values, const PyObject *left, const PyObject *right) {
  Py_ssize_t count = count_variables(code);
  for (Py_ssize_t i = 0; i <= count; i++)
    if (object_of(values[i]) == left && object_of(values[i + 1]) == right) return 1;
  return 0;
}

void frames_learn(long hexversion, PyObject *code, const PyObject *left, const PyObject *right) {
  if (layout.known || !choose_layout(hexversion)) return;
  struct _frame *object = PyEval_GetFrame();
  char *frame = way == BY_FUNCTION ? (char *)object : ((frame_object *)object)->data;
  if (way == BY_THREAD && !find_current(frame)) return;
  if (running_frame() != frame) return;
  if (word_at(frame, layout.globals) != (char *)PyEval_GetGlobals()) return;
  if (word_at(frame, layout.builtins) != (char *)PyEval_GetBuiltins()) return;
  if (!has_values(code, values_of(frame), left, right)) return;
  __atomic_store_n(&layout.known, 1, __ATOMIC_RELEASE);
}

int frames_are_known(void) { return __atomic_load_n(&layout.known, __ATOMIC_ACQUIRE); }

frames_value frames_local(Py_ssize_t slot) {
  uintptr_t value = values_of(running_frame())[slot];
  return (frames_value){object_of(value), !(value & layout.tags & BORROWED)};
}

int frames_cell(Py_ssize_t slot, frames_value *value) {
  const PyObject *cell = frames_local(slot).object;
  if (!cell || cell->ob_type != &PyCell_Type) return 0;
#ifdef PYREWRITE_FREE_THREADED
  *value = (frames_value){PyCell_Get((PyObject *)cell), 1};
#else
  *value = (frames_value){((const python_wrapper *)cell)->object, 1};
#endif
  return 1;
}

int frames_name(PyObject *name, int is_global, frames_value *value) {
  PyObject *names = (PyObject *)word_at(running_frame(), is_global ? layout.globals : layout.locals);
  held_value found = names && names->ob_type == &PyDict_Type ? dicts_find(names, name) : HELD_UNKNOWN;
  *value = (frames_value){found.object, 1};
  return found.is_known;
}

/* Up to 3.10: where on the stack the two lie that an operator works on. NULL for nowhere. */
static uintptr_t *find_operands(const PyObject *left, const PyObject *right) {
  echo_frame *frame = (echo_frame *)PyEval_GetFrame();
  PyObject **end = (PyObject **)values_of((char *)frame) + frame->size - 1;
  /* Where the stack ends the frame does not say. Probes lie on none but while they are asked. */
  for (PyObject **value = frame->values; value < end; value++)
    if (value[0] == left && value[1] == right) return (uintptr_t *)(void *)value;
  return NULL;
}

PyObject *frames_below(const PyObject *left, const PyObject *right, Py_ssize_t above) {
  if (way != BY_FUNCTION) return NULL;
  PyObject **stack = ((echo_frame *)PyEval_GetFrame())->values, **found = (PyObject **)find_operands(left, right);
  return found && found - stack > above ? found[-1 - above] : NULL;
}

int frames_stack(Py_ssize_t slot, Py_ssize_t count, const PyObject *left, const PyObject *right, PyObject **values) {
  const uintptr_t *base = values_of(running_frame()), *end = base + slot + count;
  if (object_of(end[0]) != left || object_of(end[1]) != right) end = way == BY_FUNCTION ? find_operands(left, right) : NULL;
  if (!end || end - base < count) return 0;
  for (Py_ssize_t i = 0; i < count; i++) values[i] = (PyObject *)(end[i - count] & ~layout.tags);
  return 1;
}

int frames_left_is_borrowed(const PyObject *left, const PyObject *right) {
  if (!layout.known || !layout.stack_pointer) return 0;
  const uintptr_t *top = (const uintptr_t *)(const void *)word_at(running_frame(), layout.stack_pointer);
  return object_of(top[-1]) == right && object_of(top[-2]) == left && (top[-2] & BORROWED);
}
