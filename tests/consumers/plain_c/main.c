/* SPDX-License-Identifier: MIT */
/* A program in plain C with two runtimes at once: main STATE_DIR_1 STATE_DIR_2. */
#include <ratchet.h>
#include <stdio.h>
#include <string.h>

static int refused(const char* options, const char* word) {
  ratchet_runtime* none = NULL;
  char* error = NULL;
  int failed = ratchet_open(options, &none, &error) != 0 && none == NULL && error != NULL &&
               strstr(error, word) != NULL;
  if (!failed) fprintf(stderr, "not refused for %s: %s\n", word, options);
  ratchet_free(error);
  return failed;
}

static int answers(ratchet_runtime* lab, const char* tool, const char* arguments,
                   const char* word) {
  char* answer = ratchet_call(lab, tool, arguments);
  int good = answer != NULL && strstr(answer, word) != NULL;
  if (!good) fprintf(stderr, "%s: no %s in %s\n", tool, word, answer ? answer : "nothing");
  ratchet_free(answer);
  return good;
}

int main(int argc, char** argv) {
  ratchet_runtime* labs[2] = {NULL, NULL};
  if (argc != 3 || ratchet_abi_version() != RATCHET_ABI_VERSION) return 1;
  for (int i = 0; i < 2; ++i) {
    char options[4096];
    char* error = NULL;
    snprintf(options, sizeof options, "{\"state_dir\": \"%s\", \"slots\": 1}", argv[i + 1]);
    if (ratchet_open(options, &labs[i], &error) != 0) {
      fprintf(stderr, "%s\n", error);
      return 1;
    }
  }
  int good = 1;
  for (int i = 0; i < 2; ++i) {
    good &= answers(labs[i], "get_autoresearch_status", NULL, "active_sessions");
    good &= answers(labs[i], "autoresearch_run", "{\"session_id\": \"ffffffffffff\"}",
                    "unknown_session");
    good &= answers(labs[i], "autoresearch_fly", "{}", "no tool");
    good &= answers(labs[i], "autoresearch_run", "[]", "must be a JSON object");
  }
  good &= answers(NULL, "get_autoresearch_status", "{}", "must not be NULL");
  good &= refused("[]", "JSON object");
  good &= refused("{\"slots\": 0}", "slots");
  good &= refused("{\"stat_dir\": \"/tmp\"}", "state_dir");
  good &= refused("{\"state_dir\": \"/proc/nothing\"}", "/proc/nothing");
  for (int i = 0; i < 2; ++i) ratchet_close(labs[i]);
  if (good) printf("plain C: ok, ratchet %s\n", ratchet_version());
  return good ? 0 : 1;
}
