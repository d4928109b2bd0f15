#define _GNU_SOURCE
#include "profile_place.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "profile_file.h"

static char pattern[PROFILE_PLACE_MAX]; /* absolute; %p stands for the process id, %% for % */

static int is_folder(const char *path) {
  struct stat st;
  return stat(path, &st) == 0 && S_ISDIR(st.st_mode);
}

static int has_pid(const char *text) {
  for (const char *p = text; (p = strchr(p, '%')); p += p[1] ? 2 : 1)
    if (p[1] == 'p') return 1;
  return 0;
}

/* Copies, so that the text stands for itself in the pattern. */
static size_t escape(char *out, size_t size, const char *text) {
  size_t n = 0;
  for (; *text && n + 2 < size; text++) {
    out[n++] = *text;
    if (*text == '%') out[n++] = '%';
  }
  out[n] = 0;
  return n;
}

/* A name without %p gets "-%p" before its extension: each process has its own file. */
static void append_name(char *out, size_t size, const char *name) {
  const char *slash = strrchr(name, '/');
  const char *base = slash ? slash + 1 : name;
  const char *dot = strrchr(base, '.');
  size_t stem = dot && dot != base ? (size_t)(dot - name) : strlen(name);
  snprintf(out, size, "%.*s-%%p%s", (int)stem, name, name + stem);
}

void profile_choose_place(void) {
  const char *wish = getenv("PYREWRITE_OUT");
  char cwd[PROFILE_PLACE_MAX];
  size_t n = 0;
  if (!wish) wish = "";
  if (wish[0] != '/' && getcwd(cwd, sizeof cwd)) {
    n = escape(pattern, sizeof pattern - 1, cwd);
    pattern[n++] = '/';
  }
  size_t length = strlen(wish);
  if (length == 0 || wish[length - 1] == '/' || is_folder(wish)) {
    n += escape(pattern + n, sizeof pattern - n, wish);
    snprintf(pattern + n, sizeof pattern - n, "%spyrewrite-%%p.prof", length && wish[length - 1] != '/' ? "/" : "");
  } else if (has_pid(wish)) {
    snprintf(pattern + n, sizeof pattern - n, "%s", wish);
  } else {
    append_name(pattern + n, sizeof pattern - n, wish);
  }
}

int profile_place_path(char *path, size_t size, long pid, unsigned attempt) {
  size_t n = 0;
  for (const char *p = pattern; *p; p++) {
    if (n + 32 >= size) return 0;
    if (p[0] == '%' && p[1] == 'p') {
      n += (size_t)snprintf(path + n, size - n, "%ld", pid);
      if (attempt) n += (size_t)snprintf(path + n, size - n, "-%u", attempt);
      p++;
    } else {
      if (p[0] == '%' && p[1] == '%') p++;
      path[n++] = *p;
    }
  }
  path[n] = 0;
  return n > 0;
}
