/*
 * Time in which a thread could run and others were given the CPU. Windows are parts of the CPU's time, so that it is in
 * none of them; nor is it in the operations that are timed in them: one such moment outlasts many windows.
 */
#ifndef PYREWRITE_PREEMPTED_H
#define PYREWRITE_PREEMPTED_H

/* The calling thread begins to time: from now on it is the one that is watched. Called with the GIL held. */
void preempted_watch(void);

#endif
