#include "control.h"

#include <stdlib.h>
#include <string.h>

#include "clock.h"
#include "recorder.h"
#include "shared.h"
#include "windows.h"

enum { WISH = 3 /* bits of the header's word; the others count */ };

uint32_t control_obeyed;
void (*control_switch_probes)(int on);

static struct {
  int on;
  int base; /* outside of all blocks */
  control_block *innermost;
} state = {.on = 1, .base = 1};

int control_is_on(void) { return __atomic_load_n(&state.on, __ATOMIC_RELAXED); }

static int has_profile(void) { return profile_get_state() == PROFILE_OPEN; }

static void end_off(profile_header_t *head) {
  if (head->off_since) head->off_ticks += clock_now() - head->off_since;
  head->off_since = 0;
}

/* Time that is off from here on, or up to here. */
static void note_switch(int on) {
  profile_header_t *head = profile_head();
  if (on) end_off(head);
  else head->off_since = clock_now();
  head->switches++;
}

static void apply(void) {
  int on = state.innermost ? state.innermost->on : state.base;
  if (on == state.on) return;
  __atomic_store_n(&state.on, on, __ATOMIC_RELAXED);
  if (!on) recorder_was_off = 1;
  if (has_profile()) note_switch(on);
  windows_switch(on);
  if (control_switch_probes) control_switch_probes(on);
}

void control_init(void) {
  const char *start = getenv("PYREWRITE_START");
  state.on = state.base = !start || strcmp(start, "off") != 0;
  recorder_was_off = !state.on;
}

void control_set(int on) {
  SHARED_SCOPE();
  *(state.innermost ? &state.innermost->on : &state.base) = on;
  apply();
}

int control_enter(control_block *block, int on) {
  SHARED_SCOPE();
  if (block->is_entered) return 0;
  *block = (control_block){.on = on, .is_entered = 1, .outer = state.innermost};
  state.innermost = block;
  apply();
  return 1;
}

int control_leave(control_block *block) {
  SHARED_SCOPE();
  if (!block->is_entered) return 0;
  control_block **place = &state.innermost;
  while (*place && *place != block) place = &(*place)->outer;
  if (*place) *place = block->outer;
  block->is_entered = 0;
  apply();
  return 1;
}

void control_obey(void) {
  SHARED_SCOPE();
  int is_ours = recorder_ready() && has_profile();
  uint32_t word = profile_head()->control, wish = word & WISH;
  if (word == control_obeyed) return;
  __atomic_store_n(&control_obeyed, word, __ATOMIC_RELAXED);
  if (!is_ours) return;
  if (wish == PROFILE_CONTROL_ON || wish == PROFILE_CONTROL_OFF) {
    state.base = wish == PROFILE_CONTROL_ON;
    for (control_block *block = state.innermost; block; block = block->outer) block->on = state.base;
    apply();
  }
  /* The last thing: who sees it from outside sees what was done, wherever this process is stopped. */
  __atomic_store_n(&profile_head()->obeyed, word, __ATOMIC_RELEASE);
}

void control_note(void) {
  if (!state.on && !profile_head()->off_since) profile_head()->off_since = clock_now();
}

/* Until it has a profile of its own it looks into its parent's: so that it makes one at its next operation. */
void control_fork_child(void) {
  if (profile_get_state() == PROFILE_FORKED) control_obeyed = profile_head()->control + 1;
}

void control_finish(void) {
  SHARED_SCOPE();
  if (has_profile()) end_off(profile_head());
}
