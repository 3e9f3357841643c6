/* SPDX-License-Identifier: MIT */
/* As much of ratchet.h as pool.mjs needs; a runtime is a BigInt, so that workers can share it. */
#include <node_api.h>
#include <ratchet.h>
#include <stdint.h>

static ratchet_runtime *runtime_in(napi_env env, napi_value value) {
  uint64_t bits = 0;
  bool whole = false;
  napi_get_value_bigint_uint64(env, value, &bits, &whole);
  return (ratchet_runtime *)(uintptr_t)bits;
}

static napi_value open_runtime(napi_env env, napi_callback_info info) {
  size_t count = 1, length = 0;
  napi_value options, result;
  char text[4096];
  ratchet_runtime *lab = NULL;
  char *error = NULL;
  napi_get_cb_info(env, info, &count, &options, NULL, NULL);
  napi_get_value_string_utf8(env, options, text, sizeof text, &length);
  if (ratchet_open(text, &lab, &error) != 0) napi_throw_error(env, NULL, error);
  ratchet_free(error);
  napi_create_bigint_uint64(env, (uint64_t)(uintptr_t)lab, &result);
  return result;
}

static napi_value status(napi_env env, napi_callback_info info) {
  size_t count = 1;
  napi_value lab, result;
  napi_get_cb_info(env, info, &count, &lab, NULL, NULL);
  char *answer = ratchet_call(runtime_in(env, lab), "get_autoresearch_status", "{}");
  napi_create_string_utf8(env, answer, NAPI_AUTO_LENGTH, &result);
  ratchet_free(answer);
  return result;
}

static napi_value close_runtime(napi_env env, napi_callback_info info) {
  size_t count = 1;
  napi_value lab;
  napi_get_cb_info(env, info, &count, &lab, NULL, NULL);
  ratchet_close(runtime_in(env, lab));
  return NULL;
}

NAPI_MODULE_INIT() {
  napi_property_descriptor all[] = {
      {"open", NULL, open_runtime, NULL, NULL, NULL, napi_enumerable, NULL},
      {"status", NULL, status, NULL, NULL, NULL, napi_enumerable, NULL},
      {"close", NULL, close_runtime, NULL, NULL, NULL, napi_enumerable, NULL},
  };
  napi_define_properties(env, exports, sizeof all / sizeof all[0], all);
  return exports;
}
