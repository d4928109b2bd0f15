#include "tasks.h"

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

/* Of asyncio's C module; NULL before it is imported. */
static struct {
  PyObject *running_loop, *current_task, *current_tasks, *get_coro, *get_name;
  PyTypeObject *task;
} asyncio;

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

/* Whether it may have been imported since this was asked last. */
static int modules_changed(PyObject *modules) {
  static Py_ssize_t seen = -1;
  Py_ssize_t count = PyDict_Size(modules);
  int changed = count != seen;
  seen = count;
  return changed;
}

/* 1 when everything is there: from 3.12 on the task comes by a function, before from a dict. */
static int find_asyncio(void) {
  if (asyncio.task) return asyncio.get_name != NULL;
  PyObject *modules = PyImport_GetModuleDict();
  PyObject *module = modules_changed(modules) ? PyDict_GetItemString(modules, "_asyncio") : NULL;
  if (!module) return 0;
  PyObject *task = attribute(module, "Task");
  if (!task || task->ob_type != &PyType_Type) return 0;
  asyncio.running_loop = attribute(module, "_get_running_loop");
  asyncio.current_task = attribute(module, "current_task");
  asyncio.current_tasks = asyncio.current_task ? NULL : attribute(module, "_current_tasks");
  asyncio.get_coro = attribute(task, "get_coro");
  asyncio.task = (PyTypeObject *)task;
  if (!asyncio.running_loop || !asyncio.get_coro || (!asyncio.current_task && !asyncio.current_tasks)) return 0;
  asyncio.get_name = attribute(task, "get_name");
  return asyncio.get_name != NULL;
}

static PyObject *call(PyObject *function, PyObject *argument) {
  PyObject *result = PyObject_CallFunctionObjArgs(function, argument, NULL);
  if (!result) PyErr_Clear();
  return result;
}

/* A new reference to the task of asyncio that runs on this thread, if its class is C's or one of its subclasses. */
static PyObject *running_task(void) {
  if (!find_asyncio()) return NULL;
  PyObject *loop = call(asyncio.running_loop, NULL), *task = NULL;
  if (loop && loop != Py_None) {
    if (asyncio.current_task) task = call(asyncio.current_task, loop);
    else if ((task = PyDict_GetItem(asyncio.current_tasks, loop))) Py_IncRef(task);
  }
  if (loop) Py_DecRef(loop);
  if (task && PyType_IsSubtype(task->ob_type, asyncio.task)) return task;
  if (task) Py_DecRef(task);
  return NULL;
}

/* The qualified name of a task's coroutine, if that is what this frame runs. */
static PyObject *coroutine_name(PyObject *task, struct _frame *frame) {
  PyObject *coroutine = call(asyncio.get_coro, task), *name = of_code(frame, co_name), *qualname = NULL;
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

static context_node *root_of(PyObject *task, struct _frame *frame) {
  PyObject *coroutine = coroutine_name(task, frame);
  if (!coroutine) return NULL;
  PyObject *name = call(asyncio.get_name, task);
  uint32_t number = root_names_number(name && !is_default_name(name) ? name : coroutine);
  if (name) Py_DecRef(name);
  Py_DecRef(coroutine);
  return contexts_root(PROFILE_CONTEXT_TASK, number);
}

/* The root for the running task, if this frame is the outermost of it. */
static context_node *task_root(struct _frame *frame) {
  PyObject *task = running_task();
  context_node *root = task ? root_of(task, frame) : NULL;
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
  if (!recorder_has_awaits() && !asyncio.task && !find_asyncio()) return (recorder_place){NULL, frame};
  const void *around = recorder_frame();
  if (latest.frame == frame && latest.around == around) return (recorder_place){latest.context, frame};
  if (!recorder_ready()) return RECORDER_ANYWHERE;
  context_node *context = find_context(frame, around);
  latest.frame = frame;
  latest.around = around;
  latest.context = context;
  return (recorder_place){context, frame};
}
