#include "attach.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "around.h"
#include "calibration.h"
#include "control.h"
#include "frame_hook.h"
#include "frames.h"
#include "gate.h"
#include "gc_watch.h"
#include "marshal_filter.h"
#include "process_facts.h"
#include "registry.h"
#include "shared.h"
#include "trace_filter.h"
#include "window_budget.h"

#ifdef PYREWRITE_FREE_THREADED

/* One module at a time is attached, and no code of Python runs meanwhile: it may wait for this lock. */
static PyMutex mutex;

static void enter(void) { PyMutex_Lock(&mutex); }

static void leave(void) { PyMutex_Unlock(&mutex); }

void attach_fork_child(void) { mutex.bits = 0; }

#else

static void enter(void) {}

static void leave(void) {}

void attach_fork_child(void) {}

#endif

/* Where ob_item begins in a tuple: tuple.__basicsize__. 0 = not known, nothing is patched. */
static Py_ssize_t items_offset;
static long python_hexversion;

/* The type of the attach object that works; others belong to other interpreters. */
static PyTypeObject *active_type;

static PyObject **item_slot(PyObject *tuple, Py_ssize_t index) {
  return (PyObject **)((char *)tuple + items_offset) + index;
}

/*
 * The interpreter itself replaces items of co_consts before code runs, but has no function for it that takes a tuple
 * which others hold.
 */
void attach_set_item(PyObject *tuple, Py_ssize_t index, PyObject *item) {
  PyObject **slot = item_slot(tuple, index);
  PyObject *old = *slot;
  Py_IncRef(item);
  __atomic_store_n(slot, item, __ATOMIC_RELEASE); /* without a GIL others may run the code meanwhile */
  Py_DecRef(old);
}

static int holds_numbers(PyObject *tuple, long first) {
  for (Py_ssize_t i = 0; i < 3; i++)
    if (*item_slot(tuple, i) != PyTuple_GetItem(tuple, i) || PyLong_AsLong(*item_slot(tuple, i)) != first + i) return 0;
  return 1;
}

/* Reads three items through our offset and through the interpreter, then writes one and reads it back. */
static int layout_is_right(void) {
  PyObject *tuple = PyTuple_New(3);
  PyObject *other = PyLong_FromLong(123456);
  if (!tuple || !other) return 0;
  for (Py_ssize_t i = 0; i < 3; i++) PyTuple_SetItem(tuple, i, PyLong_FromLong(1000 + (long)i));
  int right = holds_numbers(tuple, 1000);
  if (right) {
    attach_set_item(tuple, 1, other);
    right = PyTuple_GetItem(tuple, 1) == other && PyLong_AsLong(PyTuple_GetItem(tuple, 2)) == 1002;
  }
  Py_DecRef(tuple);
  Py_DecRef(other);
  return right;
}

int attach_init(long hexversion) {
  python_hexversion = hexversion;
  PyObject *size = PyObject_GetAttrString((PyObject *)&PyTuple_Type, "__basicsize__");
  long offset = size ? PyLong_AsLong(size) : 0;
  if (size) Py_DecRef(size);
  PyErr_Clear();
  if (offset < (long)sizeof(PyObject) || offset > 256 || offset % (long)sizeof(void *) != 0) return 0;
  items_offset = offset;
  if (layout_is_right()) return 1;
  PyErr_Clear();
  items_offset = 0;
  return 0;
}

/* ---- the code objects of one module ---- */

typedef struct {
  const site_table *table;
  PyObject **codes;  /* the code object of each code record; borrowed */
  PyObject **consts; /* and its co_consts; borrowed: the code objects hold them */
} module_codes;

/* A borrowed reference to co_consts. */
static PyObject *consts_of(PyObject *code) {
  PyObject *consts = PyObject_GetAttrString(code, "co_consts");
  if (!consts) return NULL;
  Py_DecRef(consts);
  return consts->ob_type == &PyTuple_Type ? consts : NULL;
}

static int find_code(module_codes *module, uint32_t index, PyObject *root) {
  site_table_code record = site_table_get_code(module->table, index);
  PyObject *code = root;
  if (index > 0) {
    PyObject *outer = module->consts[record.parent];
    if ((Py_ssize_t)record.const_index >= PyTuple_Size(outer)) return 0;
    code = *item_slot(outer, (Py_ssize_t)record.const_index);
    if (code->ob_type != root->ob_type) return 0;
  }
  marshal_filter_see(code);
  module->codes[index] = code;
  module->consts[index] = consts_of(code);
  return module->consts[index] != NULL;
}

/* What stands in for which objects of ours. */
typedef enum { ZERO, EMPTY } placeholder_kind;

/* A constant that is a placeholder, and what takes its place; `probe` is NULL while probes are not known. */
typedef struct {
  Py_ssize_t index;
  PyObject *probe;
  placeholder_kind kind;
} placeholder;

