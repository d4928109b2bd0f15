/* The instructions of code, from 3.11 on as they were compiled: what tells what is only there for us. */
#ifndef PYREWRITE_CODE_TEXT_H
#define PYREWRITE_CODE_TEXT_H

#include "python_abi.h"

enum { CODE_UNIT = 2, CODE_PREFIXES = 3 };

/*
 * `raised` and its inline caches; `test`: code units of what turns a value into a truth before a jump: src/opcodes/idioms.ts.
 * `step`: bytes that one of a jump's oparg stands for.
 */
typedef struct {
  long version;
  int load_const, extended_arg, raised, caches, pop_top, reraise, test, nop, jump_forward, step;
} code_opcodes;

/* Those of this interpreter. */
extern const code_opcodes *code_op;

/* 1 on success, 0 for a version whose code is not known here. */
int code_text_init(long hexversion);

/* co_code: from 3.11 on, whatever the interpreter made of it since, this is what was compiled; its caches are 0. */
typedef struct {
  PyObject *code, *co_code;
  const unsigned char *bytes;
  long length;
} code_text;

/* -1 outside of the code. */
static inline int code_opcode_at(code_text text, long at) {
  return at >= 0 && at + CODE_UNIT <= text.length ? text.bytes[at] : -1;
}

/* The first of the prefixes of the instruction at `at`: no cache looks like one. */
long code_first_prefix(code_text text, long at);

/* The argument of the instruction whose first prefix is at `at`; `*end` is where the instruction itself stands. */
unsigned code_argument(code_text text, long at, long *end);

/* The answer of `question` for the text of a code object. Neither raises, nor runs any Python. */
int code_ask(PyObject *code, long offset, int (*question)(code_text, long));

#endif
