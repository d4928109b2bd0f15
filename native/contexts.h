/*
 * The tree of calling contexts: for each chain of open operations a node with counters. Knows nothing of Python. With the
 * GIL there is one; without it each thread has its own, and nodes of others are only found again in it.
 *
 * An operation that is open already in the chain is the node that it was: recursion is folded, and no chain is longer
 * than there are sites.
 */
#ifndef PYREWRITE_CONTEXTS_H
#define PYREWRITE_CONTEXTS_H

#include "profile_file.h"

typedef struct context_tree context_tree;

typedef struct context_node {
  profile_context_t *row;
  context_tree *tree;
  struct context_node *parent;     /* NULL for roots */
  struct context_node *last_child; /* where `last_site` led to */
  uint32_t last_site;
  uint32_t site;
  uint32_t number; /* in the profile, from 1 */
  uint32_t place;  /* CONTEXT_* */
} context_node;

/* Where a node lies: in the tree; among those that found no room there; nowhere, for the calibration's own. */
enum { CONTEXT_IN_TREE, CONTEXT_IN_OTHERS, CONTEXT_PRIVATE };

/* NULL without memory. It lives as long as the process. */
context_tree *contexts_new_tree(void);

/* The root for a thread or task (PROFILE_CONTEXT_*) of this name, 0 for none. Never NULL. */
context_node *contexts_root(context_tree *tree, uint32_t kind, uint32_t label);

/* A root whose nodes are in no profile. Its sites must be few, and one thread at a time may have it. */
context_node *contexts_private_root(context_tree *tree);

/* The same chain in this tree, which must be the calling thread's. Never NULL. */
context_node *contexts_in(context_tree *tree, context_node *node);

/* The node of `site` in the context `parent`, found the long way. Never NULL: at worst one that nobody reads. */
context_node *contexts_find(context_node *parent, uint32_t site);

__attribute__((always_inline)) static inline context_node *contexts_enter(context_node *parent, uint32_t site) {
  return __builtin_expect(parent->last_site == site, 1) ? parent->last_child : contexts_find(parent, site);
}

__attribute__((always_inline)) static inline void contexts_count(context_node *node, int64_t total, int64_t self, int raised) {
  profile_context_t *row = node->row;
  row->raised += (uint64_t)raised;
  row->total += total;
  row->self += self;
  row->count++;
}

#endif
