#include "echo.h"

#include "gate.h"
#include "operand.h"
#include "probe.h"

/* Opcodes of 3.9. */
enum {
  POP_TOP = 1,
  NOP = 9,
  UNARY_POSITIVE = 10,
  UNARY_NEGATIVE = 11,
  LOAD_CONST = 100,
  CONTAINS_OP = 118,
  POP_JUMP_IF_TRUE = 115,
  SETUP_FINALLY = 122,
  SETUP_WITH = 143,
  EXTENDED_ARG = 144,
  SETUP_ASYNC_WITH = 154
};

/* What follows the LOAD_CONST of a probe, see src/opcodes/idioms.ts; else it is the jump that ends an operation. */
enum { BEGIN = UNARY_NEGATIVE, RAISED = UNARY_POSITIVE };

/*
 * The last event that this thread told. `is_quiet`: then a probe's handler was entered, for an instruction that began
 * its line, so that the handler behind is told only if it begins a line.
 */
static _Thread_local struct {
  const echo_frame *frame;
  int event, lasti, lineno;
  int is_quiet;
} last;

/* Interned; GetAttrString would make new strings at each event. */
static PyObject *co_code, *co_lnotab;

int echo_init(void) {
  co_code = PyUnicode_InternFromString("co_code");
  co_lnotab = PyUnicode_InternFromString("co_lnotab");
  return co_code && co_lnotab;
}

/* ---- reading code */

typedef struct {
  const unsigned char *bytes;
  int length;
} text;

/* The code object keeps what is read here. */
static text read_bytes(PyObject *code, PyObject *name) {
  PyObject *bytes = PyObject_GetAttr(code, name);
  char *start = NULL;
  Py_ssize_t length = 0;
  if (!bytes || PyBytes_AsStringAndSize(bytes, &start, &length) != 0) PyErr_Clear();
  if (bytes) Py_DecRef(bytes);
  text found = {(const unsigned char *)start, start ? (int)length : 0};
  return found;
}

typedef struct {
  int opcode; /* -1 behind the end */
  int oparg;
  int next;
} instruction;

/* The instruction with its prefixes: f_lasti is at the first of them. */
static instruction read_at(text code, int at) {
  instruction found = {-1, 0, at};
  for (; found.next + 2 <= code.length; found.next += 2) {
    found.opcode = code.bytes[found.next];
    found.oparg = (int)((unsigned)found.oparg << 8) | code.bytes[found.next + 1];
    if (found.opcode == EXTENDED_ARG) continue;
    found.next += 2;
    return found;
  }
  found.opcode = -1;
  return found;
}

static int loads_probe(PyObject *code, instruction load) {
  return load.opcode == LOAD_CONST && probe_is_constant(code, load.oparg);
}

/* Where the interpreter sees the beginning of the line: a step of co_lnotab that changes the line. */
static int line_start(PyObject *code, int lasti) {
  text steps = read_bytes(code, co_lnotab);
  int start = 0;
  for (int i = 0, at = 0; i + 1 < steps.length; i += 2) {
    at += steps.bytes[i];
    if (at > lasti) break;
    if (steps.bytes[i + 1]) start = at;
  }
  return start;
}

/* ---- what is only there for probes */

static int is_probe_handler(PyObject *code, text instructions, int at) {
  instruction load = read_at(instructions, at);
  return read_at(instructions, load.next).opcode == RAISED && loads_probe(code, load);
}

/* Whether the instruction is the first of a timed operation, whose begin and block are `load` and what follows. */
static int is_behind_begin(PyObject *code, text instructions, instruction load, int lasti) {
  if (!loads_probe(code, load)) return 0;
  instruction slot = read_at(instructions, load.next);
  instruction drop = read_at(instructions, slot.next);
  instruction block = read_at(instructions, drop.next);
  return block.opcode == SETUP_FINALLY && block.next == lasti;
}

/* Where a look at a variable ends that begins with `place`: that in the probe, and its answer dropped. -1 if it is none. */
static int end_of_look(PyObject *code, text instructions, instruction place) {
  instruction load = read_at(instructions, place.next);
  instruction look = read_at(instructions, load.next);
  instruction drop = read_at(instructions, look.next);
  if (place.opcode != LOAD_CONST || load.opcode != LOAD_CONST || look.opcode != CONTAINS_OP) return -1;
  int asks_probe = operand_is_probe(probe_constant_of(code, load.oparg));
  return asks_probe && drop.opcode == POP_TOP ? drop.next : -1;
}

