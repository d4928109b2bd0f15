/* Variants of sites: found again by their key, apart from each other, and in the children of forks, too. */
#define _GNU_SOURCE
#include "variants.h"

#include <string.h>
#include <unistd.h>

#include "unit.h"

enum { KEYS = PROFILE_VARIANTS_PER_SITE + 10 };

static variant_key key_of(uint32_t i) { return (variant_key){i % 3, i / 12 + 1, i / 6 % 2, i % 2}; }

static void test_finding(void) {
  variant_set *sets[2] = {NULL, NULL};
  profile_site_t *found[2][KEYS];
  for (uint32_t i = 0; i < KEYS; i++)
    for (uint32_t s = 0; s < 2; s++) {
      found[s][i] = variants_find(&sets[s], 60 + s, key_of(i));
      CHECK(found[s][i] && found[s][i]->count == (i > PROFILE_VARIANTS_PER_SITE));
      found[s][i]->count = 1;
      const profile_variant_t *head = (const profile_variant_t *)(void *)found[s][i] - 1;
      CHECK(head->site == 60 + s);
      if (i >= PROFILE_VARIANTS_PER_SITE) CHECK(head->how == PROFILE_HOW_OTHERS);
      else CHECK(head->how == key_of(i).how && head->left == key_of(i).left && head->right == key_of(i).right &&
                 head->freed == key_of(i).freed);
    }
  for (uint32_t i = 0; i < KEYS; i++)
    for (uint32_t k = 0; k < KEYS; k++) {
      int both_others = i >= PROFILE_VARIANTS_PER_SITE && k >= PROFILE_VARIANTS_PER_SITE;
      CHECK((found[0][i] == found[0][k]) == (i == k || both_others));
      CHECK(found[0][i] != found[1][k]);
    }
  for (uint32_t i = 0; i < KEYS; i++) CHECK(variants_find(&sets[0], 60, key_of(i)) == found[0][i]);
  free(sets[0]);
  free(sets[1]);
}

/* ---- operations behind a look */

static recorder_site *looking_site(void) {
  recorder_site *site = unit_clean_site(45);
  site->number = 45 | RECORDER_LOOKS;
  return site;
}

static void look_and_begin(recorder_site *site, uint32_t type) {
  CHECK(recorder_ready());
  recorder_this_thread->look = (recorder_look){site, clock_now(), {0, type, 0, 0}};
  recorder_begin_looked(site, RECORDER_ANYWHERE);
}

static void test_looking(void) {
  recorder_site *site = looking_site(), *outer = unit_clean_site(46);
  for (uint32_t i = 0; i < 300; i++) {
    recorder_begin(outer);
    look_and_begin(site, 1 + i % 3);
    recorder_end(site, clock_now(), i % 2);
    recorder_end(outer, clock_now(), 0);
  }
  for (uint32_t type = 1; type <= 3; type++) {
    const profile_site_t *variant = variants_find(&sites[45].variants, 45, (variant_key){0, type, 0, 0});
    CHECK(variant->count == 100 && variant->raised == 50 && variant->min <= variant->max);
  }
  CHECK(site->counters->count == 300 && site->counters->raised == 150 && recorder_depth() == 0);
  look_and_begin(site, 1);
  recorder_begin_looked(site, RECORDER_ANYWHERE); /* nothing was seen of this one */
  recorder_end(site, clock_now(), 0);
  recorder_end(site, clock_now(), 0);
  CHECK(variants_find(&sites[45].variants, 45, (variant_key){0, 1, 0, 0})->count == 101 && site->counters->count == 302);
}

/* A pause in an operation is no part of the look at its operands. */
static void test_pause_behind_a_look(void) {
  recorder_site *site = &sites[45], *outer = unit_clean_site(46);
  uint64_t looks = profile_head()->look_ticks, around = clock_now();
  recorder_begin(outer);
  look_and_begin(site, 1);
  recorder_pause pause = recorder_pause_begin(0);
  usleep(20000);
  uint64_t paused = recorder_pause_end(&pause);
  recorder_end(site, clock_now(), 0);
  recorder_end(outer, clock_now(), 0);
  around = clock_now() - around - paused; /* next to nothing, but on a busy machine */
  CHECK(profile_head()->look_ticks - looks < paused / 2 + around);
  CHECK(outer->counters->total > -(int64_t)(paused / 2) && outer->counters->total < (int64_t)(paused / 2 + around));
}

/* The keys are the parent's, the counters begin again. */
static void body_of_child(void) {
  recorder_site *site = &sites[45];
  look_and_begin(site, 2);
  recorder_end(site, clock_now(), 0);
  look_and_begin(site, 9);
  recorder_end(site, clock_now(), 0);
  CHECK(variants_find(&sites[45].variants, 45, (variant_key){0, 1, 0, 0})->count == 0);
  CHECK(variants_find(&sites[45].variants, 45, (variant_key){0, 2, 0, 0})->count == 1);
  CHECK(variants_find(&sites[45].variants, 45, (variant_key){0, 9, 0, 0})->count == 1);
  CHECK(site->counters->count == 2);
}

void test_variants(void) {
  test_finding();
  test_looking();
  test_pause_behind_a_look();
  unit_in_child(body_of_child);
  CHECK(variants_find(&sites[45].variants, 45, (variant_key){0, 2, 0, 0})->count == 100);
  sites[45].number = 45;
}
