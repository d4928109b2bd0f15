/* What windows saw of each site. */
#include "window_sites.h"

#include <stdlib.h>
#include <string.h>

#include "windows.h"

uint32_t windows_now = 1;
uint32_t *windows_noted;

enum { RECENT = 512, LINE = 64, USUAL_OCTAVES = 10 };

/* By the number of the site. */
typedef struct {
  const recorder_site *site;
  profile_window_site_t *sums;
} sampled_site;

static struct {
  sampled_site *sites;
  uint32_t size;
  uint32_t *noted; /* numbers */
  uint32_t noted_count;
  uint32_t recent[RECENT]; /* numbers, of windows that are over, too */
  uint32_t next;
} all;

static int grow(uint32_t size) {
  sampled_site *sites = realloc(all.sites, size * sizeof *sites);
  if (sites) all.sites = sites;
  uint32_t *noted = realloc(windows_noted, size * sizeof *noted);
  if (noted) windows_noted = noted;
  uint32_t *list = realloc(all.noted, size * sizeof *list);
  if (list) all.noted = list;
  if (!sites || !noted || !list) return 0;
  memset(all.sites + all.size, 0, (size - all.size) * sizeof *sites);
  memset(windows_noted + all.size, 0, (size - all.size) * sizeof *noted);
  all.size = size;
  return 1;
}

int window_sites_add(uint32_t first_number, uint32_t count, recorder_site *(*site_at)(void *, uint32_t), void *sites,
                     profile_window_site_t *first_sums) {
  uint32_t end = first_number + count;
  if (end > all.size && !grow(end + end / 4 + 64)) return 0;
  for (uint32_t i = 0; i < count; i++) all.sites[first_number + i] = (sampled_site){site_at(sites, i), first_sums + i};
  return 1;
}

profile_window_site_t *windows_sums(uint32_t number) { return number < all.size ? all.sites[number].sums : NULL; }

void windows_note(uint32_t number) {
  if (number >= all.size || !all.sites[number].sums) return;
  windows_noted[number] = windows_now;
  all.noted[all.noted_count++] = number;
  all.recent[all.next++ % RECENT] = number;
}

static void fetch(const void *data, size_t size) {
  for (size_t i = 0; i < size; i += LINE) __builtin_prefetch((const char *)data + i, 1);
}

/* Since the window before, the program has filled the caches with what it uses itself. */
void window_sites_fetch(void) {
  uint32_t count = all.next < RECENT ? all.next : RECENT;
  for (uint32_t i = 0; i < count; i++) {
    const recorder_site *site = all.sites[all.recent[i]].site;
    fetch(site, sizeof *site);
    fetch(site->counters, 2 * LINE);
  }
  for (uint32_t i = 0; i < count; i++) {
    const profile_site_t *counters = all.sites[all.recent[i]].site->counters;
    for (int k = 0; k < USUAL_OCTAVES; k++)
      if (counters->blocks[k]) fetch(profile_block(counters->blocks[k]), 2 * LINE);
  }
}

static void add(double *sum, double *squares, double *products, double stands_for, double y) {
  *sum += y;
  *squares += y * y;
  *products += y * stands_for;
}

static void add_site(const sampled_site *one, double stands_for, double weight) {
  profile_window_site_t *s = one->sums;
  const profile_site_t *c = one->site->counters;
  int64_t self = c->self - s->orphans;
  uint64_t count = c->count - s->seen_count;
  add(&s->count_sum, &s->count_squares, &s->count_products, stands_for, weight * (double)count);
  add(&s->total_sum, &s->total_squares, &s->total_products, stands_for, weight * (double)(c->total - s->seen_total));
  add(&s->self_sum, &s->self_squares, &s->self_products, stands_for, weight * (double)(self - s->seen_self));
  s->windows += count > 0;
}

/* From here on counts what comes. */
static void mark_seen(const sampled_site *one) {
  profile_window_site_t *s = one->sums;
  s->seen_count = one->site->counters->count;
  s->seen_total = one->site->counters->total;
  s->seen_self = one->site->counters->self - s->orphans;
}

void window_sites_fold(int counts, double stands_for, double weight) {
  for (uint32_t i = 0; i < all.noted_count; i++) {
    const sampled_site *one = &all.sites[all.noted[i]];
    if (counts) add_site(one, stands_for, weight);
    mark_seen(one);
  }
  window_sites_forget();
}

void window_sites_forget(void) {
  all.noted_count = 0;
  windows_now++;
}
