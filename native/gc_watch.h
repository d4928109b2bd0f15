/* Garbage collections: how long, how much, and in which operation they struck. Their time is taken out of it. */
#ifndef PYREWRITE_GC_WATCH_H
#define PYREWRITE_GC_WATCH_H

/* From here on they are recorded. Never raises; where it cannot be done, nothing is. */
void gc_watch_start(void);

#endif
