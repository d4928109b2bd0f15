/*
 * Up to 3.10 YIELD_FROM is one instruction, which runs again when its frame goes on: no probe can stand where it is suspended.
 * There every frame is run by a function that can be replaced (PEP 523), for a generator each time that it goes on. With
 * no await open the replacement costs a call.
 */
#define _GNU_SOURCE
#include "frame_hook.h"

#include <malloc.h>
#include <stddef.h>
#include <string.h>

#include "probe.h"
#include "recorder.h"

struct _frame;

typedef PyObject *eval_function(PyThreadState *, struct _frame *, int);
typedef PyObject *eval_function_38(struct _frame *, int);

/* Since 3.9. */
extern eval_function *_PyInterpreterState_GetEvalFrameFunc(void *interpreter) __attribute__((weak));
extern void _PyInterpreterState_SetEvalFrameFunc(void *interpreter, eval_function *) __attribute__((weak));
extern void *PyInterpreterState_Get(void) __attribute__((weak));

extern PyObject *_PyEval_EvalFrameDefault(void) __attribute__((weak)); /* its arguments differ */

static eval_function *next;
static eval_function_38 *next_38;

static PyObject *eval(PyThreadState *thread, struct _frame *frame, int throws) {
  if (recorder_has_awaits()) recorder_frame_entered(frame);
  PyObject *result = next(thread, frame, throws);
  if (recorder_has_awaits()) recorder_frame_left(frame);
  return result;
}

static PyObject *eval_38(struct _frame *frame, int throws) {
  if (recorder_has_awaits()) recorder_frame_entered(frame);
  PyObject *result = next_38(frame, throws);
  if (recorder_has_awaits()) recorder_frame_left(frame);
  return result;
}

static int set_by_function(void) {
  void *interpreter = PyInterpreterState_Get();
  next = _PyInterpreterState_GetEvalFrameFunc(interpreter);
  if (!next) return 0;
  _PyInterpreterState_SetEvalFrameFunc(interpreter, eval);
  return 1;
}

/*
 * 3.8 has no function for it, only a field of the interpreter's state. It is where the address of the default function
 * is, once: else somebody else replaced it, or the layout is unknown.
 */
static int set_in_state(void) {
  struct {
    void *previous, *next, *interpreter;
  } *thread = (void *)PyThreadState_Get();
  uintptr_t wanted = (uintptr_t)&_PyEval_EvalFrameDefault;
  size_t words = malloc_usable_size(thread->interpreter) / sizeof wanted;
  uintptr_t *place = NULL;
  for (uintptr_t *word = thread->interpreter; words > 0; words--, word++) {
    if (*word != wanted) continue;
    if (place) return 0;
    place = word;
  }
  if (!place) return 0;
  memcpy(&next_38, place, sizeof next_38);
  *place = (uintptr_t)&eval_38;
  return 1;
}

int frame_hook_start(long hexversion) {
  static int tried, works;
  if (!probe_ends_by_truth(hexversion)) return 1; /* probes tell */
  if (tried) return works;
  tried = 1;
  if (_PyInterpreterState_SetEvalFrameFunc && _PyInterpreterState_GetEvalFrameFunc && PyInterpreterState_Get)
    works = set_by_function();
  else if (&_PyEval_EvalFrameDefault && hexversion < 0x03090000) works = set_in_state();
  return works;
}
