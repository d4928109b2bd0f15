/* Where the operations of coroutines and generators run: in the await that waits for them, or in a task. */
#ifndef PYREWRITE_TASKS_H
#define PYREWRITE_TASKS_H

#include "recorder.h"

void tasks_init(long hexversion);

/* The place of an operation of the running frame. Runs no Python of the program. */
recorder_place tasks_place(void);

/* An await began or ended. */
void tasks_changed(void);

#endif
