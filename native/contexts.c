#include "contexts.h"

#include <stdlib.h>

enum {
  ROWS_PER_RECORD = 511, /* 32 KiB with the record's head */
  FIRST_EDGES = 1024,
  MOST_EDGES = 4 * PROFILE_MOST_CONTEXTS,
  PRIVATE_NODES = 64
};

/* From a context to the one that an operation has in it. From 0 to the roots, by their kind and name. */
typedef struct {
  uint32_t from;
  uint32_t site;
  context_node *to; /* NULL = free */
} edge;

/* Open addressing, never more than half full. */
static struct {
  edge *edges;
  size_t size; /* power of two */
  size_t count;
} known;

/* Takes the next row; what a child of fork finds behind `taken` its parent added later. */
static struct {
  profile_contexts_t *record;
  context_node *nodes; /* of its rows */
  uint32_t taken;
  uint32_t count; /* rows of all records */
  uint32_t roots;
} tree;

static profile_context_t nobodys_row;
static context_node nowhere = {.row = &nobodys_row, .last_site = PROFILE_NO_SITE, .place = CONTEXT_PRIVATE};
static profile_context_t private_rows[PRIVATE_NODES];
static context_node private_nodes[PRIVATE_NODES];

static edge *find_edge(uint32_t from, uint32_t site) {
  size_t mask = known.size - 1;
  uint64_t key = (uint64_t)from << 32 | site;
  size_t i = (size_t)(key * 0x9E3779B97F4A7C15u >> 32) & mask;
  while (known.edges[i].to && (known.edges[i].from != from || known.edges[i].site != site)) i = (i + 1) & mask;
  return &known.edges[i];
}

static int make_room_for_edge(void) {
  if (known.count * 2 < known.size) return 1;
  size_t old_size = known.size;
  edge *old = known.edges;
  edge *edges = calloc(old_size ? old_size * 2 : FIRST_EDGES, sizeof *edges);
  if (!edges) return 0;
  known.edges = edges;
  known.size = old_size ? old_size * 2 : FIRST_EDGES;
  for (size_t i = 0; i < old_size; i++)
    if (old[i].to) *find_edge(old[i].from, old[i].site) = old[i];
  free(old);
  return 1;
}

/* Folded ones are not kept for ever: they are found again. */
static context_node *keep_edge(uint32_t from, uint32_t site, context_node *to) {
  if (known.count >= MOST_EDGES && to->place == CONTEXT_IN_TREE && to->number < from) return to;
  edge *place = find_edge(from, site);
  if (!place->to) known.count++;
  *place = (edge){from, site, to};
  return to;
}

static int make_room_for_row(void) {
  if (tree.record && tree.taken < ROWS_PER_RECORD) return 1;
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
  tree.record = record;
  tree.nodes = nodes; /* those before live as long as the process */
  tree.taken = 0;
  return 1;
}

static context_node *new_node(context_node *parent, uint32_t site, uint32_t kind, uint32_t label) {
  if (!make_room_for_row()) return NULL;
  profile_context_t *row = (profile_context_t *)(tree.record + 1) + tree.taken;
  context_node *node = &tree.nodes[tree.taken++];
  row->parent = parent ? parent->number : 0;
  row->site = site;
  row->kind = kind;
  row->label = label;
  tree.record->taken = tree.taken;
  *node = (context_node){.row = row, .parent = parent, .last_site = PROFILE_NO_SITE, .site = site, .number = ++tree.count};
  return node;
}

static context_node *new_root(uint32_t kind, uint32_t label) {
  context_node *root = new_node(NULL, PROFILE_NO_SITE, kind, label);
  if (root && kind == PROFILE_CONTEXT_OTHERS) root->place = CONTEXT_IN_OTHERS;
  if (root) tree.roots++;
  return root;
}

static context_node *find_root(uint32_t kind, uint32_t label) {
  uint32_t key = kind << 16 | label;
  if (!make_room_for_edge()) return NULL;
  edge *found = find_edge(0, key);
  if (found->to) return found->to;
  context_node *root = new_root(kind, label);
  return root ? keep_edge(0, key, root) : NULL;
}

context_node *contexts_root(uint32_t kind, uint32_t label) {
  int is_known = known.size && find_edge(0, kind << 16 | label)->to;
  context_node *root = find_root(kind, is_known || tree.roots < PROFILE_MOST_ROOTS ? label : 0);
  return root ? root : &nowhere;
}

context_node *contexts_private_root(void) {
  context_node *root = &private_nodes[0];
  if (!root->row) {
    *root = nowhere;
    root->row = &private_rows[0];
  }
  return root;
}

/* Apart from each other by their site alone: nobody asks for the chain. */
static context_node *find_private(uint32_t site) {
  if (site + 1 >= PRIVATE_NODES) return &nowhere;
  context_node *node = &private_nodes[site + 1];
  if (!node->row) {
    *node = nowhere;
    node->row = &private_rows[site + 1];
  }
  return node;
}

/* The same operation in the chain that ends with `node`. */
static context_node *find_in_chain(context_node *node, uint32_t site) {
  while (node && node->site != site) node = node->parent;
  return node;
}

static context_node *find_child(context_node *parent, uint32_t site) {
  context_node *child = find_edge(parent->number, site)->to;
  if (child) return child;
  child = find_in_chain(parent, site);
  if (child) return keep_edge(parent->number, site, child);
  if (parent->place == CONTEXT_IN_TREE && tree.count >= PROFILE_MOST_CONTEXTS) return NULL;
  child = new_node(parent, site, PROFILE_CONTEXT_OPERATION, 0);
  if (!child) return NULL;
  child->place = parent->place;
  return keep_edge(parent->number, site, child);
}

/* One for each site: their chains are not told apart. */
static context_node *find_other(uint32_t site) {
  context_node *others = find_root(PROFILE_CONTEXT_OTHERS, 0);
  return others && make_room_for_edge() ? find_child(others, site) : NULL;
}

context_node *contexts_find(context_node *parent, uint32_t site) {
  if (parent == &nowhere) {
    profile_head()->unrecorded_contexts++;
    return parent;
  }
  context_node *child = NULL;
  if (parent->place == CONTEXT_PRIVATE) child = find_private(site);
  else if (parent->place == CONTEXT_IN_TREE && make_room_for_edge()) child = find_child(parent, site);
  if (!child) child = find_other(site);
  if (!child) {
    profile_head()->unrecorded_contexts++;
    return &nowhere;
  }
  parent->last_site = site;
  parent->last_child = child;
  return child;
}
