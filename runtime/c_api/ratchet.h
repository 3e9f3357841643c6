/* SPDX-License-Identifier: MIT */
/*
 * Ratchet for programs in any language: JSON in, JSON out, plain C.
 *
 *   ratchet_runtime *lab = NULL;
 *   char *error = NULL;
 *   if (ratchet_open("{\"state_dir\": \"/var/lib/lab\"}", &lab, &error) != 0) …  (error says why)
 *   char *answer = ratchet_call(lab, "get_autoresearch_status", "{}");
 *   …
 *   ratchet_free(answer);
 *   ratchet_close(lab);
 *
 * Text is UTF-8 and ends with a zero byte. What a function returns as `char *` is the caller's and
 * is given back with ratchet_free. No function throws, installs a signal handler or keeps anything
 * outside its runtime, so that a process may hold several. Every function may be called from any
 * thread; ratchet_close must be the last call with its runtime.
 *
 * The tools, their arguments and answers are those of `ratchet tools`.
 */
#ifndef RATCHET_H
#define RATCHET_H

#ifdef __cplusplus
extern "C" {
#endif

#if defined(__GNUC__)
#define RATCHET_API __attribute__((visibility("default")))
#else
#define RATCHET_API
#endif

/* Grows by one when a function changes or goes; functions that are added leave it as it is. */
#define RATCHET_ABI_VERSION 1

typedef struct ratchet_runtime ratchet_runtime;
typedef struct ratchet_subscription ratchet_subscription;
typedef struct ratchet_pending_call ratchet_pending_call;

/* The ABI of the library that is loaded: compare it with RATCHET_ABI_VERSION. */
RATCHET_API int ratchet_abi_version(void);
/* "0.1.0"; not to be freed. */
RATCHET_API const char *ratchet_version(void);

/*
 * Opens a runtime. `options` is a JSON object or NULL:
 *   state_dir  where sessions, store and reports live; default as for the program `ratchet`
 *   slots      experiments side by side, 1 to 1024; default half the cores
 *   launcher   path of ratchet-launcher; default: found beside this library's installation
 * 0: `*opened` is the runtime. Else `*error`, if `error` is not NULL, is {"error", "code", …}.
 */
RATCHET_API int ratchet_open(const char *options, ratchet_runtime **opened, char **error);

/*
 * Calls a tool with a JSON object of arguments (NULL: none) and waits for the answer, which is
 * always a JSON object; an error has "error" and "code". `wait_ms` in the arguments bounds the wait.
 */
RATCHET_API char *ratchet_call(ratchet_runtime *runtime, const char *tool, const char *arguments);

/*
 * The same without waiting, for hosts with an event loop: `answered` is called exactly once with
 * the answer, from a thread of the runtime or, when the arguments are refused, from this call. The
 * text lasts as long as the callback, which must not block. NULL, and no answer, when runtime, tool
 * or answered is NULL or memory has run out.
 */
typedef void (*ratchet_answered)(const char *answer, void *user);
RATCHET_API ratchet_pending_call *ratchet_start_call(ratchet_runtime *runtime, const char *tool,
                                                     const char *arguments,
                                                     ratchet_answered answered, void *user);
/*
 * Ends the step that this call has begun, at any moment, a setup too: it is undone and the answer
 * has the code "cancelled". Nothing happens when it is answered, or has begun no step.
 */
RATCHET_API void ratchet_cancel_call(ratchet_pending_call *call);
/* Lets go of the call, answered or not; before ratchet_close. What it has begun goes on. */
RATCHET_API void ratchet_free_call(ratchet_pending_call *call);

/* The tools with JSON Schemas of arguments and answers: {"tools": […]}. */
RATCHET_API char *ratchet_tools(void);

/*
 * Ends the step at work in a session: it is undone, and whoever waits for it is answered with the
 * code "cancelled". Nothing happens when none is at work.
 */
RATCHET_API void ratchet_cancel(ratchet_runtime *runtime, const char *session_id);

/*
 * Calls `deliver` with every event as a CloudEvents 1.0 object, in order, one at a time, from a
 * thread of the runtime; a slow callback delays only itself. `filter` is a JSON object or NULL:
 *   topics      list of patterns, `*` matches anything; default all
 *   session_id  only this session's; default every session's
 *   after_seq   the event seen last; 0 is everything; -1, the default, is from now on
 * NULL when the filter is none, or the runtime has ended.
 */
typedef void (*ratchet_deliver)(const char *event, void *user);
RATCHET_API ratchet_subscription *ratchet_subscribe(ratchet_runtime *runtime, const char *filter,
                                                    ratchet_deliver deliver, void *user);
/* After it has returned, the callback is not called again. May be called from the callback. */
RATCHET_API void ratchet_unsubscribe(ratchet_subscription *subscription);

/*
 * Ends the runtime: steps at work are cancelled and undone. At most 15 seconds. Unsubscribe before.
 */
RATCHET_API void ratchet_close(ratchet_runtime *runtime);

RATCHET_API void ratchet_free(char *text);

#ifdef __cplusplus
}
#endif

#endif
