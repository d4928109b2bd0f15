#include "tasks.h"

#include <stdlib.h>
#include <string.h>

#include "echo.h"
#include "names.h"
#include "python_types.h"
#include "root_names.h"
#include "type_names.h"

enum {
  DEEPEST = 200, /* frames that are looked through at most */
  SUSPENDS = 0x20 | 0x80 | 0x100 | 0x200 /* co_flags of generators, coroutines and both of them */
};

/* Since 3.9; both give a new reference. */
struct _frame *PyFrame_GetBack(struct _frame *) __attribute__((weak));
struct PyCodeObject *PyFrame_GetCode(struct _frame *) __attribute__((weak));
extern PyTypeObject PyCoro_Type, PyGen_Type;
PyObject *PyObject_CallFunctionObjArgs(PyObject *, ...);
Py_ssize_t PyDict_Size(PyObject *);

static int frames_are_plain; /* 3.8: laid out as echo_frame says */
static PyObject *co_flags, *co_name, *dunder_qualname;

/* Of asyncio's C module. */
typedef struct {
  PyObject *running_loop, *current_task, *current_tasks, *get_coro, *get_name;
  PyTypeObject *task;
  int is_whole; /* everything is there */
} asyncio_parts;

static const asyncio_parts *asyncio; /* NULL before it is imported */

void tasks_init(long hexversion) {
  frames_are_plain = hexversion < 0x03090000;
  co_flags = PyUnicode_InternFromString("co_flags");
  co_name = PyUnicode_InternFromString("co_name");
  dunder_qualname = PyUnicode_InternFromString("__qualname__");
}

/* ---- frames ---- */

/* Borrowed: the frames below the running one live as long as it runs. */
static struct _frame *back_of(struct _frame *frame) {
  if (frames_are_plain) return ((echo_frame *)frame)->back;
  struct _frame *back = PyFrame_GetBack ? PyFrame_GetBack(frame) : NULL;
  if (back) Py_DecRef((PyObject *)back);
  return back;
}

/* A new reference to its code. Reading f_code would tell the program's audit hooks. */
static PyObject *code_of(struct _frame *frame) {
  if (!frames_are_plain) return PyFrame_GetCode ? (PyObject *)PyFrame_GetCode(frame) : NULL;
  PyObject *code = ((echo_frame *)frame)->code;
  Py_IncRef(code);
  return code;
}

static PyObject *of_code(struct _frame *frame, PyObject *name) {
  PyObject *code = code_of(frame);
  PyObject *value = code ? PyObject_GetAttr(code, name) : NULL;
  if (code) Py_DecRef(code);
  PyErr_Clear();
  return value;
}

static int can_suspend(struct _frame *frame) {
  PyObject *flags = of_code(frame, co_flags);
  long bits = flags ? PyLong_AsLong(flags) : 0;
  if (flags) Py_DecRef(flags);
  return (bits & SUSPENDS) != 0;
}

/* ---- the running task ---- */

static PyObject *attribute(PyObject *object, const char *name) {
  PyObject *value = PyObject_GetAttrString(object, name);
  if (!value) PyErr_Clear();
  return value;
}

/* From 3.12 on the task comes by a function, before from a dict. NULL without memory, or where it is not the C module. */
static asyncio_parts *parts_of(PyObject *module) {
  PyObject *task = attribute(module, "Task");
  asyncio_parts *parts = task && task->ob_type == &PyType_Type ? calloc(1, sizeof *parts) : NULL;
  if (!parts) return NULL;
  parts->running_loop = attribute(module, "_get_running_loop");
  parts->current_task = attribute(module, "current_task");
  parts->current_tasks = parts->current_task ? NULL : attribute(module, "_current_tasks");
  parts->get_coro = attribute(task, "get_coro");
  parts->get_name = attribute(task, "get_name");
  parts->task = (PyTypeObject *)task;
  parts->is_whole = parts->running_loop && (parts->current_task || parts->current_tasks) && parts->get_coro && parts->get_name;
  return parts;
}

/* Looks for it where modules have been imported since it was not there. Threads that do so at once all find the same. */
static const asyncio_parts *look_for_asyncio(void) {
  static Py_ssize_t without;
  PyObject *modules = PyImport_GetModuleDict();
  Py_ssize_t count = PyDict_Size(modules);
  if (count == __atomic_load_n(&without, __ATOMIC_RELAXED)) return NULL;
  PyObject *module = python_item_named(modules, "_asyncio");
  asyncio_parts *found = module ? parts_of(module) : NULL;
  python_let_go(module);
  if (found) __atomic_store_n(&asyncio, found, __ATOMIC_RELEASE);
  else __atomic_store_n(&without, count, __ATOMIC_RELAXED);
  return found;
}

