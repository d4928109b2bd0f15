#include "cold_handler.h"

#include "code_text.h"
#include "probe.h"

/* From the probe's LOAD_CONST, without its prefixes, to the RERAISE. */
static long length_of_handler(void) { return CODE_UNIT * (3 + code_op->caches); }

/* Whether the handler's instructions begin at the offset, prefixes first. `end`: the offset of its RERAISE. */
static int is_handler(code_text text, long at, long *end) {
  unsigned index = code_argument(text, at, &at);
  if (code_opcode_at(text, at) != code_op->load_const || code_opcode_at(text, at + CODE_UNIT) != code_op->raised) return 0;
  *end = at + length_of_handler();
  if (code_opcode_at(text, *end) != code_op->reraise) return 0;
  if (code_opcode_at(text, *end - CODE_UNIT) != code_op->pop_top) return 0;
  return probe_is_constant(text.code, index);
}

static int begins(code_text text, long offset) {
  long end;
  return is_handler(text, offset, &end);
}

static int ends(code_text text, long offset) {
  if (code_opcode_at(text, offset) != code_op->reraise) return 0;
  long end, begin = code_first_prefix(text, offset - length_of_handler());
  return is_handler(text, begin, &end) && end == offset;
}

int cold_handler_begins(PyObject *code, long offset) { return code_ask(code, offset, begins); }

int cold_handler_ends(PyObject *code, long offset) { return code_ask(code, offset, ends); }
