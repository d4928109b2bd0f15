/* What windows saw of each site, window by window; windows.h has what others need of it. Called with the GIL held. */
#ifndef PYREWRITE_WINDOW_SITES_H
#define PYREWRITE_WINDOW_SITES_H

#include "recorder.h"

/* As windows_add. */
int window_sites_add(uint32_t first_number, uint32_t count, recorder_site *(*site_at)(void *, uint32_t), void *sites,
                     profile_window_site_t *first_sums);

/*
 * A window is over: adds what it saw of the sites that were noted, if it `counts`. What it saw is weighted by `weight`,
 * its uncertainty goes by `stands_for`.
 */
void window_sites_fold(int counts, double stands_for, double weight);

/* The same of a window that nobody needs any more. */
void window_sites_forget(void);

/* Brings what sites seen of late count with into the CPU's caches. */
void window_sites_fetch(void);

#endif
