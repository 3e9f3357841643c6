// SPDX-License-Identifier: MIT
#include "runtime/llm/retry.hpp"

#include <doctest/doctest.h>

#include "tests/support/text.hpp"

using namespace ratchet;
using ratchet::testing::contains;

namespace {

call_verdict judged(int status, const chat_error& error = {},
                    std::map<std::string, std::string> headers = {}) {
  http_outcome o;
  o.status = status;
  o.headers = std::move(headers);
  return judge_failure(o, error);
}

call_verdict ended(http_end end) {
  http_outcome o;
  o.end = end;
  o.error = "words";
  return judge_failure(o, {});
}

}  // namespace

TEST_CASE("only what may work in a moment is tried again") {
  for (int status : {408, 409, 425, 429, 500, 502, 503, 504, 529})
    CHECK(judged(status).kind == call_failure::transient);
  for (int status : {301, 400, 401, 403, 404, 405, 413, 422, 501})
    CHECK(judged(status).kind == call_failure::final);
  CHECK(contains(judged(401).what, "api_key_env"));
  CHECK(contains(judged(404).what, "base_url"));
  CHECK(contains(judged(302).what, "redirects"));
  CHECK(judged(400, {}, {{"x-should-retry", "true"}}).kind == call_failure::transient);
  CHECK(judged(500, {}, {{"x-should-retry", "false"}}).kind == call_failure::final);
  for (auto end : {http_end::unreachable, http_end::cut, http_end::idle})
    CHECK(ended(end).kind == call_failure::transient);
  for (auto end : {http_end::untrusted, http_end::timed_out, http_end::too_long})
    CHECK(ended(end).kind == call_failure::final);
  CHECK(ended(http_end::cancelled).kind == call_failure::cancelled);
}

TEST_CASE("an error inside an answer is judged by its kind") {
  CHECK(judged(200, {"overloaded_error", "", "Overloaded"}).kind == call_failure::transient);
  CHECK(judged(200, {"", "rate_limit_exceeded", ""}).kind == call_failure::transient);
  CHECK(judged(200, {"", "", "boom"}).kind == call_failure::transient);
  CHECK(judged(200, {"invalid_request_error", "", "no"}).kind == call_failure::final);
  CHECK(contains(judged(400, {"invalid_request_error", "context_length_exceeded", ""}).what,
                 "max_prompt_tokens"));
}

TEST_CASE("a quota that is used up is final, however it is told") {
  CHECK(judged(429, {"insufficient_quota", "insufficient_quota", ""}).kind == call_failure::quota);
  CHECK(judged(429, {"", "", "You exceeded your current quota, please"}).kind ==
        call_failure::quota);
  CHECK(judged(400, {"invalid_request_error", "", "Your credit balance is too low"}).kind ==
        call_failure::quota);
  CHECK(judged(402).kind == call_failure::quota);
  CHECK(judged(403, {"billing_not_active", "", ""}).kind == call_failure::quota);
  CHECK(contains(judged(402).what, "top it up"));
  CHECK(judged(429, {"rate_limit_error", "", "slow down"}).kind == call_failure::transient);
}

TEST_CASE("the wait a server asks for is taken over, also in milliseconds") {
  http_outcome o;
  o.status = 429;
  o.retry_after_s = 7;
  CHECK(judge_failure(o, {}).retry_after_s == 7);
  CHECK(judged(429, {}, {{"retry-after-ms", "250"}}).retry_after_s == 0.25);
  CHECK_FALSE(judged(429, {}, {{"retry-after-ms", "soon"}}).retry_after_s);
}

TEST_CASE("pauses double, are spread, and end with the tries or the time") {
  retry_policy p{4, 1, 5, 100};
  CHECK(pause_before(1, 0, {}, 0, p) == 0.5);
  CHECK(*pause_before(1, 0, {}, 0.999, p) < 1);
  CHECK(pause_before(3, 0, {}, 0, p) == 2);
  CHECK(*pause_before(4, 0, {}, 0.999, p) <= 5);
  CHECK_FALSE(pause_before(5, 0, {}, 0, p));
  CHECK(pause_before(1, 0, 20, 0, p) == 20);
  CHECK(*pause_before(1, 0, 20, 0.5, p) == doctest::Approx(21));
  CHECK_FALSE(pause_before(1, 90, 20, 0, p));
  CHECK_FALSE(pause_before(1, 0, 3600, 0, p));
  CHECK_FALSE(pause_before(1, 0, {}, 0, retry_policy{0, 1, 5, 100}));
}
