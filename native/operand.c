#include "operand.h"

#include <stdlib.h>
#include <string.h>

#include "callee.h"
#include "control.h"
#include "frames.h"
#include "lookup.h"
#include "probe.h"
#include "replaced.h"
#include "type_names.h"

enum { MOST_VALUES = 512 }; /* that a call has on the stack */

struct operand_probe {
  PyObject_HEAD
  recorder_site *site;
  PyObject *name;      /* of the attribute, interned; NULL where none is asked for */
  uint8_t kind;        /* SITE_OPERAND_* */
  uint8_t is_second;
};

static PyTypeObject *operand_type;

/* The stack has one reference and the copy that is looked at another; with no more, the object is freed. */
static variant_key dropped_key(const operand_probe *probe, PyObject *operand) {
  int is_last = python_goes_with(operand, 2) && !frames_left_is_borrowed(operand, &probe->ob_base);
  if (!is_last) return (variant_key){PROFILE_HOW_KEPT, 0, 0, 0};
  return (variant_key){PROFILE_HOW_FREED, type_names_number(operand->ob_type), 0, 0};
}

/* What becomes of the value that a variable has when it gets another or goes; `references`: those that go. */
static variant_key replaced_key(frames_value value, uint32_t references) {
  if (!value.object) return (variant_key){PROFILE_HOW_UNSET, 0, 0, 0};
  if (!value.is_owned || !python_goes_with(value.object, references)) return (variant_key){PROFILE_HOW_KEPT, 0, 0, 0};
  return (variant_key){PROFILE_HOW_FREED, type_names_number(value.object->ob_type), 0, 0};
}

/* Of what is freed first, and what then. */
static variant_key replaced_pair(Py_ssize_t pair) {
  frames_value first = frames_local(pair >> 4), second = frames_local(pair & 15);
  if (pair >> 4 == (pair & 15)) return replaced_key(first, 1); /* then the value that was just stored goes, too */
  int is_one = first.object && first.object == second.object && first.is_owned && second.is_owned;
  if (is_one) return replaced_key(first, 2);
  variant_key left = replaced_key(first, 1), right = replaced_key(second, 1);
  if (left.how != PROFILE_HOW_FREED) return right.how == PROFILE_HOW_UNSET ? left : right;
  if (right.how == PROFILE_HOW_FREED) left.right = right.left;
  return left;
}

static int find_shared(const operand_probe *probe, PyObject *place, frames_value *value) {
  if (probe->kind == SITE_OPERAND_CELL) return frames_cell(PyLong_AsLong(place), value);
  return probe->name && frames_name(probe->name, probe->kind == SITE_OPERAND_GLOBAL, value);
}

static int look_at_variable(const operand_probe *probe, PyObject *place, variant_key *key) {
  frames_value value;
  switch (probe->kind) {
    case SITE_OPERAND_LOCAL_PAIR:
      *key = replaced_pair(PyLong_AsLong(place));
      return 1;
    case SITE_OPERAND_LOCAL:
      *key = replaced_key(frames_local(PyLong_AsLong(place)), 1);
      return 1;
    default:
      if (!find_shared(probe, place, &value)) return 0;
      *key = replaced_key(value, 1 + PYTHON_HELD);
      python_let_go((PyObject *)value.object);
      return 1;
  }
}

/* Nothing lies below what is called where that is a method's object: then it is called itself. */
static int look_below(const operand_probe *probe, PyObject *place, variant_key *key) {
  long above = PyLong_AsLong(place);
  PyObject *callable = frames_below(place, &probe->ob_base, above);
  if (!callable && above > 0) callable = frames_below(place, &probe->ob_base, above - 1);
  if (callable) *key = callee_key(callable);
  return callable != NULL;
}

/* A container, and what of it: with the value before them that is stored. */
static int look_at_item(const operand_probe *probe, PyObject *place, variant_key *key) {
  PyObject *values[4], **operands = probe->kind == SITE_OPERAND_ITEM_DELETE ? values : values + 1;
  Py_ssize_t count = probe->kind == SITE_OPERAND_ITEM_DELETE ? 2 : probe->kind == SITE_OPERAND_ITEM_STORE ? 3 : 4;
  if (!frames_stack(PyLong_AsLong(place), count, place, &probe->ob_base, values)) return 0;
  for (Py_ssize_t i = 0; i < count; i++)
    if (!values[i]) return 0;
  PyObject *source = operands == values ? NULL : values[0];
  int is_slice = probe->kind == SITE_OPERAND_SLICE_STORE;
  *key = (variant_key){PROFILE_HOW_TYPES, type_names_number(operands[0]->ob_type),
                       is_slice ? 0 : type_names_number(operands[1]->ob_type),
                       is_slice ? replaced_slice(operands[0], operands[1], operands[2], source)
                                : replaced_item(operands[0], operands[1], source)};
  return 1;
}

