/* SPDX-License-Identifier: MIT */
/*
 * Ratchet as a native module of Node: texts in, texts out; side_by_side.mjs makes objects of them.
 *
 * gcc -shared -fPIC -I/usr/include/node addon.c -o addon.node $(pkg-config --cflags --libs ratchet)
 *
 * A call waits for its answer on a thread of libuv's pool, which has four for all that Node does in
 * it: set UV_THREADPOOL_SIZE to more than the calls that are to go side by side. (Programs with
 * many of them have ratchet_start_call, which needs no thread.)
 */
#include <node_api.h>
#include <ratchet.h>
#include <stdlib.h>
#include <string.h>

/* The arguments of a function that is called with so many. */
static void arguments_of(napi_env env, napi_callback_info info, size_t count, napi_value *values) {
  napi_get_cb_info(env, info, &count, values, NULL, NULL);
}

/* A copy that is freed by whoever asked for it; NULL, and an exception, for what is no text. */
static char *text_of(napi_env env, napi_value value) {
  size_t length = 0;
  if (napi_get_value_string_utf8(env, value, NULL, 0, &length) != napi_ok) {
    napi_throw_type_error(env, NULL, "a text was expected");
    return NULL;
  }
  char *text = malloc(length + 1);
  if (text) napi_get_value_string_utf8(env, value, text, length + 1, &length);
  return text;
}

static void *pointer_in(napi_env env, napi_value external) {
  void *pointer = NULL;
  if (napi_get_value_external(env, external, &pointer) != napi_ok)
    napi_throw_type_error(env, NULL, "what open or subscribe has returned was expected");
  return pointer;
}

static napi_value text_value(napi_env env, const char *text) {
  napi_value value;
  napi_create_string_utf8(env, text ? text : "", NAPI_AUTO_LENGTH, &value);
  return value;
}

/* open(options): a runtime. What is refused is thrown, with the error answer as its message. */
static napi_value open_runtime(napi_env env, napi_callback_info info) {
  napi_value options, opened = NULL;
  ratchet_runtime *lab = NULL;
  char *error = NULL;
  arguments_of(env, info, 1, &options);
  char *text = text_of(env, options);
  if (!text) return NULL;
  if (ratchet_open(text, &lab, &error) != 0)
    napi_throw_error(env, NULL, error ? error : "ratchet_open has failed");
  else
    napi_create_external(env, lab, NULL, NULL, &opened);
  ratchet_free(error);
  free(text);
  return opened;
}

/* What a thread of the pool does: a call, or without a tool the end of the runtime. */
struct job {
  ratchet_runtime *lab;
  char *tool, *arguments, *answer;
  napi_deferred promise;
  napi_async_work work;
};

static void do_job(napi_env env, void *data) {
  struct job *job = data;
  (void)env;
  if (job->tool)
    job->answer = ratchet_call(job->lab, job->tool, job->arguments);
  else
    ratchet_close(job->lab);
}

static void tell_answer(napi_env env, napi_status status, void *data) {
  struct job *job = data;
  (void)status;
  napi_resolve_deferred(env, job->promise, text_value(env, job->answer));
  napi_delete_async_work(env, job->work);
  ratchet_free(job->answer);
  free(job->tool);
  free(job->arguments);
  free(job);
}

static napi_value begin(napi_env env, struct job wanted) {
  napi_value promise, name = text_value(env, "ratchet");
  struct job *job = malloc(sizeof *job);
  if (!job) abort();
  *job = wanted;
  napi_create_promise(env, &job->promise, &promise);
  napi_create_async_work(env, NULL, name, do_job, tell_answer, job, &job->work);
  napi_queue_async_work(env, job->work);
  return promise;
}

/* call(runtime, tool, arguments): the promise of an answer. */
static napi_value call(napi_env env, napi_callback_info info) {
  napi_value given[3];
  arguments_of(env, info, 3, given);
  struct job job = {.lab = pointer_in(env, given[0])};
  if (!job.lab || !(job.tool = text_of(env, given[1]))) return NULL;
  if ((job.arguments = text_of(env, given[2]))) return begin(env, job);
  free(job.tool);
  return NULL;
}