/*
 * Calls `visit` for each placeholder of a code record: the sites' first, then their operands'. 0 when it gave 0.
 * `operand` counts the operands of the records before.
 */
static int each_placeholder(const module_codes *module, uint32_t index, const registry_probes *probes, uint32_t *operand,
                            int (*visit)(PyObject *consts, placeholder place)) {
  site_table_code record = site_table_get_code(module->table, index);
  PyObject *consts = module->consts[index];
  Py_ssize_t next = (Py_ssize_t)record.first_const + record.site_count;
  for (uint32_t i = 0; i < record.site_count; i++) {
    PyObject *probe = probes ? &probes->sites[record.first_site + i].ob_base : NULL;
    if (!visit(consts, (placeholder){(Py_ssize_t)record.first_const + i, probe, ZERO})) return 0;
    for (uint32_t n = site_table_get_operands(module->table, record.first_site + i).count; n > 0; n--, ++*operand) {
      probe = probes && probes->operands ? operand_at(probes->operands, *operand) : NULL;
      if (!visit(consts, (placeholder){next++, probe, EMPTY})) return 0;
    }
  }
  if (!record.is_sampled) return 1;
  return visit(consts, (placeholder){next, probes ? gate_list() : NULL, EMPTY}) &&
         visit(consts, (placeholder){next + 1, probes ? gate_question() : NULL, ZERO});
}

static int is_placeholder(PyObject *item, placeholder_kind kind) {
  if (kind == EMPTY) return item->ob_type == &PyTuple_Type && PyTuple_Size(item) == 0;
  return item->ob_type == &PyLong_Type && PyLong_AsLong(item) == 0;
}

/* A placeholder, or a probe from an earlier run of the same code object: of exactly this site, once it is known. */
static int is_there(PyObject *consts, placeholder place) {
  if (place.index >= PyTuple_Size(consts)) return 0;
  PyObject *item = *item_slot(consts, place.index);
  if (is_placeholder(item, place.kind)) return 1;
  if (place.probe) return item == place.probe;
  if (item == gate_list() || item == gate_question()) return 1;
  return place.kind == EMPTY ? operand_is_probe(item) : probe_is_probe(item);
}

static int put(PyObject *consts, placeholder place) {
  if (place.probe && *item_slot(consts, place.index) != place.probe) attach_set_item(consts, place.index, place.probe);
  return 1;
}

static int same_pointer(const void *a, const void *b) {
  const char *x = *(char *const *)a, *y = *(char *const *)b;
  return (x > y) - (x < y);
}

/* Two code objects with one tuple: patching one would patch the other. */
static int tuples_are_shared(const module_codes *module) {
  uint32_t count = module->table->code_count;
  PyObject **sorted = malloc(count * sizeof *sorted);
  if (!sorted) return 1;
  memcpy(sorted, module->consts, count * sizeof *sorted);
  qsort(sorted, count, sizeof *sorted, same_pointer);
  int shared = 0;
  for (uint32_t i = 1; i < count; i++) shared |= sorted[i] == sorted[i - 1];
  free(sorted);
  return shared;
}

static int each_code(const module_codes *module, const registry_probes *probes, int (*visit)(PyObject *, placeholder)) {
  uint32_t operand = 0;
  for (uint32_t c = 0; c < module->table->code_count; c++)
    if (!each_placeholder(module, c, probes, &operand, visit)) return 0;
  return 1;
}

static const registry_probes *probes_for(const site_table *table, PyObject *root) {
  PyObject *name = PyObject_GetAttrString(root, "co_filename");
  PyObject *bytes = name ? PyUnicode_AsEncodedString(name, "utf-8", "surrogatepass") : NULL;
  char *text = NULL;
  Py_ssize_t length = 0;
  const registry_probes *probes = NULL;
  if (bytes && PyBytes_AsStringAndSize(bytes, &text, &length) == 0 && length < (1 << 20))
    probes = registry_find(table, text, (size_t)length);
  if (bytes) Py_DecRef(bytes);
  if (name) Py_DecRef(name);
  return probes;
}

/* All or nothing: everything is checked before the first constant changes. */
static int attach_codes(module_codes *module, PyObject *root) {
  for (uint32_t i = 0; i < module->table->code_count; i++)
    if (!find_code(module, i, root)) return 0;
  if (!each_code(module, NULL, is_there) || tuples_are_shared(module)) return 0;
  const registry_probes *probes = probes_for(module->table, root);
  if (!probes) return 1; /* no room: counted there */
  if (!each_code(module, probes, is_there)) return 0;
  if (module->table->is_sampled)
    for (uint32_t i = 0; i < module->table->code_count; i++)
      around_add_code(module->codes[i], module->table, i, probes->sites);
  return each_code(module, probes, put);
}

static int attach_code(const site_table *table, PyObject *root) {
  module_codes module = {table, calloc(table->code_count, sizeof *module.codes),
                         calloc(table->code_count, sizeof *module.consts)};
  int done = module.codes && module.consts && attach_codes(&module, root);
  free(module.codes);
  free(module.consts);
  return done;
}

