/* What the unit tests share. They know nothing of Python; one program runs them all, see main.c. */
#ifndef PYREWRITE_UNIT_H
#define PYREWRITE_UNIT_H

#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>

#include "recorder.h"

enum { SITES = 64 };

extern long unit_checks;
extern recorder_site sites[SITES];

#define CHECK(condition)                                     \
  do {                                                       \
    unit_checks++;                                           \
    if (!(condition)) {                                      \
      printf("%s:%d: %s\n", __FILE__, __LINE__, #condition); \
      exit(1);                                               \
    }                                                        \
  } while (0)

/* The same numbers in each run. */
uint64_t unit_random(void);

/* Checks every record of the profile: its length, its place, its kind. Gives how many of `type` there are. */
uint32_t unit_count_records(uint32_t type);

/* Runs `body` in a child of fork in which the runtime's handlers ran, and checks that it ended well. Its pid. */
int unit_in_child(void (*body)(void));

/* A site whose counters are 0 again, without the blocks that it had. */
recorder_site *unit_clean_site(uint32_t index);

/* From here on CLOCK_MONOTONIC moves in steps of this many ns; 0: as it is. */
void unit_set_clock_step(double ns);

uint64_t unit_file_size(const char *path);

/* Before there is a profile. */
void test_places(void);
void test_clock(void);
void test_histogram_places(void);
void test_site_tables(void);
void test_first_profile(void);

/* With the profile that test_first_profile opened. */
void test_histograms(void);
void test_recorder(void);
void test_awaits(void);
void test_variants(void);
void test_taxes(void);
void test_pace(void);
void test_contexts(void);
void test_threads(void);
void test_preempted_time(void);
void test_windows(void);
void test_profile_file(void);

#endif
