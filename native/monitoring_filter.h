/*
 * From CPython 3.12 on an exception that leaves a probed operation passes the probe's handler, and tools of
 * sys.monitoring are told so: EXCEPTION_HANDLED where it enters, RERAISE where it leaves. No form of the code prevents
 * that, since only a handler can close the operation.
 *
 * So what a tool registers for these two events is replaced by an object that leaves out exactly those of probes.
 * Nothing else is touched, and a program without such a tool runs nothing of this.
 */
#ifndef PYREWRITE_MONITORING_FILTER_H
#define PYREWRITE_MONITORING_FILTER_H

/*
 * Once per process, with a Python frame running. Covers what is registered from here on, and what the tools of now have
 * registered. Does nothing where it is not needed, or cannot be trusted.
 */
void monitoring_filter_init(long hexversion);

#endif
