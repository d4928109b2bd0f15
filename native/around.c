#include "around.h"

#include <stdlib.h>
#include <string.h>

#include "python_frame.h"
#include "windows.h"

typedef python_frame frame;

enum {
  FRAMES = 512, /* that are looked at, the innermost */
  SLOTS = 4096,
  UNIT = 2 /* bytes of a code unit */
};

/* Where a site's instruction lies in the original body, its caches with it; code units. */
typedef struct {
  uint32_t first, end;
} stretch;

typedef struct entry {
  struct entry *next;
  PyObject *code; /* not held: it may be gone, and another have its place */
  PyObject *consts;
  uint32_t first_const, count;
  probe_object *probes;
  stretch originals[];
} entry;

static entry *slots[SLOTS];
static PyObject *name_consts;

static entry **slot_of(const PyObject *code) { return &slots[((uintptr_t)code >> 5) * 0x9E3779B1u % SLOTS]; }

static PyObject *consts_of(PyObject *code) {
  if (!name_consts) name_consts = PyUnicode_InternFromString("co_consts");
  PyObject *consts = name_consts ? PyObject_GetAttr(code, name_consts) : NULL;
  if (consts) Py_DecRef(consts);
  else PyErr_Clear();
  return consts;
}

/* Caches follow their instruction as zeroes, of which no version makes instructions. */
static uint32_t end_of(const uint8_t *code, size_t units, uint32_t at) {
  uint32_t end = at + 1;
  while (end < units && code[(size_t)end * UNIT] == 0) end++;
  return end;
}

static void fill(entry *new, const site_table *table, uint32_t first_site, PyObject *bytes) {
  char *text = NULL;
  Py_ssize_t length = 0;
  if (!bytes || PyBytes_AsStringAndSize(bytes, &text, &length) != 0) PyErr_Clear();
  for (uint32_t i = 0; i < new->count; i++) {
    uint32_t at = site_table_get_original(table, first_site + i);
    new->originals[i] = (stretch){at, end_of((const uint8_t *)text, (size_t)length / UNIT, at)};
  }
}

/* Takes the place of another that was known for the same object. */
static void put(entry *new) {
  entry **slot = slot_of(new->code);
  for (entry **old = slot; *old; old = &(*old)->next) {
    if ((*old)->code != new->code) continue;
    entry *gone = *old;
    *old = gone->next;
    free(gone);
    break;
  }
  new->next = *slot;
  *slot = new;
}

void around_add_code(PyObject *code, const site_table *table, uint32_t record, probe_object *probes) {
  site_table_code described = site_table_get_code(table, record);
  if (!described.is_sampled || described.site_count == 0) return;
  entry *new = malloc(sizeof *new + described.site_count * sizeof new->originals[0]);
  if (!new) return;
  *new = (entry){NULL, code, consts_of(code), described.first_const, described.site_count, probes + described.first_site};
  PyObject *bytes = PyObject_GetAttrString(code, "co_code");
  fill(new, table, described.first_site, bytes);
  if (bytes) Py_DecRef(bytes);
  else PyErr_Clear();
  put(new);
}

/* The code is this one, and not another in its place, if it has the constants. */
static const entry *find(PyObject *code) {
  for (const entry *e = *slot_of(code); e; e = e->next)
    if (e->code == code)
      return consts_of(code) == e->consts && PyTuple_GetItem(e->consts, e->first_const) == &e->probes[0].ob_base ? e : NULL;
  return NULL;
}

/* The site whose instruction in the original body is at `at` (bytes); NULL where that is none. */
static recorder_site *site_at(const entry *e, int at) {
  uint32_t unit = (uint32_t)at / UNIT, low = 0, high = e->count;
  while (low < high) {
    uint32_t middle = (low + high) / 2;
    if (e->originals[middle].first <= unit) low = middle + 1;
    else high = middle;
  }
  return at >= 0 && low > 0 && unit < e->originals[low - 1].end ? &e->probes[low - 1].site : NULL;
}

