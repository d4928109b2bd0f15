/* Gathers what the PROCESS record says and makes the profile. */
#ifndef PYREWRITE_PROCESS_FACTS_H
#define PYREWRITE_PROCESS_FACTS_H

/* 1 when the process has a profile now. */
int process_open_profile(long hexversion);

#endif
