#define _GNU_SOURCE
#include "process_facts.h"

#include <string.h>
#include <unistd.h>

#include "profile_file.h"
#include "python_abi.h"

enum { ROOM = 32 << 10 };

typedef struct {
  uint32_t count;
  size_t length;
  char bytes[ROOM]; /* a long command line is cut, never refused */
} facts;

static void add_text(facts *f, const char *text, size_t length) {
  uint32_t n = (uint32_t)length;
  memcpy(f->bytes + f->length, &n, sizeof n);
  memcpy(f->bytes + f->length + sizeof n, text, length);
  f->length += sizeof n + length;
}

static void add(facts *f, const char *key, const char *value, size_t length) {
  size_t key_length = strlen(key);
  if (f->length + key_length + length + 8 > ROOM) return;
  add_text(f, key, key_length);
  add_text(f, value, length);
  f->count++;
}

static void add_string(facts *f, const char *key, PyObject *string) {
  PyObject *bytes = string ? PyUnicode_AsEncodedString(string, "utf-8", "surrogateescape") : NULL;
  char *text;
  Py_ssize_t length;
  if (bytes && PyBytes_AsStringAndSize(bytes, &text, &length) == 0) add(f, key, text, (size_t)length);
  if (bytes) Py_DecRef(bytes);
  PyErr_Clear();
}

static void add_arguments(facts *f) {
  PyObject *list = PySys_GetObject("orig_argv");
  if (!list) list = PySys_GetObject("argv");
  Py_ssize_t n = list ? PySequence_Size(list) : 0;
  for (Py_ssize_t i = 0; i < n; i++) {
    PyObject *item = PySequence_GetItem(list, i);
    add_string(f, "argument", item);
    if (item) Py_DecRef(item);
  }
  PyErr_Clear();
}

int process_open_profile(long hexversion) {
  static facts f;
  char text[4096];
  if (getcwd(text, sizeof text)) add(&f, "cwd", text, strlen(text));
  if (gethostname(text, 256) == 0) add(&f, "host", text, strnlen(text, 255));
  add_string(&f, "executable", PySys_GetObject("executable"));
  add_string(&f, "python", PySys_GetObject("version"));
  add_arguments(&f);
  profile_process_facts result = {(uint32_t)hexversion, f.count, f.bytes, f.length};
  return profile_open(&result);
}
