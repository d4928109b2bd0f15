#include "contexts.h"

#include <stdlib.h>

#include "shared.h"

enum {
  ROWS_PER_RECORD = 511, /* 32 KiB with the record's head */
  FIRST_EDGES = 1024,
  MOST_EDGES = 4 * PROFILE_MOST_CONTEXTS,
  PRIVATE_NODES = 64
};

/*
 * From a context to the one that an operation has in it. From 0 to the roots, by their kind and name; from contexts of other
 * trees by PROFILE_NO_SITE to the same in this one.
 */
typedef struct {
  uint32_t from;
  uint32_t site;
  context_node *to; /* NULL = free */
} edge;

struct context_tree {
  edge *edges; /* open addressing, never more than half full */
  size_t size; /* power of two */
  size_t count;
  context_node nowhere; /* for what finds no room */
  profile_context_t nobodys_row;
};

/* Of all trees. Takes the next row; what a child of fork finds behind `taken` its parent added later. */
static struct {
  profile_contexts_t *record;
  context_node *nodes; /* of its rows */
  uint32_t taken;
  uint32_t count; /* rows of all records */
  uint32_t roots;
} rows;

static profile_context_t private_rows[PRIVATE_NODES];
static context_node private_nodes[PRIVATE_NODES];

context_tree *contexts_new_tree(void) {
  context_tree *tree = calloc(1, sizeof *tree);
  if (!tree) return NULL;
  tree->nowhere = (context_node){
      .row = &tree->nobodys_row, .tree = tree, .last_site = PROFILE_NO_SITE, .place = CONTEXT_PRIVATE};
  return tree;
}

static edge *find_edge(const context_tree *tree, uint32_t from, uint32_t site) {
  size_t mask = tree->size - 1;
  uint64_t key = (uint64_t)from << 32 | site;
  size_t i = (size_t)(key * 0x9E3779B97F4A7C15u >> 32) & mask;
  while (tree->edges[i].to && (tree->edges[i].from != from || tree->edges[i].site != site)) i = (i + 1) & mask;
  return &tree->edges[i];
}

/* NULL where none is known. */
static context_node *find_known(const context_tree *tree, uint32_t from, uint32_t site) {
  return tree->size ? find_edge(tree, from, site)->to : NULL;
}

static int make_room_for_edge(context_tree *tree) {
  if (tree->count * 2 < tree->size) return 1;
  size_t old_size = tree->size;
  edge *old = tree->edges;
  edge *edges = calloc(old_size ? old_size * 2 : FIRST_EDGES, sizeof *edges);
  if (!edges) return 0;
  tree->edges = edges;
  tree->size = old_size ? old_size * 2 : FIRST_EDGES;
  for (size_t i = 0; i < old_size; i++)
    if (old[i].to) *find_edge(tree, old[i].from, old[i].site) = old[i];
  free(old);
  return 1;
}

/* Where there is room for one. Those to what was known before are not kept for ever: it is found again. */
static context_node *keep_edge(context_tree *tree, uint32_t from, uint32_t site, context_node *to) {
  if (tree->count >= MOST_EDGES && to->place == CONTEXT_IN_TREE && to->number < from) return to;
  edge *place = find_edge(tree, from, site);
  if (!place->to) tree->count++;
  *place = (edge){from, site, to};
  return to;
}

static int make_room_for_row(void) {
  if (rows.record && rows.taken < ROWS_PER_RECORD) return 1;
  context_node *nodes = calloc(ROWS_PER_RECORD, sizeof *nodes);
  profile_contexts_t *record =
      nodes ? profile_add_record(PROFILE_RECORD_CONTEXTS, sizeof *record + ROWS_PER_RECORD * sizeof(profile_context_t))
            : NULL;
  if (!record) {
    free(nodes);
    return 0;
  }
  record->capacity = ROWS_PER_RECORD;
  profile_publish();
  rows.record = record;
  rows.nodes = nodes; /* those before live as long as the process */
  rows.taken = 0;
  return 1;
}

static context_node *new_node(context_tree *tree, context_node *parent, uint32_t site, uint32_t kind, uint32_t label) {
  if (!make_room_for_row()) return NULL;
  profile_context_t *row = (profile_context_t *)(rows.record + 1) + rows.taken;
  context_node *node = &rows.nodes[rows.taken++];
  row->parent = parent ? parent->number : 0;
  row->site = site;
  row->kind = kind;
  row->label = label;
  rows.record->taken = rows.taken;
  *node = (context_node){.row = row, .tree = tree, .parent = parent, .last_site = PROFILE_NO_SITE, .site = site,
                         .number = ++rows.count};
  return node;
}

static context_node *new_root(context_tree *tree, uint32_t kind, uint32_t label) {
  context_node *root = new_node(tree, NULL, PROFILE_NO_SITE, kind, label);
  if (root && kind == PROFILE_CONTEXT_OTHERS) root->place = CONTEXT_IN_OTHERS;
  if (root) rows.roots++;
  return root;
}

