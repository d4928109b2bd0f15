/* Awaits: a table by frame, against an array. */
#define _GNU_SOURCE
#include "recorder.h"

#include <unistd.h>

#include "unit.h"

static void test_many_awaits(void) {
  enum { FRAMES = 20000 };
  static char frames[FRAMES * 16];
  recorder_site *a = &sites[20], *b = &sites[21];
  uint64_t abandoned = profile_head()->abandoned_awaits;
  for (int i = 0; i < FRAMES; i++) recorder_await_begin(i % 2 ? a : b, frames + i * 16, NULL);
  for (int k = 0; k < FRAMES; k++) {
    int i = (int)(((int64_t)k * 7919) % FRAMES);
    recorder_await_end(i % 2 ? a : b, frames + i * 16, clock_now(), i % 5 == 0);
  }
  CHECK(a->counters->count == FRAMES / 2 && b->counters->count == FRAMES / 2);
  CHECK(a->counters->raised + b->counters->raised == FRAMES / 5);
  CHECK(profile_head()->abandoned_awaits == abandoned);
  recorder_await_begin(a, frames, NULL);
  recorder_await_begin(b, frames, NULL);
  CHECK(profile_head()->abandoned_awaits == abandoned + 1 && a->counters->lost == 1);
  recorder_await_end(b, frames, clock_now(), 0);
  uint64_t ends = profile_head()->lost_ends;
  recorder_await_end(b, frames, clock_now(), 0);
  CHECK(profile_head()->lost_ends == ends + 1);
  CHECK(recorder_depth() == 0);
}

/* ---- random awaits on frames whose places collide, at the end of the table, too */

enum { FRAMES = 600, NONE = -1 };

static const void *frames[FRAMES];

/* Addresses that a table of up to 2^16 entries keeps in its last four places, and some anywhere. */
static void choose_frames(void) {
  int found = 0;
  for (uint64_t address = 0x7F0000000000u; found < FRAMES / 2; address += 16) {
    uint64_t home = (address * 0x9E3779B97F4A7C15u) >> 20;
    if ((home & 0xFFFF) >= 0xFFFC) frames[found++] = (const void *)(uintptr_t)address;
  }
  for (; found < FRAMES; found++) frames[found] = (const void *)(uintptr_t)(0x550000000000u + (uint64_t)found * 480);
}

static void test_random_awaits(void) {
  static int open[FRAMES];
  uint64_t counts[4] = {0}, lost[4] = {0}, raised[4] = {0}, ends = profile_head()->lost_ends;
  for (uint32_t s = 0; s < 4; s++) unit_clean_site(s + 20);
  for (int f = 0; f < FRAMES; f++) open[f] = NONE;
  for (int step = 0; step < 300000; step++) {
    uint64_t dice = unit_random();
    int f = (int)(dice % FRAMES), site = (int)((dice >> 32) % 4);
    if ((dice >> 40) % 2) {
      recorder_await_begin(&sites[20 + site], frames[f], NULL);
      if (open[f] != NONE) lost[open[f]]++;
      open[f] = site;
      continue;
    }
    if (open[f] != NONE && (dice >> 44) % 20) site = open[f];
    int raises = (dice >> 50) % 4 == 0;
    recorder_await_end(&sites[20 + site], frames[f], clock_now(), raises);
    if (open[f] != site) ends++;
    if (open[f] == site) {
      counts[site]++;
      raised[site] += (uint64_t)raises;
    } else if (open[f] != NONE) {
      lost[open[f]]++;
    }
    open[f] = NONE;
  }
  for (int f = 0; f < FRAMES; f++) {
    if (open[f] == NONE) continue;
    recorder_await_end(&sites[20 + open[f]], frames[f], clock_now(), 0);
    counts[open[f]]++;
  }
  for (uint32_t s = 0; s < 4; s++) {
    const profile_site_t *counters = sites[20 + s].counters;
    CHECK(counters->count == counts[s] && counters->raised == raised[s] && counters->lost == lost[s]);
    CHECK(counts[s] > 1000 && raised[s] > 1000 && lost[s] > 1000);
  }
  CHECK(profile_head()->lost_ends == ends);
}