static int has_site(const entry *e, const recorder_site *site) {
  const char *first = (const char *)&e->probes[0].site, *last = (const char *)&e->probes[e->count - 1].site;
  return site && (const char *)site >= first && (const char *)site <= last;
}

/* ---- frames */

typedef struct {
  recorder_site *site; /* that the original body is in */
  int is_timed;        /* the copy is, in that site */
} place;

/* What a frame is in; `top` is the innermost operation that is timed. */
static place place_in(frame *f, const recorder_site *top) {
  place found = {NULL, 0};
  PyObject *code = python_frame_code(f);
  const entry *e = code ? find(code) : NULL;
  if (e) found.site = site_at(e, python_frame_lasti(f));
  if (e && !found.site) found.is_timed = has_site(e, top);
  if (code) Py_DecRef(code);
  return found;
}

/* ---- the stack */

static int is_same(const recorder_around *around, frame *here, frame *caller, int caller_at) {
  return around->frame == here && around->caller == caller && around->caller_at == caller_at;
}

/* Gives what the sites are that the frames from `caller` on are in, innermost first, and the innermost of all. */
static uint32_t look_back(frame *caller, recorder_site *top, recorder_site **sites, recorder_site **innermost) {
  uint32_t count = 0;
  int is_known = 0;
  frame *f = caller;
  if (f) Py_IncRef((PyObject *)f);
  for (int depth = 0; f && depth < FRAMES; depth++) {
    place found = place_in(f, top);
    if (!is_known && (found.site || found.is_timed)) {
      *innermost = found.site ? found.site : top;
      is_known = 1;
    }
    if (found.site) sites[count++] = found.site;
    frame *next = python_frame_back(f);
    python_frame_drop(f);
    f = next;
  }
  python_frame_drop(f);
  return count;
}

static void note_open(recorder_site *const *sites, uint32_t count, uint64_t window_start) {
  static uint64_t latest;
  if (latest == window_start || !windows_is_first_passage()) return;
  latest = window_start;
  for (uint32_t i = 0; i < count; i++) {
    uint32_t k = 0;
    while (k < i && sites[k] != sites[i]) k++;
    if (k == i) windows_open(recorder_number(sites[i]));
  }
}

static void enter(frame *here, frame *caller, int caller_at, recorder_site *top, uint64_t window_start) {
  recorder_site *sites[FRAMES], *innermost = NULL;
  uint32_t count = look_back(caller, top, sites, &innermost);
  note_open(sites, count, window_start);
  recorder_around *around = malloc(sizeof *around + count * sizeof *sites);
  if (!around) return;
  profile_window_site_t *sums = innermost ? windows_sums(recorder_number(innermost)) : NULL;
  if (innermost) windows_touch(innermost);
  *around = (recorder_around){sums ? &sums->orphans : NULL, here, caller, caller_at, count};
  memcpy(around->open, sites, count * sizeof *sites);
  recorder_enter_around(around);
}

static void look(uint64_t window_start) {
  frame *here = PyEval_GetFrame();
  if (!here) return;
  frame *caller = python_frame_back(here);
  int caller_at = caller ? python_frame_lasti(caller) : -1;
  const recorder_around *known = recorder_top_around();
  if (!known || !is_same(known, here, caller, caller_at)) {
    if (known) recorder_leave_around();
    uint64_t start;
    recorder_site *top = recorder_top(&start);
    if (!top || start < window_start) enter(here, caller, caller_at, top, window_start);
  }
  python_frame_drop(caller);
}

void around_look(uint64_t window_start) {
  uint64_t top_start, before = clock_now();
  recorder_site *top = recorder_top(&top_start);
  if (top && !recorder_top_around() && top_start >= window_start) return;
  if (!recorder_ready()) return;
  PyObject *type, *value, *traceback;
  PyErr_Fetch(&type, &value, &traceback);
  look(window_start);
  PyErr_Restore(type, value, traceback);
  windows_spend(clock_now() - before);
}
