// SPDX-License-Identifier: MIT
//
// What the llm backend takes and refuses, before anything runs.
#include "runtime/edit/llm_options.hpp"

#include <doctest/doctest.h>
#include <stdlib.h>

#include "runtime/edit/editors.hpp"
#include "tests/support/expected_printing.hpp"
#include "tests/support/text.hpp"

using namespace ratchet;
using ratchet::testing::contains;

namespace {

const std::string local = "http://127.0.0.1:8080/v1";

std::string refused(json options, const session_settings& settings = {}) {
  auto checked = check_backend_choice({"llm", std::move(options)}, settings);
  if (checked) return "";
  CHECK(checked.error().code == errc::invalid_argument);
  return checked.error().text;
}
std::string with(const char* name, json value) {
  json options{{"model", "m"}, {"base_url", local}};
  options[name] = std::move(value);
  return refused(options);
}

}  // namespace

TEST_CASE("a model and where it is asked are enough") {
  CHECK(refused({{"model", "m"}, {"base_url", local}}) == "");
  CHECK(refused({{"models", {"a", {{"model", "b"}, {"weight", 2}}}}, {"base_url", local}}) == "");
  CHECK(contains(refused(json::object()), "option model is missing"));
  CHECK(contains(refused({{"model", "m"}, {"models", {"a"}}}), "give one"));
}

TEST_CASE("every option names itself, what was given and what is allowed") {
  CHECK(contains(with("modle", 1), "did you mean \"model\"?"));
  CHECK(contains(with("api", "gemini"), "option api must be openai or anthropic, not \"gemini\""));
  CHECK(contains(with("base_url", "127.0.0.1"), "option base_url must be an address"));
  CHECK(contains(with("base_url", "http://user:word@host/v1"), "without user"));
  CHECK(contains(with("base_url", "ftp://host"), "must be an address"));
  CHECK(contains(with("max_reply_tokens", 10), "from 256 to 1000000, not 10"));
  CHECK(contains(with("max_prompt_tokens", 10), "from 1000"));
  CHECK(contains(with("temperature", 3), "from 0 to 2"));
  CHECK(contains(with("retries", -1), "from 0 to 100"));
  CHECK(contains(with("timeout_s", 0), "from 0.1 to 86400"));
  CHECK(contains(with("format", "json"), "auto, blocks, diff or whole"));
  CHECK(contains(with("choose", "best"), "bandit, benchmark or weight"));
  CHECK(contains(with("stream", "yes"), "true or false"));
  CHECK(contains(with("prices", {{"m", {{"input", 1}}}}), "prices of \"m\": input and output"));
  CHECK(contains(with("prices", {{"m", {{"input", -1}, {"output", 1}}}}), "from 0"));
  CHECK(
      contains(with("prices", {{"m", {{"inptu", 1}, {"output", 1}}}}), "did you mean \"input\"?"));
  auto list = [](json models) {
    return refused({{"models", std::move(models)}, {"base_url", local}});
  };
  CHECK(contains(list(json::array()), "1 to 32"));
  CHECK(contains(list({"a", "a"}), "names \"a\" twice"));
  CHECK(contains(list({"a", {{"model", "b"}, {"weight", 0}}}), "entry 2 of models: option weight"));
  CHECK(contains(list({"a", {{"weight", 1}}}), "entry 2 of models: needs model"));
  session_settings two;
  two.target_files = {"a", "b"};
  CHECK(contains(refused({{"model", "m"}, {"base_url", local}, {"format", "whole"}}, two),
                 "one target"));
}

TEST_CASE("a key is only ever named, and has to be there") {
  ::unsetenv("RATCHET_TEST_KEY");
  CHECK(contains(with("api_key_env", "RATCHET_TEST_KEY"), "not set in Ratchet's environment"));
  ::setenv("RATCHET_TEST_KEY", "k1", 1);
  CHECK(with("api_key_env", "RATCHET_TEST_KEY") == "");
  // The key itself, put into the wrong place, does not come back.
  for (const char* key : {"sk-proj-abc123", "abcdef0123456789abcdef0123456789"}) {
    auto why = with("api_key_env", key);
    CHECK(contains(why, "never the key itself"));
    CHECK_FALSE(contains(why, key));
    CHECK_FALSE(contains(with("api_key_file", key), key));
    CHECK_FALSE(contains(with("api_key", key), key));
  }
  CHECK(contains(with("api_key", "k"), "name a variable with api_key_env"));
  CHECK(contains(with("api_key_file", "/nowhere/key"), "no regular file"));
  json far{{"model", "m"},
           {"base_url", "http://models.example/v1"},
           {"api_key_env", "RATCHET_TEST_KEY"}};
  CHECK(contains(refused(far), "unencrypted"));
  far["allow_http"] = true;
  CHECK(refused(far) == "");
  ::unsetenv("RATCHET_TEST_KEY");
}

TEST_CASE("the providers' own addresses want the providers' keys") {
  ::unsetenv("OPENAI_API_KEY");
  ::unsetenv("ANTHROPIC_API_KEY");
  CHECK(contains(refused({{"model", "m"}}), "OPENAI_API_KEY"));
  CHECK(contains(refused({{"model", "m"}, {"api", "anthropic"}}), "ANTHROPIC_API_KEY"));
  auto llm = read_llm_options(
      {{"models", {"a", {{"model", "b"}, {"api", "anthropic"}, {"max_reply_tokens", 999}}}},
       {"temperature", 0.5},
       {"prices", {{"b", {{"input", 3}, {"output", 15}, {"cached_input", 0.3}}}}}});
  REQUIRE(llm.models.size() == 2);
  CHECK(llm.models[0].base_url == "https://api.openai.com/v1");
  CHECK(llm.models[1].base_url == "https://api.anthropic.com/v1");
  CHECK(llm.models[1].max_reply_tokens == 999);
  CHECK(llm.models[1].temperature == 0.5);
  CHECK(llm.models[1].price->cached_input == 0.3);
  CHECK_FALSE(llm.models[0].price);
}

TEST_CASE("a budget that could not be kept is refused, naming it") {
  session_settings s;
  s.target_files = {"a"};
  s.max_cost_usd = 1;
  CHECK(contains(refused({{"model", "m"}, {"base_url", local}}, s), "has no price"));
  CHECK(
      refused(
          {{"model", "m"}, {"base_url", local}, {"prices", {{"m", {{"input", 0}, {"output", 0}}}}}},
          s) == "");
  auto host = check_backend_choice({"host", json::object()}, s);
  REQUIRE_FALSE(host);
  CHECK(contains(host.error().text, "max_cost_usd could not be kept"));
  CHECK(host.error().details["field"] == "max_cost_usd");
  CHECK(check_backend_choice({"mutate", json::object()}, s));
}
