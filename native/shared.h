/*
 * What threads share. With the GIL one runs at a time and nothing here costs an instruction; PYREWRITE_FREE_THREADED is
 * defined for builds for interpreters without it.
 */
#ifndef PYREWRITE_SHARED_H
#define PYREWRITE_SHARED_H

#ifdef PYREWRITE_FREE_THREADED

/*
 * One lock for what is rare: the profile's records, its header, tables of names. Whoever has it may take it again, but
 * may not call the interpreter: a thread that waits for it is one that the interpreter cannot stop.
 */
void shared_lock(void); /* also around a fork: the child's only thread has it, too, until it unlocks it */
void shared_unlock(void);

static inline void shared_leave(const int *unused) {
  (void)unused;
  shared_unlock();
}

/* Has the lock until the end of the block. */
#define SHARED_SCOPE() \
  __attribute__((cleanup(shared_leave))) int shared_scope = (shared_lock(), 0); \
  (void)shared_scope

#else

static inline void shared_lock(void) {}
static inline void shared_unlock(void) {}
#define SHARED_SCOPE() ((void)0)

#endif

#endif
