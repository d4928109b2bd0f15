#include "shortcuts.h"

#include <pthread.h>
#include <stdlib.h>
#include <string.h>

#include "c_function.h"
#include "calibration.h"
#include "code_extra.h"
#include "code_text.h"
#include "gate.h"
#include "python_frame.h"
#include "python_types.h"

extern PyTypeObject PyCode_Type;
int PyObject_IsTrue(PyObject *);

/* Not in the stable ABI; absent before 3.12. Tells of each code object that is made or dies. */
typedef int code_watcher(int event, PyObject *code);
extern int PyCode_AddWatcher(code_watcher *) __attribute__((weak));

enum {
  MOST = 256,
  LONGEST = 48 * CODE_UNIT, /* gate */
  CODE_DIES = 1             /* PY_CODE_EVENT_DESTROY */
};

struct shortcut;

/* A code object that has some. */
typedef struct {
  PyObject *code; /* borrowed; NULL = none */
  struct shortcut *first;
} code_owner;

typedef struct shortcut {
  struct shortcut *next; /* of the same code */
  code_owner *owner;     /* NULL = none */
  uint8_t *opcode;       /* that the interpreter runs */
  PyObject *bytes;       /* it is in these, which are held; NULL where it is in the code object itself */
  long begin, end;       /* of the gate, bytes from the beginning of the code */
  int held;
  unsigned seen;
} shortcut;

static struct {
  pthread_mutex_t mutex; /* of the table and of the opcodes */
  int is_on, is_open;
  int is_adaptive; /* the interpreter runs a copy of co_code, which is in the code object */
  enum { NOT_ASKED, BY_EXTRA, BY_WATCHER } dying; /* who tells that code dies */
  Py_ssize_t extra;                               /* where it carries its owner */
  long hexversion;
  Py_ssize_t code_offset;
  unsigned hand; /* of the clock that looks for one that is seldom passed */
  shortcut table[MOST];
  code_owner owners[MOST];
} all = {.mutex = PTHREAD_MUTEX_INITIALIZER};

/* ---- one byte */

/* Only what is one of the two is ever replaced: tools of the interpreter may have put another instruction there. */
static void set(shortcut *s, int from, int to) {
  uint8_t expected = (uint8_t)from;
  __atomic_compare_exchange_n(s->opcode, &expected, (uint8_t)to, 0, __ATOMIC_RELAXED, __ATOMIC_RELAXED);
}

static void open_gate(shortcut *s) { set(s, code_op->jump_forward, code_op->nop); }

static void close_gate(shortcut *s) {
  if (all.is_on && !all.is_open && s->held == 0) set(s, code_op->nop, code_op->jump_forward);
}

/* ---- which code has which */

static code_owner *owner_of(const PyObject *code) {
  for (code_owner *owner = all.owners; owner < all.owners + MOST; owner++)
    if (owner->code == code) return owner;
  return NULL;
}

static shortcut *first_of(const PyObject *code) {
  code_owner *owner = owner_of(code);
  return owner ? owner->first : NULL;
}

static void let_go(shortcut *s) {
  if (s->bytes) Py_DecRef(s->bytes);
  s->bytes = NULL;
}

/* The code dies, or has none any more: its bytes may be gone, if nobody else holds them. */
static void forget(void *of_code) {
  code_owner *owner = of_code;
  if (!owner) return;
  shortcut *first = owner->first;
  pthread_mutex_lock(&all.mutex);
  for (shortcut *s = first; s; s = s->next) {
    open_gate(s); /* other code may have the same bytes */
    s->owner = NULL;
  }
  *owner = (code_owner){NULL, NULL};
  pthread_mutex_unlock(&all.mutex);
  for (shortcut *s = first; s; s = s->next) let_go(s);
}

static int watch(int event, PyObject *code) {
  if (event == CODE_DIES) forget(owner_of(code));
  return 0;
}

/* 0 where nobody would say that code dies: then there must be no shortcut in it. */
static int learns_of_deaths(void) {
  if (all.dying != NOT_ASKED) return 1;
  all.extra = code_extra_new(all.hexversion, forget);
  if (all.extra >= 0) all.dying = BY_EXTRA;
  else if (PyCode_AddWatcher && PyCode_AddWatcher(watch) >= 0) all.dying = BY_WATCHER;
  else all.is_on = 0;
  PyErr_Clear();
  return all.is_on;
}