static const asyncio_parts *find_asyncio(void) {
  const asyncio_parts *found = __atomic_load_n(&asyncio, __ATOMIC_ACQUIRE);
  if (!found) found = look_for_asyncio();
  return found && found->is_whole ? found : NULL;
}

static PyObject *call(PyObject *function, PyObject *argument) {
  PyObject *result = PyObject_CallFunctionObjArgs(function, argument, NULL);
  if (!result) PyErr_Clear();
  return result;
}

/* A new reference to the task of asyncio that runs on this thread, if its class is C's or one of its subclasses. */
static PyObject *running_task(const asyncio_parts *parts) {
  PyObject *loop = call(parts->running_loop, NULL), *task = NULL;
  if (loop && loop != Py_None) {
    if (parts->current_task) task = call(parts->current_task, loop);
    else if ((task = PyDict_GetItem(parts->current_tasks, loop))) Py_IncRef(task);
  }
  if (loop) Py_DecRef(loop);
  if (task && PyType_IsSubtype(task->ob_type, parts->task)) return task;
  if (task) Py_DecRef(task);
  return NULL;
}

/* The qualified name of a task's coroutine, if that is what this frame runs. */
static PyObject *coroutine_name(const asyncio_parts *parts, PyObject *task, struct _frame *frame) {
  PyObject *coroutine = call(parts->get_coro, task), *name = of_code(frame, co_name), *qualname = NULL;
  if (coroutine && (coroutine->ob_type == &PyCoro_Type || coroutine->ob_type == &PyGen_Type))
    qualname = PyObject_GetAttr(coroutine, dunder_qualname);
  if (coroutine) Py_DecRef(coroutine);
  const char *whole = type_names_utf8(qualname), *last = type_names_utf8(name);
  const char *dot = whole ? strrchr(whole, '.') : NULL;
  int same = whole && last && !strcmp(dot ? dot + 1 : whole, last);
  if (name) Py_DecRef(name);
  if (same) return qualname;
  if (qualname) Py_DecRef(qualname);
  return NULL;
}

/* asyncio's own: Task-1, Task-2, ... */
static int is_default_name(PyObject *name) {
  const char *text = type_names_utf8(name);
  if (!text || strncmp(text, "Task-", 5) != 0) return 0;
  return text[5 + strspn(text + 5, "0123456789")] == 0;
}

static context_node *root_of(const asyncio_parts *parts, PyObject *task, struct _frame *frame) {
  PyObject *coroutine = coroutine_name(parts, task, frame);
  if (!coroutine) return NULL;
  PyObject *name = call(parts->get_name, task);
  uint32_t number = root_names_number(name && !is_default_name(name) ? name : coroutine);
  if (name) Py_DecRef(name);
  Py_DecRef(coroutine);
  return contexts_root(recorder_tree(), PROFILE_CONTEXT_TASK, number);
}

/* The root for the running task, if this frame is the outermost of it. */
static context_node *task_root(struct _frame *frame) {
  const asyncio_parts *parts = find_asyncio();
  PyObject *task = parts ? running_task(parts) : NULL;
  context_node *root = task ? root_of(parts, task, frame) : NULL;
  if (task) Py_DecRef(task);
  PyErr_Clear();
  return root;
}

/* ---- the place ---- */

/* What the latest operation found; other frames may get its frame's address only after an await ended, or another ran. */
static _Thread_local struct {
  const void *frame;
  const void *around; /* the frame of the operation around it */
  context_node *context;
  uint32_t moved; /* what awaits of this thread end on others tells */
} latest;

void tasks_changed(void) { latest.frame = NULL; }

/* NULL: the thread's own. Up through what waits for this frame, to an open await or operation. */
static context_node *find_context(struct _frame *frame, const void *around) {
  for (int depth = 0; depth < DEEPEST; depth++) {
    struct _frame *back = back_of(frame);
    if (!back || back == around) return NULL;
    context_node *await = recorder_await_context(back);
    if (await) return await;
    if (!can_suspend(back)) return task_root(frame);
    frame = back;
  }
  return NULL;
}

recorder_place tasks_place(void) {
  struct _frame *frame = PyEval_GetFrame();
  if (!recorder_has_awaits() && !find_asyncio()) return (recorder_place){NULL, frame};
  const void *around = recorder_frame();
  uint32_t moved = recorder_moved_awaits();
  if (latest.frame == frame && latest.around == around && latest.moved == moved) return (recorder_place){latest.context, frame};
  if (!recorder_ready()) return RECORDER_ANYWHERE;
  context_node *context = find_context(frame, around);
  latest.frame = frame;
  latest.around = around;
  latest.context = context;
  latest.moved = moved;
  return (recorder_place){context, frame};
}
