// SPDX-License-Identifier: MIT
//
// The client's rules, played on a fake of the network.
#include "runtime/llm/chat_client.hpp"

#include <doctest/doctest.h>

#include "tests/support/chat_answers.hpp"
#include "tests/support/text.hpp"

using namespace ratchet;
using namespace ratchet::testing;

namespace {

const std::string key = "k-1234567890abcdef";

struct bench {
  bench() {
    model.model = "m1";
    model.base_url = "http://127.0.0.1:1/v1";
    model.price = token_price{1, 2, {}, {}};
    limits.retry = {3, 1, 30, 100};
  }
  chat_result ask() {
    chat_client client(http, limits, [] { return 0.0; });
    chat_request request{"system", {{"user", std::string(300, 'q')}}, 500, true};
    return client.ask(model, key, request, [this](const edit_usage&) { return affordable; }, {});
  }
  std::shared_ptr<fake_http> http = std::make_shared<fake_http>();
  chat_model model;
  chat_limits limits;
  bool affordable = true;
};

json api_error(const std::string& type, const std::string& message = "no") {
  return {{"error", {{"type", type}, {"message", message}}}};
}

}  // namespace

TEST_CASE_FIXTURE(bench, "a reply comes with its usage and cost") {
  http->answers = {{200, openai_stream("the edit")}};
  auto r = ask();
  REQUIRE(r.answered);
  CHECK(r.text == "the edit");
  CHECK(r.finish == chat_finish::stop);
  CHECK(r.usage.calls == 1);
  CHECK(r.usage.input_tokens == 100);
  CHECK(*r.usage.cost_usd == doctest::Approx(0.00014));
  CHECK(http->requests[0].url == "http://127.0.0.1:1/v1/chat/completions");
  CHECK(http->pauses.empty());
}

TEST_CASE_FIXTURE(bench, "a document instead of a stream, and the other dialect, are as good") {
  http->answers = {{200, openai_document("whole", nullptr).dump(), "application/json"}};
  auto r = ask();
  CHECK(r.text == "whole");
  CHECK_FALSE(r.usage.input_tokens);
  CHECK_FALSE(r.usage.cost_usd);
  CHECK(r.usage.counted_tokens > 100);
  auto unnamed = openai_document("no reason given", nullptr);
  unnamed["choices"][0].erase("finish_reason");
  http->answers = {{200, unnamed.dump(), "application/json"}};
  CHECK(ask().text == "no reason given");
  http->answers = {{200, openai_stream("a stream by another name"), "text/plain"}};
  CHECK(ask().text == "a stream by another name");
  model.api = chat_api::anthropic;
  http->answers = {{200, anthropic_stream("messages")}};
  r = ask();
  CHECK(r.text == "messages");
  CHECK(r.usage.input_tokens == 100);
  CHECK(http->requests.back().url == "http://127.0.0.1:1/v1/messages");
}

TEST_CASE_FIXTURE(bench, "a busy server is waited for as it asks, then answers") {
  http->answers = {fake_http::error(429, api_error("rate_limit_error"), 7.0),
                   fake_http::error(503, api_error("")),
                   {200, openai_stream("at last")}};
  auto r = ask();
  REQUIRE(r.answered);
  CHECK(http->pauses == std::vector<double>{7.0, 1.0});
  CHECK(r.usage.calls == 1);  // what was refused costs nothing
  CHECK(r.usage.input_tokens == 100);
}

TEST_CASE_FIXTURE(bench, "tries are bounded, and so is the wait that a server may ask for") {
  http->answers = {fake_http::error(500, api_error("server_error", "oops"))};
  auto r = ask();
  CHECK_FALSE(r.answered);
  CHECK(r.failure == call_failure::transient);
  CHECK(http->requests.size() == 4);
  CHECK(contains(r.what, "model m1: HTTP status 500: oops"));
  CHECK(contains(r.what, "given up after 4 attempts"));
  CHECK(r.usage.calls == 0);
  http->requests.clear();
  http->answers = {fake_http::error(429, api_error("rate_limit_error"), 3600.0)};
  r = ask();
  CHECK(http->requests.size() == 1);
  CHECK(contains(r.what, "asks to wait 3600 s"));
}

