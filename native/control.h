/*
 * Whether operations are recorded: the program itself says so, and other processes do through the profile's header. An
 * operation belongs to the state in which it began. Knows nothing of Python; several threads may call it at once.
 */
#ifndef PYREWRITE_CONTROL_H
#define PYREWRITE_CONTROL_H

#include <stdint.h>

#include "profile_file.h"

/* A stretch of the program that wants it on or off; the one that was entered last decides. */
typedef struct control_block {
  int on;
  int is_entered;
  struct control_block *outer;
} control_block;

/* The latest wish from outside that was obeyed. */
extern uint32_t control_obeyed;

/* Closes and opens the probes of code that is not sampled; NULL before there are any. */
extern void (*control_switch_probes)(int on);

/* Takes PYREWRITE_START. */
void control_init(void);

int control_is_on(void);

/* What enable() and disable() say: holds up to the end of the innermost block. */
void control_set(int on);

/* Blocks may be left in another order than they were entered. 0, and nothing is done, for one that is entered, or is not. */
int control_enter(control_block *block, int on);
int control_leave(control_block *block);

/* A wish from outside holds for all blocks that are entered. */
void control_obey(void);

__attribute__((always_inline)) static inline int control_is_asked(void) {
  return __builtin_expect(profile_head()->control != __atomic_load_n(&control_obeyed, __ATOMIC_RELAXED), 0) != 0;
}

/* There may be a new profile. */
void control_note(void);

/* In a child of fork. */
void control_fork_child(void);

/* The end. */
void control_finish(void);

#endif
