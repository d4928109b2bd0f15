#include "shortcuts.h"

#include <pthread.h>
#include <stdlib.h>
#include <string.h>

#include "c_function.h"
#include "calibration.h"
#include "gate.h"
#include "python_frame.h"
#include "python_types.h"

extern PyTypeObject PyCode_Type;
int PyObject_IsTrue(PyObject *);

/* Not in the stable ABI. Since 3.12 by the first names, of which only the second were there before. */
typedef void (*free_function)(void *);
extern Py_ssize_t PyUnstable_Eval_RequestCodeExtraIndex(free_function) __attribute__((weak));
extern int PyUnstable_Code_GetExtra(PyObject *, Py_ssize_t, void **) __attribute__((weak));
extern int PyUnstable_Code_SetExtra(PyObject *, Py_ssize_t, void *) __attribute__((weak));
extern Py_ssize_t _PyEval_RequestCodeExtraIndex(free_function) __attribute__((weak));
extern int _PyCode_GetExtra(PyObject *, Py_ssize_t, void **) __attribute__((weak));
extern int _PyCode_SetExtra(PyObject *, Py_ssize_t, void *) __attribute__((weak));

enum {
  MOST = 256,
  UNIT = 2,            /* bytes of a code unit */
  LONGEST = 48 * UNIT  /* gate */
};

typedef struct {
  long version;
  int nop, jump_forward, load_const, extended_arg;
  int step; /* bytes that one of a jump's oparg stands for */
} shortcut_opcodes;

static const shortcut_opcodes versions[] = {
    {0x0308, 9, 110, 100, 144, 1}, {0x0309, 9, 110, 100, 144, 1}, {0x030A, 9, 110, 100, 144, 2},
    {0x030B, 9, 110, 100, 144, 2}, {0x030C, 9, 110, 100, 144, 2}, {0x030D, 30, 79, 83, 71, 2},
    {0x030E, 27, 77, 82, 69, 2},   {0x030F, 25, 76, 81, 67, 2},
};

static const shortcut_opcodes *op;

struct shortcut;

/* A code object that has some. It keeps a pointer to this, and says when it dies. */
typedef struct {
  PyObject *code; /* borrowed; NULL = none */
  struct shortcut *first;
} code_owner;

typedef struct shortcut {
  struct shortcut *next; /* of the same code */
  code_owner *owner;     /* NULL = none */
  uint8_t *opcode;       /* that the interpreter runs */
  PyObject *bytes;       /* it is in these, which are held; NULL where it is in the code object itself */
  int begin, end;        /* of the gate, bytes from the beginning of the code */
  int held;
  unsigned seen;
} shortcut;

static struct {
  pthread_mutex_t mutex; /* of the table and of the opcodes */
  int is_on, is_open;
  int is_adaptive; /* the interpreter runs a copy of co_code, which is in the code object */
  Py_ssize_t extra;
  Py_ssize_t code_offset;
  unsigned hand; /* of the clock that looks for one that is seldom passed */
  shortcut table[MOST];
  code_owner owners[MOST];
} all = {.mutex = PTHREAD_MUTEX_INITIALIZER, .extra = -1};

/* ---- one byte */

/* Only what is one of the two is ever replaced: tools of the interpreter may have put another instruction there. */
static void set(shortcut *s, int from, int to) {
  uint8_t expected = (uint8_t)from;
  __atomic_compare_exchange_n(s->opcode, &expected, (uint8_t)to, 0, __ATOMIC_RELAXED, __ATOMIC_RELAXED);
}

static void open_gate(shortcut *s) { set(s, op->jump_forward, op->nop); }

static void close_gate(shortcut *s) {
  if (all.is_on && !all.is_open && s->held == 0) set(s, op->nop, op->jump_forward);
}

/* ---- which code has which */

static code_owner *owner_of(PyObject *code) {
  void *found = NULL;
  if (all.extra < 0 || code->ob_type != &PyCode_Type) return NULL;
  int done = PyUnstable_Code_GetExtra ? PyUnstable_Code_GetExtra(code, all.extra, &found) : _PyCode_GetExtra(code, all.extra, &found);
  if (done != 0) PyErr_Clear();
  int is_ours = done == 0 && (code_owner *)found >= all.owners && (code_owner *)found < all.owners + MOST;
  return is_ours ? found : NULL; /* another interpreter may have given the place to somebody else */
}

static shortcut *first_of(PyObject *code) {
  code_owner *owner = owner_of(code);
  return owner ? owner->first : NULL;
}

/* What was set before is forgotten. */
static int set_owner(PyObject *code, code_owner *owner) {
  int done = PyUnstable_Code_SetExtra ? PyUnstable_Code_SetExtra(code, all.extra, owner) : _PyCode_SetExtra(code, all.extra, owner);
  if (done != 0) PyErr_Clear();
  return done == 0;
}

static void let_go(shortcut *s) {
  if (s->bytes) Py_DecRef(s->bytes);
  s->bytes = NULL;
}

/* The code dies, or has no more of them: its bytes may be gone, if nobody else holds them. */
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

