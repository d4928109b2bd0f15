/* The tree of contexts: against a plain model under random programs, in children of forks, and without room. */
#define _GNU_SOURCE
#include "contexts.h"

#include <pthread.h>
#include <string.h>
#include <sys/resource.h>

#include "unit.h"

enum { TREE_SITES = 5, DEEPEST = 30, MOST_NODES = 2000 };

/* A node for each chain without repeated sites: a site that is in the chain is its node again. */
typedef struct {
  int parent; /* -1 for the root */
  uint32_t site;
  int children[TREE_SITES]; /* 0 = none */
  const context_node *found; /* what the recorder made of it */
  uint64_t count, raised;
  int64_t total, self;
} model_node;

typedef struct {
  int node;
  uint64_t start;
  int64_t children;
} model_span;

static struct {
  model_node nodes[MOST_NODES]; /* [0] is the root */
  int used;
  model_span stack[DEEPEST + 1];
  uint32_t depth;
} model;

static int model_child(int parent, uint32_t site) {
  for (int node = parent; node > 0; node = model.nodes[node].parent)
    if (model.nodes[node].site == site) return node;
  int *child = &model.nodes[parent].children[site];
  if (*child == 0) {
    CHECK(model.used < MOST_NODES);
    *child = model.used++;
    model.nodes[*child] = (model_node){.parent = parent, .site = site};
  }
  return *child;
}

static int model_is_open(uint32_t site) {
  for (uint32_t i = 1; i <= model.depth; i++)
    if (model.nodes[model.stack[i].node].site == site) return 1;
  return 0;
}

static uint32_t top_site(void) { return model.nodes[model.stack[model.depth].node].site; }

static recorder_site *tree_site(uint32_t site) { return &sites[site]; }

static void begin_both(uint32_t site, uint64_t now) {
  int node = model_child(model.stack[model.depth].node, site);
  recorder_begin(tree_site(site));
  recorder_this_thread->top->start = now;
  const context_node *context = recorder_this_thread->context;
  if (!model.nodes[node].found) model.nodes[node].found = context;
  CHECK(model.nodes[node].found == context && context->row->site == site);
  model.stack[++model.depth] = (model_span){.node = node, .start = now};
}

static void end_both(uint32_t site, uint64_t now, int raised) {
  recorder_end(tree_site(site), now, raised);
  if (!model_is_open(site)) return;
  while (top_site() != site) {
    int64_t lost = model.stack[model.depth--].children;
    model.stack[model.depth].children += lost;
  }
  model_span span = model.stack[model.depth--];
  model_node *node = &model.nodes[span.node];
  int64_t inclusive = (int64_t)(now - span.start);
  node->count++;
  node->raised += (uint64_t)raised;
  node->self += inclusive - span.children;
  if (!model_is_open(site)) node->total += inclusive;
  model.stack[model.depth].children += inclusive;
}

/* Both directions: nothing that the model lacks can be in rows that add up to the sites' counters. */
static void check_tree(void) {
  profile_site_t sums[TREE_SITES] = {{0}};
  for (int i = 1; i < model.used; i++) {
    const model_node *node = &model.nodes[i];
    const profile_context_t *row = node->found->row;
    CHECK(row->count == node->count && row->raised == node->raised);
    CHECK(row->total == node->total && row->self == node->self);
    CHECK(node->parent == 0 || row->parent == model.nodes[node->parent].found->number);
    sums[node->site].count += row->count;
    sums[node->site].raised += row->raised;
    sums[node->site].total += row->total;
    sums[node->site].self += row->self;
  }
  for (uint32_t s = 0; s < TREE_SITES; s++) {
    const profile_site_t *site = tree_site(s)->counters;
    CHECK(site->count == sums[s].count && site->raised == sums[s].raised);
    CHECK(site->total == sums[s].total && site->self == sums[s].self);
  }
}

static void test_random_programs(void) {
  uint64_t now = 1000;
  model.used = 1;
  model.nodes[0].parent = -1;
  for (int step = 0; step < 200000; step++) {
    uint64_t dice = unit_random();
    uint32_t site = (uint32_t)(dice >> 8) % TREE_SITES;
    now += (dice >> 24) % 1000;
    if (model.depth < DEEPEST && dice % 100 < 52) begin_both(site, now);
    else if (model.depth > 0) end_both((dice >> 16) % 50 ? top_site() : site, now, (dice >> 40) % 5 == 0);
  }
  while (model.depth > 0) end_both(top_site(), now += 10, 0);
  CHECK(recorder_depth() == 0 && model.used > 300);
  CHECK(recorder_this_thread->context == recorder_this_thread->root);
  check_tree();
}

