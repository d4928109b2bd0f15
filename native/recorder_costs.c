#include "recorder.h"

#ifndef PYREWRITE_FREE_THREADED

int64_t recorder_inner;
int64_t recorder_pair;
uint64_t recorder_first;
uint64_t recorder_parent;
uint64_t recorder_raise;
int64_t recorder_look_cost;

void recorder_set_costs(int64_t inner, int64_t pair, uint64_t first, uint64_t parent) {
  recorder_inner = inner;
  recorder_pair = pair;
  recorder_first = first;
  recorder_parent = parent;
}

void recorder_set_kinds(uint64_t raise, int64_t look) {
  recorder_raise = raise;
  recorder_look_cost = look;
}

void recorder_clear_costs(void) {
  recorder_set_costs(0, 0, 0, 0);
  recorder_set_kinds(0, 0);
}

#endif