static int has_extra(void) {
  if (all.extra >= 0) return 1;
  if (PyUnstable_Eval_RequestCodeExtraIndex && PyUnstable_Code_GetExtra && PyUnstable_Code_SetExtra)
    all.extra = PyUnstable_Eval_RequestCodeExtraIndex(forget);
  else if (_PyEval_RequestCodeExtraIndex && _PyCode_GetExtra && _PyCode_SetExtra)
    all.extra = _PyEval_RequestCodeExtraIndex(forget);
  if (all.extra < 0) all.is_on = 0;
  return all.extra >= 0;
}

/* There is one for each shortcut. NULL where the interpreter has no memory. */
static code_owner *make_owner(PyObject *code) {
  code_owner *owner = all.owners;
  while (owner->code) owner++;
  if (!set_owner(code, owner)) return NULL;
  owner->code = code;
  return owner;
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
  if (!owner->first) set_owner(owner->code, NULL);
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

typedef struct {
  PyObject *code, *object;
  const uint8_t *bytes;
  int length;
} code_bytes;

static int loads_gate(code_bytes text, int at) {
  Py_ssize_t argument = 0;
  for (; at + UNIT <= text.length; at += UNIT) {
    argument = argument << 8 | text.bytes[at + 1];
    if (text.bytes[at] != op->extended_arg) return text.bytes[at] == op->load_const && gate_is_constant(text.code, argument);
  }
  return 0;
}

static int end_of(code_bytes text, int begin) { return begin + UNIT + text.bytes[begin + 1] * op->step; }

/* Of the gate that has the instruction; -1 where there is none. Behind the NOP that tells the distance stands what loads the list. */
static int find_begin(code_bytes text, int at) {
  for (int begin = at; begin >= 0 && begin > at - LONGEST; begin -= UNIT)
    if (text.bytes[begin] == op->nop && end_of(text, begin) > at && loads_gate(text, begin + UNIT)) return begin;
  return -1;
}

/* What the interpreter runs, where it is as we think; else NULL. */
static uint8_t *running_code(code_bytes text) {
  if (!all.is_adaptive) return (uint8_t *)(uintptr_t)text.bytes;
  const python_type *code = (const python_type *)(const void *)text.code; /* they begin alike: a head and a size */
  if (code->ob_size * UNIT != text.length) return NULL;
  return (uint8_t *)text.code + all.code_offset;
}

static void make(code_bytes text, int at) {
  int begin = find_begin(text, at);
  uint8_t *running = running_code(text);
  if (begin < 0 || !running || running[begin] != op->nop || running[begin + 1] != text.bytes[begin + 1]) return;
  shortcut *s = has_extra() ? find_room() : NULL;
  if (!s) return;
  code_owner *owner = owner_of(text.code);
  if (!owner) owner = make_owner(text.code);
  if (!owner) return;
  PyObject *held = all.is_adaptive ? NULL : text.object;
  if (held) Py_IncRef(held);
  pthread_mutex_lock(&all.mutex);
  *s = (shortcut){owner->first, owner, running + begin, held, begin, end_of(text, begin), 0, 1};
  owner->first = s;
  close_gate(s);
  pthread_mutex_unlock(&all.mutex);
}

static void make_in(PyObject *code, int at) {
  PyObject *bytes = PyObject_GetAttrString(code, "co_code"); /* the code object keeps it */
  char *start;
  Py_ssize_t length;
  if (bytes && PyBytes_AsStringAndSize(bytes, &start, &length) == 0 && at >= 0 && at < length)
    make((code_bytes){code, bytes, (const uint8_t *)start, (int)length}, at & ~1);
  else PyErr_Clear();
  if (bytes) Py_DecRef(bytes);
}

static shortcut *known_at(PyObject *code, int at) {
  shortcut *s = first_of(code);
  while (s && !(s->begin <= at && at < s->end)) s = s->next;
  return s;
}

int shortcuts_see_gate(void) {
  python_frame *here = all.is_on ? PyEval_GetFrame() : NULL;
  PyObject *code = here ? python_frame_code(here) : NULL;
  if (!code) return 0;
  int at = python_frame_lasti(here);
  shortcut *known = known_at(code, at);
  if (known) known->seen++;
  else make_in(code, at);
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

void shortcuts_hold(PyObject *code) {
  shortcut *s = first_of(code);
  if (!s) return;
  pthread_mutex_lock(&all.mutex);
  for (; s; s = s->next)
    if (s->held++ == 0) open_gate(s);
  pthread_mutex_unlock(&all.mutex);
}

void shortcuts_release(PyObject *code) {
  shortcut *s = first_of(code);
  if (!s) return;
  pthread_mutex_lock(&all.mutex);
  for (; s; s = s->next)
    if (--s->held == 0) close_gate(s);
  pthread_mutex_unlock(&all.mutex);
}

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
  for (size_t i = 0; i < sizeof versions / sizeof *versions; i++)
    if (versions[i].version == hexversion >> 16) op = &versions[i];
  all.is_adaptive = code->tp_itemsize == UNIT;
  all.code_offset = code->tp_basicsize;
  /* From 3.14 on code that carries a pointer cannot be sent to another interpreter. */
  all.is_on = op && hexversion < 0x030E0000 && !has_compiler() && !calibration_is_watched(hexversion) && cover_monitoring() &&
              c_function_replace(PySys_GetObject("settrace"), "settrace", METH_O, settrace, &interpreters_settrace);
  PyErr_Clear();
  return all.is_on;
}