/* There is one for each shortcut. NULL where the interpreter has no memory. */
static code_owner *make_owner(PyObject *code) {
  code_owner *owner = owner_of(NULL);
  if (all.dying == BY_EXTRA && !code_extra_set(code, all.extra, owner)) return NULL;
  owner->code = code;
  return owner;
}

static void drop_owner(code_owner *owner) {
  if (all.dying == BY_EXTRA) code_extra_set(owner->code, all.extra, NULL);
  else forget(owner);
}

static void remove_from(shortcut **list, shortcut *s) {
  while (*list != s) list = &(*list)->next;
  *list = s->next;
}

static void give_up(shortcut *s) {
  code_owner *owner = s->owner;
  pthread_mutex_lock(&all.mutex);
  open_gate(s);
  remove_from(&owner->first, s);
  s->owner = NULL;
  pthread_mutex_unlock(&all.mutex);
  let_go(s);
  if (!owner->first) drop_owner(owner);
}

/* A place in the table, if need be of one that was not seen since the hand came by last. */
static shortcut *find_room(void) {
  for (int i = 0; i < MOST; i++) {
    shortcut *s = &all.table[all.hand++ % MOST];
    if (!s->owner) return s;
    if (s->held > 0) continue;
    if (s->seen == 0) {
      give_up(s);
      return s;
    }
    s->seen /= 2;
  }
  return NULL;
}

/* ---- where a gate begins */

static int loads_gate(code_text text, long at) {
  unsigned argument = code_argument(text, at, &at);
  return code_opcode_at(text, at) == code_op->load_const && gate_is_constant(text.code, argument);
}

static long end_of(code_text text, long begin) { return begin + CODE_UNIT + text.bytes[begin + 1] * code_op->step; }

/* Of the gate that has the instruction; -1 where there is none. Behind the NOP that tells the distance stands what loads the list. */
static long find_begin(code_text text, long at) {
  for (long begin = at; begin >= 0 && begin > at - LONGEST; begin -= CODE_UNIT)
    if (code_opcode_at(text, begin) == code_op->nop && end_of(text, begin) > at && loads_gate(text, begin + CODE_UNIT))
      return begin;
  return -1;
}

/* What the interpreter runs, where it is as we think; else NULL. */
static uint8_t *running_code(code_text text) {
  if (!all.is_adaptive) return (uint8_t *)(uintptr_t)text.bytes;
  const python_type *code = (const python_type *)(const void *)text.code; /* they begin alike: a head and a size */
  if (code->ob_size * CODE_UNIT != text.length) return NULL;
  return (uint8_t *)text.code + all.code_offset;
}

/* Of the gate that has the instruction; 1 if there is one now. */
static int make(code_text text, long at) {
  long begin = find_begin(text, at);
  uint8_t *running = running_code(text);
  if (begin < 0 || !running || running[begin] != code_op->nop || running[begin + 1] != text.bytes[begin + 1]) return 0;
  shortcut *s = learns_of_deaths() ? find_room() : NULL;
  if (!s) return 0;
  code_owner *owner = owner_of(text.code);
  if (!owner) owner = make_owner(text.code);
  if (!owner) return 0;
  PyObject *held = all.is_adaptive ? NULL : text.co_code;
  if (held) Py_IncRef(held);
  pthread_mutex_lock(&all.mutex);
  *s = (shortcut){owner->first, owner, running + begin, held, begin, end_of(text, begin), 0, 1};
  owner->first = s;
  close_gate(s);
  pthread_mutex_unlock(&all.mutex);
  return 1;
}

static shortcut *known_at(const PyObject *code, long at) {
  shortcut *s = first_of(code);
  while (s && !(s->begin <= at && at < s->end)) s = s->next;
  return s;
}

int shortcuts_see_gate(void) {
  python_frame *here = all.is_on ? PyEval_GetFrame() : NULL;
  PyObject *code = here ? python_frame_code(here) : NULL;
  if (!code) return 0;
  long at = python_frame_lasti(here);
  shortcut *known = known_at(code, at);
  if (known) known->seen++;
  else code_ask(code, at & ~1, make);
  Py_DecRef(code);
  return known != NULL;
}

