/*
 * Gates that are passed often are jumped over while no window is open: of the NOP that each begins with the interpreter's
 * copy of the code gets a JUMP_FORWARD then. The oparg, which is the distance, stays as it is, so that a single byte changes, and
 * whoever reads it at whichever moment finds one of two instructions that are both right.
 */
#ifndef PYREWRITE_SHORTCUTS_H
#define PYREWRITE_SHORTCUTS_H

#include "python_abi.h"

/* Once per process, with a Python frame running. 0 where there are none. */
int shortcuts_init(long hexversion);

/*
 * The gate that the running frame is in becomes one of them, unless it is already: then this gives 1. Those that are
 * seldom passed make room. With the GIL held.
 */
int shortcuts_see_gate(void);

/* A window begins, or ends. From any thread; changes nothing that is so already. */
void shortcuts_turn(int open);

/* No more from here on: tools that watch the code shall see it as it is. With the GIL held. */
void shortcuts_stop(void);

/* The code is as it was read from its file in between; nothing for other objects. With the GIL held. */
void shortcuts_hold(PyObject *code);
void shortcuts_release(PyObject *code);

/* The code has none any more, until its gates are seen again. With the GIL held. */
void shortcuts_drop(PyObject *code);

/* In a child of fork: no window is open. */
void shortcuts_fork_child(void);

#endif