/* Whether no instruction of the program is between `at` and this one: only gates, which lead to copies, and probes. */
static int comes_first(PyObject *code, text instructions, int at, int lasti) {
  for (;;) {
    instruction load = read_at(instructions, at);
    instruction test = read_at(instructions, load.next);
    int is_gate = load.opcode == LOAD_CONST && gate_is_constant(code, load.oparg);
    if (is_gate && test.opcode == POP_JUMP_IF_TRUE && comes_first(code, instructions, test.oparg, lasti)) return 1;
    int behind_look = end_of_look(code, instructions, load);
    if (load.opcode == NOP) at = load.next;
    else if (behind_look >= 0) at = behind_look;
    else if (is_gate || (loads_probe(code, load) && test.opcode != BEGIN)) at = test.next;
    else return at == lasti || is_behind_begin(code, instructions, load, lasti);
  }
}

/* Whether the instruction would begin its line without gates and probes. */
static int begins_line(PyObject *code, text instructions, int lasti) {
  return comes_first(code, instructions, line_start(code, lasti), lasti);
}

/* A copy in another place than its gate begins with an instruction that nothing runs. Gives the gate's place, or -1. */
static int gate_of_copy(PyObject *code, text instructions, int start) {
  instruction pad = read_at(instructions, start);
  if (pad.opcode != NOP) return -1;
  for (int at = 0; at < instructions.length;) {
    instruction load = read_at(instructions, at);
    instruction test = read_at(instructions, load.next);
    int leads_there = test.opcode == POP_JUMP_IF_TRUE && test.oparg == pad.next;
    if (leads_there && load.opcode == LOAD_CONST && gate_is_constant(code, load.oparg)) return at;
    at = load.next > at ? load.next : instructions.length;
  }
  return -1;
}

/* The interpreter tells of no handler if what raised is in the line that begins the code: of a copy it does. */
static int is_of_first_line(PyObject *code, text instructions, int lasti) {
  int start = line_start(code, lasti);
  int gate = start > 0 ? gate_of_copy(code, instructions, start) : -1;
  return gate >= 0 && line_start(code, gate) == 0;
}

/* Whether without gates and probes nobody would be told of the handler that what this instruction raises comes to. */
static int raises_quietly(PyObject *code, text instructions, int lasti) {
  return begins_line(code, instructions, lasti) || is_of_first_line(code, instructions, lasti);
}

static int is_handler(text instructions, int place) {
  for (int at = 0; at < instructions.length;) {
    instruction setup = read_at(instructions, at);
    int is_setup = setup.opcode == SETUP_FINALLY || setup.opcode == SETUP_WITH || setup.opcode == SETUP_ASYNC_WITH;
    if (is_setup && setup.next + setup.oparg == place) return 1;
    if (setup.opcode < 0) return 0;
    at = setup.next;
  }
  return 0;
}

/* A handler in the middle of a line, which is only told because of a gate. */
static int is_told_for_gate(const echo_frame *frame, PyObject *code, text instructions) {
  return last.frame == frame && last.event == ECHO_EVENT_EXCEPTION && line_start(code, last.lasti) != last.lasti &&
         raises_quietly(code, instructions, last.lasti) && is_handler(instructions, frame->lasti);
}

/* What raises again what was raised before tells tracers nothing; it is the last before its handler. */
static int raising_instruction(const echo_frame *frame) {
  int told = last.frame == frame && last.event == ECHO_EVENT_EXCEPTION;
  return told ? last.lasti : frame->lasti - 2;
}

int echo_is(echo_frame *frame) {
  PyObject *code = frame->code;
  text instructions = read_bytes(code, co_code);
  if (is_probe_handler(code, instructions, frame->lasti)) {
    last.is_quiet = raises_quietly(code, instructions, raising_instruction(frame));
    if (last.frame != frame) last.lineno = frame->lineno;
    last.frame = frame;
  } else {
    if (last.frame != frame || line_start(code, frame->lasti) == frame->lasti) return 0;
    if (!last.is_quiet && !is_told_for_gate(frame, code, instructions)) return 0;
    last.is_quiet = 0;
  }
  frame->lineno = last.lineno;
  return 1;
}

void echo_note(const echo_frame *frame, int event) {
  last.lineno = frame->lineno;
  /* of a probe's handler, too; they come between its line and the one of the handler behind it */
  if (event == ECHO_EVENT_OPCODE && last.frame == frame) return;
  last.frame = frame;
  last.event = event;
  last.lasti = frame->lasti;
  last.is_quiet = 0;
}
