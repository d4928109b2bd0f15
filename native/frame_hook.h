/* Sees frames being left and entered, where no probe can stand at a suspension: in versions without an exception table. */
#ifndef PYREWRITE_FRAME_HOOK_H
#define PYREWRITE_FRAME_HOOK_H

/* From here on awaits learn of their suspensions. 1 where they do; never with an exception set. */
int frame_hook_start(long hexversion);

#endif