/* What is called, or nothing and its object, or what is called and its first argument. */
static int look_at_either(const operand_probe *probe, PyObject *place, variant_key *key) {
  long slot_and_count = PyLong_AsLong(place), slot = slot_and_count & 0xFFFF, count = slot_and_count >> 16;
  PyObject *values[MOST_VALUES];
  if (count > MOST_VALUES || !frames_stack(slot, count, place, &probe->ob_base, values)) return 0;
  PyObject *callable = values[0] ? values[0] : values[1];
  if (callable) *key = callee_key(callable);
  return callable != NULL;
}

/* 0 where nothing can be told. */
static int look_into_frame(const operand_probe *probe, PyObject *place, variant_key *key) {
  if (!frames_are_known() || place->ob_type != &PyLong_Type) return 0;
  if (probe->kind == SITE_OPERAND_CALLABLE_BELOW) return look_below(probe, place, key);
  if (probe->kind == SITE_OPERAND_CALLABLE_EITHER) return look_at_either(probe, place, key);
  if (probe->kind >= SITE_OPERAND_ITEM_STORE) return look_at_item(probe, place, key);
  return look_at_variable(probe, place, key);
}

static variant_key method_key(PyObject *object, PyObject *name) {
  PyObject *method = lookup_method(object, name);
  variant_key key = callee_key(method ? method : object);
  python_let_go(method);
  return key;
}

/* As the interpreter finds special methods. 0 where a descriptor's code makes what is called. */
static int look_at_special(const operand_probe *probe, PyObject *object, variant_key *key) {
  PyObject *found = probe->name ? python_lookup(object->ob_type, probe->name) : NULL;
  PyObject *callable = found ? lookup_called(found) : NULL;
  if (callable) *key = callee_key(callable);
  python_let_go(found);
  return callable != NULL;
}

static variant_key look_at(const operand_probe *probe, PyObject *operand) {
  PyObject *name = probe->name;
  uint32_t how;
  switch (probe->kind) {
    case SITE_OPERAND_ATTRIBUTE:
      return (variant_key){lookup_load(operand, name), type_names_number(operand->ob_type), 0, 0};
    case SITE_OPERAND_ATTRIBUTE_STORE:
      how = lookup_store(operand, name);
      return (variant_key){how, type_names_number(operand->ob_type), 0, replaced_attribute(operand, name, how)};
    case SITE_OPERAND_METHOD:
      return method_key(operand, name);
    case SITE_OPERAND_DROPPED:
      return dropped_key(probe, operand);
    case SITE_OPERAND_CALLABLE:
      return callee_key(operand);
    default:
      return (variant_key){PROFILE_HOW_TYPES, type_names_number(operand->ob_type), 0, 0};
  }
}

/* 0 where nothing can be told. */
static int try_look(const operand_probe *probe, PyObject *operand, variant_key *key) {
  if (probe->kind == SITE_OPERAND_SPECIAL) return look_at_special(probe, operand, key);
  if (probe->kind >= SITE_OPERAND_LOCAL) return look_into_frame(probe, operand, key);
  *key = look_at(probe, operand);
  return 1;
}

/*
 * Slot sq_contains. What it finds out waits for the operation's begin, which comes next on this thread unless a
 * finalizer or a signal handler runs operations in between: then the begin finds another site's, and knows nothing.
 */
static int look(PyObject *self, PyObject *operand) {
  operand_probe *probe = (operand_probe *)self;
  uint64_t start = clock_now();
  if (!control_is_on() || !recorder_ready()) return 0;
  recorder_look *look = &recorder_this_thread->look;
  variant_key key;
  if (!try_look(probe, operand, &key)) {
    look->site = NULL;
    return 0;
  }
  if (!probe->is_second) *look = (recorder_look){probe->site, start, key};
  else if (look->site == probe->site) look->key.right = key.left;
  return 0;
}

