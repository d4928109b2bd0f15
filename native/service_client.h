/* Asks the instrumenting service of `pyrewrite run` for the instrumented form of a module's code. */
#ifndef PYREWRITE_SERVICE_CLIENT_H
#define PYREWRITE_SERVICE_CLIENT_H

#include <stddef.h>
#include <stdint.h>

/*
 * Sends one request over the unix socket PYREWRITE_SOCKET and waits for the answer; needs no GIL.
 * On 1 `*answer` is malloc'ed and `*answer_length` is its size; 0 = not instrumented, or no service.
 */
int service_ask(uint16_t python, const char *filename, size_t filename_length, const char *code, size_t code_length,
                char **answer, size_t *answer_length);

#endif
