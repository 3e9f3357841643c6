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

static void look_for_words(const char* answer, void* user) {
  int* good = user;
  *good = strstr(answer, "must be a JSON object") != NULL;
}

/* What is refused is answered before the call returns. */
static int answers_at_once(ratchet_runtime* lab) {
  int good = 0;
  ratchet_pending_call* call =
      ratchet_start_call(lab, "autoresearch_run", "[]", look_for_words, &good);
  ratchet_cancel_call(call);
  ratchet_free_call(call);
  ratchet_cancel_call(NULL);
  ratchet_free_call(NULL);
  return good && call != NULL &&
         ratchet_start_call(NULL, "autoresearch_run", "{}", look_for_words, &good) == NULL;
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
    good &= answers_at_once(labs[i]);
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