TEST_CASE_FIXTURE(bench, "what trying again cannot help is said at once") {
  for (auto [status, type, kind] : {std::tuple{401, "authentication_error", call_failure::final},
                                    std::tuple{429, "insufficient_quota", call_failure::quota},
                                    std::tuple{404, "not_found_error", call_failure::final}}) {
    http->requests.clear();
    http->answers = {fake_http::error(status, api_error(type))};
    auto r = ask();
    CHECK(r.failure == kind);
    CHECK(http->requests.size() == 1);
    CHECK(http->pauses.empty());
  }
}

TEST_CASE_FIXTURE(bench, "an answer that breaks off or cannot be read is asked for again") {
  auto whole = openai_stream("the edit");
  http->answers = {fake_http::broken(http_end::cut, whole.substr(0, 300)),
                   {200, whole.substr(0, 300)},
                   {200, "{malformed json: <<<", "application/json"},
                   {200, whole}};
  auto r = ask();
  REQUIRE(r.answered);
  CHECK(http->pauses.size() == 3);
  CHECK(r.text == "the edit");
  // Two attempts had begun to answer: nobody told what they cost.
  CHECK(r.usage.calls == 3);
  CHECK_FALSE(r.usage.output_tokens);
  CHECK(r.usage.counted_tokens > 120);
}

TEST_CASE_FIXTURE(bench,
                  "a stream that ends in order but for [DONE] is whole once it said why it ended") {
  auto whole = openai_stream("the edit");
  http->answers = {{200, whole.substr(0, whole.find("data: [DONE]"))}};
  auto r = ask();
  CHECK(r.answered);
  CHECK(r.usage.calls == 1);
}

TEST_CASE_FIXTURE(bench, "an error in the middle of a stream is judged like any other") {
  http->answers = {
      {200, "data: {\"error\": {\"type\": \"overloaded_error\", \"message\": \"busy\"}}\n\n"},
      {200, openai_stream("ok")}};
  CHECK(ask().answered);
  CHECK(http->pauses.size() == 1);
  http->answers = {
      {200, "data: {\"error\": {\"type\": \"invalid_request_error\", \"message\": \"x\"}}\n\n"}};
  CHECK(ask().failure == call_failure::final);
}

TEST_CASE_FIXTURE(bench, "a parameter that a server does not know is left out, without a pause") {
  http->answers = {
      fake_http::error(400, api_error("invalid_request_error", "use 'max_completion_tokens'")),
      fake_http::error(400, api_error("invalid_request_error", "stream_options?")),
      {200, openai_stream("ok")}};
  CHECK(ask().answered);
  CHECK(http->pauses.empty());
  CHECK(http->sent(2)["max_completion_tokens"] == 500);
  CHECK_FALSE(http->sent(2).contains("stream_options"));
}

TEST_CASE_FIXTURE(bench, "cancelled is cancelled, before, during and between attempts") {
  http->answers = {fake_http::broken(http_end::cancelled)};
  CHECK(ask().failure == call_failure::cancelled);
  http->answers = {fake_http::error(500, api_error(""))};
  http->cancel_pause = true;
  CHECK(ask().failure == call_failure::cancelled);
}

TEST_CASE_FIXTURE(bench, "no further attempt is made that the budget might not pay for") {
  affordable = false;
  http->answers = {fake_http::error(500, api_error(""))};
  auto r = ask();
  CHECK(http->requests.size() == 1);
  CHECK(contains(r.what, "budget"));
}

TEST_CASE_FIXTURE(bench, "a key that a server repeats does not come back out") {
  http->answers = {
      fake_http::error(401, api_error("authentication_error", "Incorrect key: " + key))};
  auto r = ask();
  CHECK_FALSE(contains(r.what, key));
  CHECK(contains(r.what, "Incorrect key: [key]"));
}

TEST_CASE_FIXTURE(bench, "what a reasoning model thought aloud is taken off") {
  http->answers = {{200, openai_stream("<think>\nhm, a = b?\n</think>\n\nHypothesis: yes")}};
  CHECK(contains(ask().text, "Hypothesis: yes"));
  CHECK_FALSE(contains(ask().text, "hm"));
}
