/* Where profiles go: PYREWRITE_OUT and what it means. */
#define _GNU_SOURCE
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "profile_place.h"
#include "unit.h"

static void check_name(const char *wish, const char *expected) {
  char path[PROFILE_PLACE_MAX];
  if (wish) setenv("PYREWRITE_OUT", wish, 1);
  else unsetenv("PYREWRITE_OUT");
  profile_choose_place();
  CHECK(profile_place_path(path, sizeof path, 42, 0));
  if (strcmp(path, expected) != 0) printf("%s gives %s and not %s\n", wish, path, expected);
  CHECK(strcmp(path, expected) == 0);
}

void test_places(void) {
  CHECK(mkdir("%p", 0700) == 0 && chdir("%p") == 0);
  char cwd[PROFILE_PLACE_MAX], here[PROFILE_PLACE_MAX + 64];
  CHECK(getcwd(cwd, sizeof cwd));
  snprintf(here, sizeof here, "%s/pyrewrite-42.prof", cwd);
  check_name(NULL, here);
  check_name("", here);
  check_name("/nowhere/", "/nowhere/pyrewrite-42.prof");
  check_name("/", "/pyrewrite-42.prof");
  check_name("/tmp", "/tmp/pyrewrite-42.prof");
  check_name("/nowhere/a.prof", "/nowhere/a-42.prof");
  check_name("/nowhere.d/a", "/nowhere.d/a-42");
  check_name("/nowhere/%p/100%%.x", "/nowhere/42/100%.x");
  snprintf(here, sizeof here, "%s/a-42.prof", cwd);
  check_name("a.prof", here);
  char path[PROFILE_PLACE_MAX];
  CHECK(profile_place_path(path, sizeof path, 42, 7) && strstr(path, "a-42-7.prof"));
  CHECK(!profile_place_path(path, 20, 42, 0));
  unsetenv("PYREWRITE_OUT");
  CHECK(chdir("..") == 0);
}