/* ---- windows */

void shortcuts_turn(int open) {
  pthread_mutex_lock(&all.mutex);
  int changes = all.is_open != open;
  all.is_open = open;
  for (int i = 0; changes && i < MOST; i++)
    if (all.table[i].owner && open) open_gate(&all.table[i]);
    else if (all.table[i].owner) close_gate(&all.table[i]);
  pthread_mutex_unlock(&all.mutex);
}

void shortcuts_stop(void) {
  if (!all.is_on) return;
  pthread_mutex_lock(&all.mutex);
  all.is_on = 0;
  for (int i = 0; i < MOST; i++)
    if (all.table[i].owner) open_gate(&all.table[i]);
  pthread_mutex_unlock(&all.mutex);
}

static void hold(const PyObject *code, int by) {
  shortcut *s = first_of(code);
  if (!s) return;
  pthread_mutex_lock(&all.mutex);
  for (; s; s = s->next) {
    s->held += by;
    if (s->held > 0) open_gate(s);
    else close_gate(s);
  }
  pthread_mutex_unlock(&all.mutex);
}

void shortcuts_hold(PyObject *code) { hold(code, 1); }

void shortcuts_release(PyObject *code) { hold(code, -1); }

void shortcuts_drop(PyObject *code) {
  for (shortcut *s = first_of(code), *next; s; s = next) {
    next = s->next;
    give_up(s);
  }
}

void shortcuts_fork_child(void) {
  pthread_mutex_init(&all.mutex, NULL);
  shortcuts_turn(0);
}

/* ---- tools that watch the code: the first that comes ends it */

static PyCFunction interpreters_settrace, interpreters_use_tool_id;

static PyObject *settrace(PyObject *module, PyObject *function) {
  if (function != Py_None) shortcuts_stop();
  return interpreters_settrace(module, function);
}

typedef PyObject *(*fast_function)(PyObject *, PyObject *const *, Py_ssize_t);

static PyObject *use_tool_id(PyObject *module, PyObject *const *arguments, Py_ssize_t count) {
  shortcuts_stop();
  return ((fast_function)(void (*)(void))interpreters_use_tool_id)(module, arguments, count);
}

static int cover_monitoring(void) {
  PyObject *monitoring = PySys_GetObject("monitoring");
  if (!monitoring) return 1;
  PyObject *function = PyObject_GetAttrString(monitoring, "use_tool_id");
  int done = function && c_function_replace(function, "use_tool_id", PYREWRITE_METH_FASTCALL,
                                            (PyCFunction)(void (*)(void))use_tool_id, &interpreters_use_tool_id);
  if (function) Py_DecRef(function);
  return done;
}

/* ---- whether there can be any */

/* A compiler takes a NOP for what it is, and makes code of it that no longer looks for windows. */
static int has_compiler(void) {
  static const char *const wishes[] = {"PYTHON_JIT", "PYTHON_UOPS"};
  PyObject *jit = PySys_GetObject("_jit");
  PyObject *is_enabled = jit ? PyObject_GetAttrString(jit, "is_enabled") : NULL;
  PyObject *answer = is_enabled ? PyObject_CallFunction(is_enabled, NULL) : NULL;
  int enabled = jit && !(answer && PyObject_IsTrue(answer) == 0);
  if (answer) Py_DecRef(answer);
  if (is_enabled) Py_DecRef(is_enabled);
  for (int i = 0; !jit && i < 2; i++) {
    const char *wish = getenv(wishes[i]);
    enabled |= wish && *wish && strcmp(wish, "0") != 0;
  }
  return enabled;
}

int shortcuts_init(long hexversion) {
  const python_type *code = (const python_type *)(void *)&PyCode_Type;
  all.is_adaptive = code->tp_itemsize == CODE_UNIT;
  all.code_offset = code->tp_basicsize;
  all.hexversion = hexversion;
  all.is_on = code_text_init(hexversion) && !has_compiler() && !calibration_is_watched(hexversion) && cover_monitoring() &&
              c_function_replace(PySys_GetObject("settrace"), "settrace", METH_O, settrace, &interpreters_settrace);
  PyErr_Clear();
  return all.is_on;
}