/* Sites without contexts in between do not matter. */
static void test_sites_without(void) {
  recorder_site *plain = unit_clean_site(40);
  const context_node *outer = model.nodes[model.nodes[0].children[1]].found;
  uint64_t before = outer->row->count;
  recorder_begin(plain);
  recorder_begin(tree_site(1));
  CHECK(recorder_this_thread->context == outer && recorder_frame() == NULL);
  recorder_begin(plain);
  recorder_begin(tree_site(1));
  CHECK(recorder_this_thread->context == outer);
  for (int i = 0; i < 2; i++) {
    recorder_end(tree_site(1), clock_now(), 0);
    recorder_end(plain, clock_now(), 0);
  }
  CHECK(outer->row->count == before + 2 && plain->counters->count == 2);
}

/* ---- where an operation is told to be */

static void test_told_places(void) {
  char frames[2];
  context_node *task = contexts_root(recorder_tree(), PROFILE_CONTEXT_TASK, 7);
  CHECK(task->row->kind == PROFILE_CONTEXT_TASK && task->row->label == 7 && task->row->parent == 0);
  CHECK(contexts_root(recorder_tree(), PROFILE_CONTEXT_TASK, 7) == task && contexts_root(recorder_tree(), PROFILE_CONTEXT_THREAD, 7) != task);
  recorder_begin(tree_site(0));
  recorder_begin_at(tree_site(1), (recorder_place){task, frames});
  const context_node *inside = recorder_this_thread->context;
  CHECK(inside->parent == task && recorder_frame() == frames);
  recorder_await_begin(tree_site(2), frames + 1, recorder_this_thread->context);
  context_node *await = recorder_await_context(frames + 1);
  CHECK(await && await->parent == inside && recorder_await_context(frames) == NULL && recorder_has_awaits());
  recorder_end(tree_site(1), clock_now(), 0);
  CHECK(recorder_frame() == NULL);
  recorder_end(tree_site(0), clock_now(), 0);
  recorder_await_end(tree_site(2), frames + 1, clock_now(), 1);
  CHECK(await->row->count == 1 && await->row->raised == 1 && await->row->total == await->row->self);
  CHECK(inside->row->count == 1 && !recorder_has_awaits());
  CHECK(recorder_await_context(frames + 1) == NULL);
}

/* ---- threads: a root each, of the same name the same */

static uint32_t thread_name = 21;

static uint32_t name_thread(void) { return thread_name; }

static void *thread_body(void *argument) {
  recorder_begin(tree_site(3));
  recorder_end(tree_site(3), clock_now(), 0);
  CHECK(recorder_this_thread->root->row->label == thread_name);
  *(context_node **)argument = recorder_this_thread->root;
  return NULL;
}

static void test_threads_have_roots(void) {
  context_node *roots[3];
  recorder_name_thread = name_thread;
  for (int i = 0; i < 3; i++) {
    pthread_t thread;
    thread_name = i == 2 ? 22 : 21;
    CHECK(pthread_create(&thread, NULL, thread_body, &roots[i]) == 0);
    pthread_join(thread, NULL);
  }
  recorder_name_thread = NULL;
  CHECK(roots[0] == roots[1] && roots[1] != roots[2]);
  context_node *child = contexts_enter(roots[0], 3);
  CHECK(child->row->count == 2 && contexts_find(roots[0], 3) == child);
  CHECK(contexts_enter(roots[2], 3)->row->count == 1);
}

/* ---- forks: the same tree, whose counters begin again */

static void body_of_child(void) {
  const context_node *known = model.nodes[model.nodes[0].children[0]].found;
  recorder_begin(tree_site(0));
  CHECK(recorder_this_thread->context == known && known->row->count == 0);
  recorder_begin(tree_site(4));
  recorder_end(tree_site(4), clock_now(), 1);
  recorder_end(tree_site(0), clock_now(), 0);
  CHECK(known->row->count == 1 && known->row->parent == recorder_this_thread->root->number);
  CHECK(contexts_enter(recorder_this_thread->root, 0) == known);
  const context_node *inner = contexts_enter(recorder_this_thread->context->last_child, 4);
  CHECK(inner->row->count == 1 && inner->row->raised == 1 && inner->row->site == 4);
  CHECK(contexts_root(recorder_tree(), PROFILE_CONTEXT_TASK, 99)->row->label == 99); /* written over what the parent may have added */
}