/* The time of an await is no part of the operation that it is in, but its pair of probes is. */
static void test_await_inside(void) {
  recorder_site *outer = unit_clean_site(24), *inner = unit_clean_site(25);
  recorder_inner = 1;
  recorder_pair = 10;
  recorder_begin(outer);
  recorder_this_thread->top->start = 1000;
  recorder_await_begin(inner, frames, NULL);
  recorder_await_end(inner, frames, clock_now(), 0);
  recorder_end(outer, 1500, 0);
  CHECK(outer->counters->total == 500 - 1 - 10 && outer->counters->self == outer->counters->total);
  recorder_inner = recorder_pair = 0;
}

static const profile_tax_t *taxes_of_site(const recorder_site *site) {
  static const profile_tax_t none;
  return site->taxes ? site->taxes : &none;
}

/* Random awaits that are suspended by probes, or seen to leave their frame; some end while they are suspended. */
static void test_suspensions(void) {
  enum { OPEN = 40 };
  static struct {
    int is_open, is_suspended;
    uint64_t times;
  } model[OPEN];
  uint64_t suspended = 0, times = 0, ended = 0;
  recorder_site *site = unit_clean_site(26);
  for (int step = 0; step < 100000; step++) {
    uint64_t dice = unit_random();
    int f = (int)(dice % OPEN);
    const void *frame = frames[f];
    if (!model[f].is_open) {
      recorder_await_begin(site, frame, NULL);
      model[f].is_open = 1;
      model[f].is_suspended = 0;
      model[f].times = 0;
    } else if ((dice >> 8) % 4 == 0) {
      recorder_await_end(site, frame, clock_now(), model[f].is_suspended);
      model[f].times += (uint64_t)model[f].is_suspended;
      suspended += model[f].times > 0;
      times += model[f].times;
      model[f].is_open = 0;
      ended++;
    } else if (model[f].is_suspended) {
      if (dice >> 16 & 1) recorder_await_turn(frame);
      else recorder_frame_entered(frame);
      if (dice >> 17 & 1) recorder_frame_entered(frame);
      model[f].is_suspended = 0;
      model[f].times++;
    } else {
      if (dice >> 16 & 1) recorder_await_turn(frame);
      else recorder_frame_left(frame);
      if (dice >> 17 & 1) recorder_frame_left(frame);
      model[f].is_suspended = 1;
    }
  }
  CHECK(site->counters->count == ended && ended > 1000 && times > suspended && suspended > 1000);
  CHECK(taxes_of_site(site)->suspended == suspended && taxes_of_site(site)->suspensions == times);
  CHECK(taxes_of_site(site)->suspended_ticks > 0);
  for (int f = 0; f < OPEN; f++)
    if (model[f].is_open) recorder_await_end(site, frames[f], clock_now(), 0);
  CHECK(!recorder_has_awaits());
  uint64_t before = taxes_of_site(site)->suspensions;
  recorder_await_turn(frames[0]);
  recorder_frame_left(frames[1]);
  recorder_frame_entered(frames[1]);
  CHECK(taxes_of_site(site)->suspensions == before);
}

/* The time of a suspension is that between leaving and going on. */
static void test_suspended_time(void) {
  recorder_site *site = unit_clean_site(27);
  recorder_await_begin(site, frames[0], NULL);
  usleep(2000);
  recorder_await_turn(frames[0]);
  uint64_t start = clock_now();
  usleep(20000);
  uint64_t ticks = clock_now() - start;
  recorder_await_turn(frames[0]);
  recorder_await_end(site, frames[0], clock_now(), 0);
  CHECK(taxes_of_site(site)->suspended_ticks >= ticks);
  CHECK((uint64_t)site->counters->total > taxes_of_site(site)->suspended_ticks);
}

void test_awaits(void) {
  choose_frames();
  test_many_awaits();
  test_random_awaits();
  test_await_inside();
  test_suspensions();
  test_suspended_time();
}
