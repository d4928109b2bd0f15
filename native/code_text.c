#include "code_text.h"

static const code_opcodes versions[] = {
    {0x0308, 100, 144, 10, 0, 1, 88, 0, 9, 110, 1},   {0x0309, 100, 144, 10, 0, 1, 48, 0, 9, 110, 1},
    {0x030A, 100, 144, 10, 0, 1, 119, 0, 9, 110, 2},  {0x030B, 100, 144, 12, 0, 1, 119, 0, 9, 110, 2},
    {0x030C, 100, 144, 12, 0, 1, 119, 0, 9, 110, 2},  {0x030D, 83, 71, 40, 3, 32, 102, 4, 30, 79, 2},
    {0x030E, 82, 69, 39, 3, 31, 105, 4, 27, 77, 2},   {0x030F, 81, 67, 37, 3, 29, 104, 4, 25, 76, 2},
};

const code_opcodes *code_op;

/* Interned; GetAttrString would make a new string at each event. */
static PyObject *co_code;

int code_text_init(long hexversion) {
  for (size_t i = 0; i < sizeof versions / sizeof *versions; i++)
    if (versions[i].version == hexversion >> 16) code_op = &versions[i];
  if (!code_op) return 0;
  co_code = PyUnicode_InternFromString("co_code");
  return co_code != NULL;
}

long code_first_prefix(code_text text, long at) {
  for (int i = 0; i < CODE_PREFIXES && code_opcode_at(text, at - CODE_UNIT) == code_op->extended_arg; i++) at -= CODE_UNIT;
  return at;
}

unsigned code_argument(code_text text, long at, long *end) {
  unsigned argument = 0;
  for (; code_opcode_at(text, at) == code_op->extended_arg; at += CODE_UNIT) argument = (argument | text.bytes[at + 1]) << 8;
  *end = at;
  return code_opcode_at(text, at) < 0 ? argument : argument | text.bytes[at + 1];
}

int code_ask(PyObject *code, long offset, int (*question)(code_text, long)) {
  PyObject *bytes = PyObject_GetAttr(code, co_code);
  char *start;
  Py_ssize_t length;
  int answer = 0;
  if (bytes && PyBytes_AsStringAndSize(bytes, &start, &length) == 0) {
    code_text text = {code, bytes, (const unsigned char *)start, (long)length};
    answer = question(text, offset);
  } else {
    PyErr_Clear();
  }
  if (bytes) Py_DecRef(bytes);
  return answer;
}
