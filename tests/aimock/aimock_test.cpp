// SPDX-License-Identifier: MIT
//
// The client and the built program against a mock server that others wrote: real HTTP, both
// dialects, and every way to fail that it offers. with_aimock.sh starts it.
#include <cstdlib>

#include "runtime/llm/chat_client.hpp"
#include "tests/end_to_end/program.hpp"
#include "tests/support/text.hpp"

namespace ratchet {
namespace {

using testing::contains;

std::string mock_url() {
  const char* url = std::getenv("RATCHET_AIMOCK_URL");
  REQUIRE_MESSAGE(url != nullptr, "run this by with_aimock.sh, which starts the server");
  return std::string(url) + "/v1";
}

struct asked {
  chat_result result;
  double seconds = 0;
};

asked ask(const std::string& question, chat_api api = chat_api::openai, bool stream = true,
          int retries = 3) {
  chat_model model;
  model.model = "some-model";
  model.api = api;
  model.base_url = mock_url();
  chat_limits limits;
  limits.idle_timeout_s = 0.5;
  limits.retry = {retries, 0.01, 1, 30};
  chat_client client(make_http_client(), limits, [] { return 0.0; });
  chat_request request{"You answer.", {{"user", question}}, 300, stream};
  double begun = e2e::now_s();
  auto result =
      client.ask(model, "k-0123456789", request, [](const edit_usage&) { return true; }, {});
  return {result, e2e::now_s() - begun};
}

}  // namespace

TEST_CASE("both dialects answer, streamed and whole, with their usage") {
  for (auto api : {chat_api::openai, chat_api::anthropic})
    for (bool stream : {true, false}) {
      CAPTURE(name_of(api));
      CAPTURE(stream);
      auto r = ask("plain question", api, stream).result;
      CHECK_MESSAGE(r.answered, r.what);
      CHECK(r.text == "A plain answer that takes a few chunks to come.");
      CHECK(r.finish == chat_finish::stop);
      CHECK(r.usage.input_tokens == 11);
      CHECK(r.usage.output_tokens == 7);
    }
}

TEST_CASE("429 is waited out as long as Retry-After says, a spent quota not at all") {
  auto limited = ask("limit me");
  CHECK_MESSAGE(limited.result.answered, limited.result.what);
  CHECK(limited.result.text == "after the limit");
  CHECK(limited.seconds >= 1);
  auto quota = ask("no credit");
  CHECK(quota.result.failure == call_failure::quota);
  CHECK(contains(quota.result.what, "exceeded your current quota"));
  CHECK_FALSE(contains(quota.result.what, "given up after"));  // the first attempt was the last
  for (auto api : {chat_api::openai, chat_api::anthropic}) {
    auto r = ask("bad key", api).result;
    CHECK(r.failure == call_failure::final);
    CHECK(contains(r.what, "Incorrect API key provided"));
    CHECK(contains(r.what, "[authentication_error]"));
  }
}

TEST_CASE("streams that are cut, connections that break, 500 and nonsense are tried again") {
  auto cut = ask("cut me").result;
  CHECK_MESSAGE(cut.answered, cut.what);
  CHECK(cut.text == "whole this time");
  CHECK(cut.usage.calls == 2);
  CHECK_FALSE(cut.usage.output_tokens);  // nobody told what the first one cost
  auto broken = ask("break me").result;
  CHECK_MESSAGE(broken.answered, broken.what);
  CHECK(broken.text == "in one piece");
}

TEST_CASE("a slow answer is given up") {
  auto r = ask("be slow", chat_api::openai, true, 0);
  CHECK_FALSE(r.result.answered);
  CHECK(contains(r.result.what, "nothing came for 0.5 s"));
  CHECK(r.seconds < 10);
}

TEST_CASE_FIXTURE(e2e::laboratory, "a whole search through the mock, repair round included") {
  json backend{{"name", "llm"},
               {"model", "improver"},
               {"base_url", mock_url()},
               {"prices", {{"improver", {{"input", 1}, {"output", 10}}}}}};
  auto end =
      run({"run", "--repo", repository.string(), "--target", "p.txt", "--backend", backend.dump(),
           "--iterations", "2", "--max-cost", "1", "--no-compare", "--", "cat", "p.txt"});
  INFO(end.out << end.err);
  CHECK(end.exit_code == 0);
  CHECK(contains(end.out, "2 kept, 0 reverted, 0 rejected, 0 failed"));
  CHECK(contains(end.out, "model     3 calls, 2700 tokens in, 120 out, 0.0039 USD"));
}

}  // namespace ratchet
