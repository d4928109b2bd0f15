#include <stdlib.h>
#include <string.h>

#include "profile_file.h"
#include "windows.h"

double windows_number(const char *name, double otherwise) {
  const char *text = getenv(name);
  char *end = NULL;
  double value = text ? strtod(text, &end) : 0;
  return text && end != text && value > 0 ? value : otherwise;
}

uint32_t windows_gate(void) {
  const char *wish = getenv("PYREWRITE_GATE");
  if (!wish) return PROFILE_GATE_WINDOWS;
  if (!strcmp(wish, "open")) return PROFILE_GATE_OPEN;
  if (!strcmp(wish, "shut")) return PROFILE_GATE_SHUT;
  return strcmp(wish, "random") ? PROFILE_GATE_WINDOWS : PROFILE_GATE_RANDOM;
}

double windows_ticks_per_ns(void) {
  double second = profile_head()->ticks_per_second;
  return second > 0 ? second / 1e9 : 1;
}
