/*
 * Which of the line events of CPython 3.9 exist only because of the handlers of probes. It reports the line of the
 * instruction where it enters a handler, whatever line it was at before, unless what raised began its line. So
 *   - the entry of a probe's handler is reported, and
 *   - so is the entry of the handler behind it, even if what raised did begin its line, because RERAISE does not.
 */
#ifndef PYREWRITE_ECHO_H
#define PYREWRITE_ECHO_H

#include "python_abi.h"

enum { ECHO_EVENT_EXCEPTION = 1, ECHO_EVENT_LINE = 2, ECHO_EVENT_OPCODE = 7 };

/* How a frame of 3.9 begins; the same through all its releases. */
typedef struct {
  PyObject_HEAD
  Py_ssize_t size;
  struct _frame *back;
  PyObject *code, *builtins, *globals, *locals;
  PyObject **values, **stack_top;
  PyObject *trace;
  char trace_lines, trace_opcodes;
  PyObject *generator;
  int lasti, lineno;
} echo_frame;

/* 1 on success. */
int echo_init(void);

/*
 * Whether this line event is one of those. Then the frame has its line from before again: nobody was told of another.
 * No exception is pending then, as always before an instruction.
 */
int echo_is(echo_frame *frame);

/* An event of this thread was told. */
void echo_note(const echo_frame *frame, int event);

#endif