static PyObject *operand_repr(PyObject *self) {
  return PyUnicode_FromFormat("<pyrewrite operand of %u>", recorder_number(((operand_probe *)self)->site));
}

/* A copy or a pickle is the placeholder again. */
static PyObject *operand_reduce(PyObject *self, PyObject *unused) {
  (void)self;
  (void)unused;
  PyObject *arguments = PyTuple_New(0);
  PyObject *result = arguments ? PyTuple_New(2) : NULL;
  if (!result) return NULL;
  Py_IncRef((PyObject *)&PyTuple_Type);
  PyTuple_SetItem(result, 0, (PyObject *)&PyTuple_Type);
  PyTuple_SetItem(result, 1, arguments);
  return result;
}

static PyMethodDef methods[] = {
    {"__reduce__", operand_reduce, METH_NOARGS, NULL},
    {NULL, NULL, 0, NULL},
};

int operand_init(void) {
  if (operand_type) return 1;
  PyType_Slot slots[] = {
      {Py_sq_contains, (void *)(uintptr_t)look},
      {Py_tp_repr, (void *)(uintptr_t)operand_repr},
      {Py_tp_new, (void *)(uintptr_t)probe_refuse_new},
      {Py_tp_methods, methods},
      {0, NULL},
  };
  PyType_Spec spec = {"_pyrewrite.Operand", sizeof(operand_probe), 0, Py_TPFLAGS_DEFAULT, slots};
  if (!type_names_init() || !lookup_init()) return 0;
  PyObject *hexversion = PySys_GetObject("hexversion");
  callee_init(hexversion ? PyLong_AsLong(hexversion) : 0);
  replaced_init(hexversion ? PyLong_AsLong(hexversion) : 0);
  operand_type = (PyTypeObject *)PyType_FromSpec(&spec);
  return operand_type != NULL;
}

static uint32_t count_operands(const site_table *table) {
  uint32_t count = 0;
  for (uint32_t i = 0; i < table->site_count; i++) count += site_table_get_operands(table, i).count;
  return count;
}

static PyObject *intern_name(const site_table *table, uint32_t site) {
  site_table_text name = site_table_get_name(table, site);
  PyObject *text = name.length ? PyUnicode_DecodeUTF8(name.bytes, (Py_ssize_t)name.length, "surrogatepass") : NULL;
  if (text) PyUnicode_InternInPlace(&text);
  else PyErr_Clear();
  return text;
}

static int is_named(uint8_t kind) {
  return kind == SITE_OPERAND_ATTRIBUTE || kind == SITE_OPERAND_ATTRIBUTE_STORE || kind == SITE_OPERAND_METHOD ||
         kind == SITE_OPERAND_SPECIAL || kind == SITE_OPERAND_NAME || kind == SITE_OPERAND_GLOBAL;
}

operand_probe *operand_new_array(const site_table *table, recorder_site *(*site_at)(void *, uint32_t), void *sites) {
  operand_probe *probes = calloc((size_t)count_operands(table) + 1, sizeof *probes);
  if (!probes) return NULL;
  uint32_t next = 0;
  for (uint32_t site = 0; site < table->site_count; site++) {
    site_table_operands operands = site_table_get_operands(table, site);
    for (uint32_t i = 0; i < operands.count; i++) {
      operand_probe *probe = &probes[next++];
      probe_make_immortal(&probe->ob_base, operand_type);
      probe->site = site_at(sites, site);
      probe->kind = operands.kind;
      probe->is_second = i > 0;
      probe->name = is_named(operands.kind) ? intern_name(table, site) : NULL;
      if (is_named(operands.kind) && !probe->name && operands.kind < SITE_OPERAND_LOCAL) probe->kind = SITE_OPERAND_TYPE;
    }
  }
  return probes;
}

PyObject *operand_new(recorder_site *site, uint8_t kind, const char *name) {
  operand_probe *probe = calloc(1, sizeof *probe);
  if (!probe) return NULL;
  probe_make_immortal(&probe->ob_base, operand_type);
  probe->site = site;
  probe->kind = kind;
  probe->name = name ? PyUnicode_InternFromString(name) : NULL;
  recorder_hide_variants(site);
  return &probe->ob_base;
}

PyObject *operand_at(operand_probe *probes, uint32_t index) { return &probes[index].ob_base; }

int operand_is_probe(const PyObject *object) { return object->ob_type == operand_type; }