static void test_fork(void) {
  recorder_begin(tree_site(2)); /* open at the fork: its end is the parent's */
  unit_in_child(body_of_child);
  recorder_end(tree_site(2), clock_now(), 0);
}

/* ---- no more room; in children, because it cannot be undone */

static uint64_t count_rows(void) {
  uint64_t rows = 0, at = PROFILE_HEADER_SIZE;
  for (profile_record_t *record; at < profile_head()->used; at += record->length) {
    record = (profile_record_t *)(profile_base + at);
    if (record->type == PROFILE_RECORD_CONTEXTS) rows += ((profile_contexts_t *)record)->taken;
  }
  return rows;
}

static void fill_tree(void) {
  CHECK(recorder_ready());
  context_node *first = contexts_root(recorder_tree(), PROFILE_CONTEXT_THREAD, 500);
  uint64_t lost = profile_head()->unrecorded_contexts;
  for (uint32_t site = 0; site < 400; site++)
    for (uint32_t inner = 0; inner < 400; inner++) {
      context_node *node = contexts_enter(contexts_enter(first, 1000 + site), 2000 + inner);
      contexts_count(node, 5, 5, 0);
      CHECK(node->row->site == 2000 + inner);
    }
  CHECK(count_rows() > PROFILE_MOST_CONTEXTS && count_rows() < PROFILE_MOST_CONTEXTS + 1000);
  uint64_t sum = 0;
  for (uint32_t site = 0; site < 400; site++) {
    context_node *node = contexts_enter(contexts_enter(first, 1000 + site), 2000);
    if (node->place == CONTEXT_IN_TREE) sum += node->row->count;
    else CHECK(node->parent->row->kind == PROFILE_CONTEXT_OTHERS && contexts_enter(node, 2001)->parent == node->parent);
  }
  CHECK(sum + contexts_enter(contexts_root(recorder_tree(), PROFILE_CONTEXT_OTHERS, 0), 2000)->row->count == 400);
  CHECK(profile_head()->unrecorded_contexts == lost);
}

static void make_many_roots(void) {
  CHECK(recorder_ready());
  context_node *others = contexts_root(recorder_tree(), PROFILE_CONTEXT_TASK, 0);
  uint32_t apart = 0;
  for (uint32_t label = 1000; label < 1000 + 2 * PROFILE_MOST_ROOTS; label++)
    apart += contexts_root(recorder_tree(), PROFILE_CONTEXT_TASK, label) != others;
  CHECK(apart > PROFILE_MOST_ROOTS / 2 && apart <= PROFILE_MOST_ROOTS);
}

static void fill_file(void) {
  CHECK(recorder_ready());
  struct rlimit small = {profile_head()->file_size, RLIM_INFINITY};
  CHECK(setrlimit(RLIMIT_FSIZE, &small) == 0);
  uint64_t lost = profile_head()->unrecorded_contexts, begun = 0;
  for (uint32_t site = 3000; profile_head()->unrecorded_contexts == lost; site++, begun++)
    contexts_enter(contexts_root(recorder_tree(), PROFILE_CONTEXT_THREAD, 600), site);
  CHECK(profile_head()->flags & PROFILE_FLAG_FULL);
  recorder_begin(tree_site(0)); /* known before: it goes on */
  recorder_end(tree_site(0), clock_now(), 0);
  CHECK(profile_head()->unrecorded_contexts == lost + 1 && begun > 1);
}

void test_contexts(void) {
  recorder_inner = recorder_pair = 0;
  for (uint32_t site = 0; site < TREE_SITES; site++) {
    unit_clean_site(site)->number = site | RECORDER_CALLERS;
  }
  test_random_programs();
  test_sites_without();
  test_told_places();
  test_threads_have_roots();
  test_fork();
  unit_in_child(fill_tree);
  unit_in_child(make_many_roots);
  unit_in_child(fill_file);
  for (uint32_t site = 0; site < TREE_SITES; site++) unit_clean_site(site)->number = site;
}