static int has_operands(const site_table *table) {
  for (uint32_t i = 0; i < table->site_count; i++)
    if (site_table_get_operands(table, i).count > 0) return 1;
  return 0;
}

static int attach_frame(const site_table *table, const PyObject *self, const PyObject *bytes) {
  struct _frame *frame = PyEval_GetFrame();
  PyObject *root = frame ? PyObject_GetAttrString((PyObject *)frame, "f_code") : NULL;
  if (!root) return 0;
  if (has_operands(table)) frames_learn(python_hexversion, root, self, bytes);
  int done = attach_code(table, root);
  Py_DecRef(root);
  return done;
}

static void open_profile(void) {
  if (profile_get_state() == PROFILE_FORKED) profile_open_after_fork();
  if (profile_get_state() == PROFILE_NONE) process_open_profile(python_hexversion);
}

static int profile_is_ready(int callers) {
  enter();
  open_profile();
  leave();
  if (profile_get_state() != PROFILE_OPEN) return 0;
  calibrate(python_hexversion, callers);
  return 1;
}

static int has_awaits(const site_table *table) {
  for (uint32_t i = 0; i < table->site_count; i++)
    if (site_table_get_kind(table, i) == SITE_KIND_AWAIT) return 1;
  return 0;
}

static void note_suspensions(void) {
  SHARED_SCOPE();
  profile_head()->recorded |= PROFILE_RECORDED_SUSPENSIONS;
}

/* What a module wants to have recorded beside its operations. */
static void start_watches(const site_table *table) {
  if (table->flags & SITE_TABLE_COLLECTIONS) gc_watch_start();
  if (has_awaits(table) && frame_hook_start(python_hexversion)) note_suspensions();
}

static void note_refusal(void) {
  SHARED_SCOPE();
  profile_head()->refused_tables++;
}

static int attach_table(const site_table *table, const PyObject *self, const PyObject *bytes) {
  enter();
  int done = attach_frame(table, self, bytes);
  leave();
  return done;
}

static void say_unsampled(void) {
  static const char text[] = "pyrewrite: sampling needs an interpreter with the GIL; what is sampled is not recorded\n";
  static int said;
  if (!__atomic_exchange_n(&said, 1, __ATOMIC_RELAXED) && write(2, text, sizeof text - 1) < 0) errno = 0;
}

static void attach_bytes(const PyObject *self, PyObject *bytes) {
  site_table table;
  char *text = NULL;
  Py_ssize_t length = 0;
  if (bytes->ob_type != &PyBytes_Type || PyBytes_AsStringAndSize(bytes, &text, &length) != 0) return;
  int valid = site_table_read(text, (size_t)length, &table) && table.python == (uint32_t)(python_hexversion >> 16);
  if (!profile_is_ready(valid && site_table_has_callers(&table))) return;
  if (valid && !registry_can_record(&table)) {
    say_unsampled();
    valid = 0;
  }
  if (valid) start_watches(&table);
  /* Closed probes tell nothing. */
  if (valid && control_is_on()) calibrate_kinds(python_hexversion, has_operands(&table));
  if (valid && table.is_sampled) {
    window_budget_ask(table.budget);
    gate_calibrate(python_hexversion);
  }
  if (!valid || !attach_table(&table, self, bytes)) note_refusal();
  profile_anchor();
}

/* Operators and not calls, so that no profiler sees an event. Never raises: the module runs as the original. */
static PyObject *attach_subtract(PyObject *self, PyObject *bytes) {
  if (self->ob_type == active_type && items_offset) {
    recorder_pause pause = recorder_pause_begin(1);
    PyObject *type, *value, *traceback;
    PyErr_Fetch(&type, &value, &traceback);
    attach_bytes(self, bytes);
    trace_filter_cover();
    PyErr_Restore(type, value, traceback);
    recorder_pause_end(&pause);
  }
  return probe_none();
}

static PyObject *attach_nothing(PyObject *self, PyObject *bytes) {
  (void)self;
  (void)bytes;
  return probe_none();
}

static PyObject *make_type(PyObject *(*subtract)(PyObject *, PyObject *)) {
  PyType_Slot slots[] = {{Py_nb_subtract, (void *)(uintptr_t)subtract}, {0, NULL}};
  PyType_Spec spec = {"_pyrewrite.Attach", sizeof(PyObject), 0, Py_TPFLAGS_DEFAULT, slots};
  return PyType_FromSpec(&spec);
}

PyObject *attach_new(int active) {
  if (active && !active_type) active_type = (PyTypeObject *)make_type(attach_subtract);
  PyObject *type = active ? (PyObject *)active_type : make_type(attach_nothing);
  PyObject *object = type ? PyObject_CallFunction(type, NULL) : NULL;
  if (type && !active) Py_DecRef(type);
  return object;
}
