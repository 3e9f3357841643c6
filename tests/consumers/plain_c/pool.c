/* SPDX-License-Identifier: MIT */
/*
 * A host whose pool of threads outlives the runtime that they have called, as those of Python, Node
 * and Java do: main STATE_DIR. Twice, since the same threads may call a second runtime.
 */
#define _POSIX_C_SOURCE 200809L
#include <pthread.h>
#include <ratchet.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

enum { threads = 4, longest_close_s = 15 };

static pthread_barrier_t begun, called;
static ratchet_runtime *lab;
static int wrong;

static void hear(const char *text, void *user) { (void)text, (void)user; }

/* Every function that may be called from any thread. */
static void call_all(void) {
  char *answer = ratchet_call(lab, "get_autoresearch_status", "{}");
  if (answer == NULL || strstr(answer, "active_sessions") == NULL) wrong = 1;
  ratchet_free(answer);
  ratchet_cancel(lab, "0123456789ab");
  ratchet_pending_call *call = ratchet_start_call(lab, "get_autoresearch_status", "{}", hear, NULL);
  ratchet_cancel_call(call);
  ratchet_free_call(call);
  ratchet_unsubscribe(ratchet_subscribe(lab, NULL, hear, NULL));
}

static void *work(void *unused) {
  for (;;) {
    pthread_barrier_wait(&begun);
    call_all();
    pthread_barrier_wait(&called);
  }
  return unused;
}

static double now_s(void) {
  struct timespec t;
  clock_gettime(CLOCK_MONOTONIC, &t);
  return (double)t.tv_sec + (double)t.tv_nsec / 1e9;
}

static int open_call_close(const char *options) {
  char *error = NULL;
  if (ratchet_open(options, &lab, &error) != 0) {
    fprintf(stderr, "%s\n", error);
    ratchet_free(error);
    return 0;
  }
  pthread_barrier_wait(&begun);
  pthread_barrier_wait(&called);
  double began = now_s();
  ratchet_close(lab);
  double took = now_s() - began;
  if (took > longest_close_s) fprintf(stderr, "ratchet_close took %.1f s\n", took);
  return took <= longest_close_s;
}

int main(int argc, char **argv) {
  char options[4096];
  if (argc != 2) return 1;
  snprintf(options, sizeof options, "{\"state_dir\": \"%s\", \"slots\": 1}", argv[1]);
  pthread_barrier_init(&begun, NULL, threads + 1);
  pthread_barrier_init(&called, NULL, threads + 1);
  for (int i = 0; i < threads; ++i) {
    pthread_t thread;
    if (pthread_create(&thread, NULL, work, NULL) != 0) return 1;
    pthread_detach(thread);
  }
  for (int i = 0; i < 2; ++i)
    if (!open_call_close(options)) return 1;
  if (wrong) return 1;
  puts("a pool of threads: ok");
  exit(0);
}