/* close(runtime): a promise that it has ended. For when all other calls have been answered. */
static napi_value close_runtime(napi_env env, napi_callback_info info) {
  napi_value lab;
  arguments_of(env, info, 1, &lab);
  struct job job = {.lab = pointer_in(env, lab)};
  return job.lab ? begin(env, job) : NULL;
}

/* cancel(runtime, session_id) */
static napi_value cancel(napi_env env, napi_callback_info info) {
  napi_value given[2];
  arguments_of(env, info, 2, given);
  ratchet_runtime *lab = pointer_in(env, given[0]);
  char *session_id = lab ? text_of(env, given[1]) : NULL;
  if (session_id) ratchet_cancel(lab, session_id);
  free(session_id);
  return NULL;
}

struct listener {
  napi_threadsafe_function function;
  ratchet_subscription *subscription;
};

/* On a thread of the runtime, which does not wait for JavaScript. */
static void deliver(const char *event, void *user) {
  napi_threadsafe_function function = ((struct listener *)user)->function;
  char *copy = strdup(event);
  if (napi_call_threadsafe_function(function, copy, napi_tsfn_nonblocking) != napi_ok) free(copy);
}

/* On Node's; without an environment Node is about to end. */
static void call_listener(napi_env env, napi_value function, void *context, void *event) {
  napi_value nobody, text;
  (void)context;
  if (env) {
    text = text_value(env, event);
    napi_get_undefined(env, &nobody);
    napi_call_function(env, nobody, function, 1, &text, NULL);
  }
  free(event);
}

/* subscribe(runtime, filter, function): what unsubscribe takes. */
static napi_value subscribe(napi_env env, napi_callback_info info) {
  napi_value given[3], token, name = text_value(env, "ratchet");
  arguments_of(env, info, 3, given);
  ratchet_runtime *lab = pointer_in(env, given[0]);
  char *filter = lab ? text_of(env, given[1]) : NULL;
  struct listener *listener = filter ? calloc(1, sizeof *listener) : NULL;
  if (!listener) return NULL;
  napi_create_threadsafe_function(env, given[2], NULL, name, 0, 1, NULL, NULL, NULL, call_listener,
                                  &listener->function);
  listener->subscription = ratchet_subscribe(lab, filter, deliver, listener);
  free(filter);
  if (listener->subscription && napi_create_external(env, listener, NULL, NULL, &token) == napi_ok)
    return token;
  napi_release_threadsafe_function(listener->function, napi_tsfn_abort);
  free(listener);
  napi_throw_error(env, NULL, "the filter takes topics, session_id and after_seq, nothing else");
  return NULL;
}

/* unsubscribe(what subscribe has returned), once: the function is not called again. */
static napi_value unsubscribe(napi_env env, napi_callback_info info) {
  napi_value token;
  arguments_of(env, info, 1, &token);
  struct listener *listener = pointer_in(env, token);
  if (!listener) return NULL;
  ratchet_unsubscribe(listener->subscription);
  napi_release_threadsafe_function(listener->function, napi_tsfn_abort);
  free(listener);
  return NULL;
}

NAPI_MODULE_INIT() {
  napi_property_descriptor all[] = {
      {"open", NULL, open_runtime, NULL, NULL, NULL, napi_enumerable, NULL},
      {"call", NULL, call, NULL, NULL, NULL, napi_enumerable, NULL},
      {"cancel", NULL, cancel, NULL, NULL, NULL, napi_enumerable, NULL},
      {"subscribe", NULL, subscribe, NULL, NULL, NULL, napi_enumerable, NULL},
      {"unsubscribe", NULL, unsubscribe, NULL, NULL, NULL, napi_enumerable, NULL},
      {"close", NULL, close_runtime, NULL, NULL, NULL, napi_enumerable, NULL},
  };
  napi_define_properties(env, exports, sizeof all / sizeof all[0], all);
  return exports;
}
