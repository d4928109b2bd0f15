#include "cold_handler.h"

#include "probe.h"

enum { CODE_UNIT = 2, PREFIXES = 3 };

/* `raised` and its inline caches: see src/opcodes/idioms.ts. */
typedef struct {
  long version;
  int load_const, extended_arg, raised, caches, pop_top, reraise;
} opcodes;

static const opcodes versions[] = {
    {0x030C, 100, 144, 12, 0, 1, 119},
    {0x030D, 83, 71, 40, 3, 32, 102},
    {0x030E, 82, 69, 39, 3, 31, 105},
    {0x030F, 81, 67, 37, 3, 29, 104},
};

static const opcodes *op;

/* Interned; GetAttrString would make a new string at each event. */
static PyObject *co_code;

int cold_handler_init(long hexversion) {
  for (size_t i = 0; i < sizeof versions / sizeof *versions; i++)
    if (versions[i].version == hexversion >> 16) op = &versions[i];
  if (!op) return 0;
  co_code = PyUnicode_InternFromString("co_code");
  return co_code != NULL;
}

/* co_code: the instructions as they were compiled, whatever the interpreter made of them since; its caches are 0. */
typedef struct {
  PyObject *code;
  const unsigned char *bytes;
  long length;
} code_text;

static int opcode_at(code_text text, long at) { return at >= 0 && at + CODE_UNIT <= text.length ? text.bytes[at] : -1; }

/* From the probe's LOAD_CONST, without its prefixes, to the RERAISE. */
static long length_of_handler(void) { return CODE_UNIT * (3 + op->caches); }

/* Whether the handler's instructions begin at the offset, prefixes first. `end`: the offset of its RERAISE. */
static int is_handler(code_text text, long at, long *end) {
  unsigned index = 0;
  for (; opcode_at(text, at) == op->extended_arg; at += CODE_UNIT) index = (index | text.bytes[at + 1]) << 8;
  if (opcode_at(text, at) != op->load_const || opcode_at(text, at + CODE_UNIT) != op->raised) return 0;
  *end = at + length_of_handler();
  if (opcode_at(text, *end) != op->reraise || opcode_at(text, *end - CODE_UNIT) != op->pop_top) return 0;
  return probe_is_constant(text.code, index | text.bytes[at + 1]);
}

static int begins(code_text text, long offset) {
  long end;
  return is_handler(text, offset, &end);
}

/* No cache looks like a prefix, so that nothing before the handler is taken for one. */
static int ends(code_text text, long offset) {
  if (opcode_at(text, offset) != op->reraise) return 0;
  long begin = offset - length_of_handler(), end;
  for (int i = 0; i < PREFIXES && opcode_at(text, begin - CODE_UNIT) == op->extended_arg; i++) begin -= CODE_UNIT;
  return is_handler(text, begin, &end) && end == offset;
}

static int with_text(PyObject *code, long offset, int (*question)(code_text, long)) {
  PyObject *bytes = PyObject_GetAttr(code, co_code);
  char *start;
  Py_ssize_t length;
  int answer = 0;
  if (bytes && PyBytes_AsStringAndSize(bytes, &start, &length) == 0) {
    code_text text = {code, (const unsigned char *)start, (long)length};
    answer = question(text, offset);
  } else {
    PyErr_Clear();
  }
  if (bytes) Py_DecRef(bytes);
  return answer;
}

int cold_handler_begins(PyObject *code, long offset) { return with_text(code, offset, begins); }

int cold_handler_ends(PyObject *code, long offset) { return with_text(code, offset, ends); }