static uint32_t root_key(uint32_t kind, uint32_t label) { return kind << 16 | label; }

static context_node *find_root(context_tree *tree, uint32_t kind, uint32_t label) {
  if (!make_room_for_edge(tree)) return NULL;
  context_node *found = find_known(tree, 0, root_key(kind, label));
  if (found) return found;
  context_node *root = new_root(tree, kind, label);
  return root ? keep_edge(tree, 0, root_key(kind, label), root) : NULL;
}

context_node *contexts_root(context_tree *tree, uint32_t kind, uint32_t label) {
  context_node *root = find_known(tree, 0, root_key(kind, label));
  if (root) return root;
  SHARED_SCOPE();
  root = find_root(tree, kind, rows.roots < PROFILE_MOST_ROOTS ? label : 0);
  return root ? root : &tree->nowhere;
}

context_node *contexts_private_root(context_tree *tree) {
  context_node *root = &private_nodes[0];
  *root = tree->nowhere;
  root->row = &private_rows[0];
  return root;
}

/* Apart from each other by their site alone: nobody asks for the chain. */
static context_node *find_private(context_tree *tree, uint32_t site) {
  if (site + 1 >= PRIVATE_NODES) return &tree->nowhere;
  context_node *node = &private_nodes[site + 1];
  if (node->tree != tree) {
    *node = tree->nowhere;
    node->row = &private_rows[site + 1];
  }
  return node;
}

/* The same operation in the chain that ends with `node`. */
static context_node *find_in_chain(context_node *node, uint32_t site) {
  while (node && node->site != site) node = node->parent;
  return node;
}

/* The child that is there, or is to be, under the lock. */
static context_node *make_child(context_node *parent, uint32_t site) {
  context_tree *tree = parent->tree;
  context_node *child = find_in_chain(parent, site);
  if (child) return keep_edge(tree, parent->number, site, child);
  if (parent->place == CONTEXT_IN_TREE && rows.count >= PROFILE_MOST_CONTEXTS) return NULL;
  child = new_node(tree, parent, site, PROFILE_CONTEXT_OPERATION, 0);
  if (!child) return NULL;
  child->place = parent->place;
  return keep_edge(tree, parent->number, site, child);
}

static context_node *find_child(context_node *parent, uint32_t site) {
  context_node *child = find_known(parent->tree, parent->number, site);
  return child || !make_room_for_edge(parent->tree) ? child : make_child(parent, site);
}

/* One for each site: their chains are not told apart. */
static context_node *find_other(context_tree *tree, uint32_t site) {
  context_node *others = find_root(tree, PROFILE_CONTEXT_OTHERS, 0);
  return others ? find_child(others, site) : NULL;
}

static context_node *find_missing(context_node *parent, uint32_t site) {
  SHARED_SCOPE();
  context_node *child = NULL;
  if (parent->place == CONTEXT_IN_TREE) child = find_child(parent, site);
  if (!child && parent != &parent->tree->nowhere) child = find_other(parent->tree, site);
  if (child) return child;
  profile_head()->unrecorded_contexts++;
  return &parent->tree->nowhere;
}

/* In this order also for a fork that happens on another thread: its child may use the tree. */
static void remember(context_node *parent, uint32_t site, context_node *child) {
  __atomic_store_n(&parent->last_site, PROFILE_NO_SITE, __ATOMIC_RELEASE);
  __atomic_store_n(&parent->last_child, child, __ATOMIC_RELEASE);
  __atomic_store_n(&parent->last_site, site, __ATOMIC_RELEASE);
}

context_node *contexts_find(context_node *parent, uint32_t site) {
  context_tree *tree = parent->tree;
  context_node *child = NULL;
  if (parent->place == CONTEXT_IN_TREE) child = find_known(tree, parent->number, site);
  else if (parent->place == CONTEXT_PRIVATE && parent != &tree->nowhere) child = find_private(tree, site);
  if (!child) child = find_missing(parent, site);
  if (child != &tree->nowhere) remember(parent, site, child);
  return child;
}

static context_node *find_same(context_tree *tree, const context_node *node) {
  if (!node->parent) return contexts_root(tree, node->row->kind, node->row->label);
  return contexts_find(contexts_in(tree, node->parent), node->site);
}

context_node *contexts_in(context_tree *tree, context_node *node) {
  if (node->tree == tree) return node;
  if (node->place == CONTEXT_PRIVATE) return &tree->nowhere;
  context_node *same = find_known(tree, node->number, PROFILE_NO_SITE);
  if (same) return same;
  same = find_same(tree, node);
  SHARED_SCOPE();
  if (same != &tree->nowhere && make_room_for_edge(tree)) keep_edge(tree, node->number, PROFILE_NO_SITE, same);
  return same;
}
