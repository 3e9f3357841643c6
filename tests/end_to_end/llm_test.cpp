// SPDX-License-Identifier: MIT
//
// The llm backend in the built program, against a server on this machine that behaves as told.
#include <csignal>

#include "tests/end_to_end/program.hpp"
#include "tests/support/chat_answers.hpp"
#include "tests/support/http_server.hpp"
#include "tests/support/text.hpp"

namespace ratchet::e2e {
namespace {

using testing::block_edit;
using testing::contains;
using testing::openai_stream;
using server = testing::http_server;

const std::string key = "sk-test-51c0ffee51c0ffee51c0ffee";

struct llm_laboratory : laboratory {
  llm_laboratory() { environment = {"RATCHET_TEST_LLM_KEY=" + key}; }

  static json backend(const server& s, const json& more = json::object()) {
    json options{{"name", "llm"},
                 {"model", "m1"},
                 {"base_url", s.url()},
                 {"api_key_env", "RATCHET_TEST_LLM_KEY"},
                 {"prices", {{"m1", {{"input", 10}, {"output", 100}}}}}};
    options.update(more);
    return options;
  }
  json edit(const std::string& id) const { return ask("autoresearch_edit", {{"session_id", id}}); }

  /// Every file of the state directory and of the repository that holds the text.
  std::vector<std::string> files_with(const std::string& text) const {
    std::vector<std::string> found;
    for (const auto& top : {state, repository})
      for (const auto& entry : fs::recursive_directory_iterator(top))
        if (entry.is_regular_file() && contains(read_text(entry.path()), text))
          found.push_back(entry.path().string());
    return found;
  }
};

server::handler says(const std::string& value, const std::string& before) {
  return server::stream(openai_stream(
      block_edit("Hypothesis: try " + value, "p.txt", "score: " + before, "score: " + value)));
}

}  // namespace

TEST_CASE_FIXTURE(llm_laboratory, "a model's edits are measured, kept or reverted, and paid for") {
  server s({says("9", "5"), says("7", "9")});
  auto id = start({{"edit_backend", backend(s)}});
  CHECK(status(id)["usage"]["cost_usd"].is_null());
  json edited = edit(id);
  CHECK(edited["success"] == true);
  CHECK(edited["hypothesis"] == "try 9");
  CHECK(edited["usage"]["input_tokens"] == 100);
  CHECK(ask("autoresearch_run", {{"session_id", id}})["improved"] == true);
  CHECK(ask("autoresearch_decide", {{"session_id", id}})["decision"] == "kept");
  CHECK(edit(id)["success"] == true);
  ask("autoresearch_run", {{"session_id", id}});
  CHECK(ask("autoresearch_decide", {{"session_id", id}})["decision"] == "reverted");
  json usage = status(id)["usage"];
  CHECK(usage["calls"] == 2);
  CHECK(usage["output_tokens"] == 40);
  CHECK(usage["cost_usd"].get<double>() == doctest::Approx(2 * (100 * 10 + 20 * 100) / 1e6));
  json ended = ask("autoresearch_finalize", {{"session_id", id}});
  CHECK(ended["usage"] == usage);
  json report = json::parse(read_text(ended.value("report_path", "")));
  CHECK(report["session"]["usage"] == usage);
  CHECK(report["results"][1]["candidate"]["usage"]["model"] == "m1");
  CHECK(report["config"]["edit_backend"]["api_key_env"] == "RATCHET_TEST_LLM_KEY");
  auto sent = s.requests();
  REQUIRE(sent.size() == 2);
  CHECK(sent[0].headers["authorization"] == "Bearer " + key);
  CHECK(contains(sent[1].body, "try 9"));
  CHECK(git("show ratchet/" + id + ":p.txt") == "score: 9\n");
}

TEST_CASE_FIXTURE(llm_laboratory,
                  "usage that nobody told is null everywhere, and counted all the same") {
  server s({server::stream(openai_stream(
      block_edit("Hypothesis: blind", "p.txt", "score: 5", "score: 6"), "stop", nullptr))});
  auto id = start({{"edit_backend", backend(s)}});
  CHECK(edit(id)["usage"]["input_tokens"].is_null());
  json usage = status(id)["usage"];
  CHECK(usage["input_tokens"].is_null());
  CHECK(usage["output_tokens"].is_null());
  CHECK(usage["cost_usd"].is_null());
  CHECK(usage["counted_tokens"].get<long long>() > 100);
  CHECK(usage["counted_cost_usd"].get<double>() > 0);
}

TEST_CASE_FIXTURE(llm_laboratory,
                  "a budget of tokens or money ends the session before it is overdrawn") {
  for (const json& limit : {json{{"max_tokens", 2500}}, json{{"max_cost_usd", 0.06}}}) {
    CAPTURE(limit.dump());
    server s({says("4", "5")});
    json arguments{{"edit_backend", backend(s)}, {"max_iterations", 1000}};
    arguments.update(limit);
    auto id = start(arguments);
    json answer;
    int edits = 0;
    for (; edits < 100; ++edits) {
      answer = edit(id);
      if (answer.value("budget_exhausted", false)) break;
      // The same edit again is told to the model, which says the same: the iteration fails.
      if (!answer.value("success", false)) continue;
      ask("autoresearch_run", {{"session_id", id}});
      ask("autoresearch_decide", {{"session_id", id}});
    }
    CHECK(edits > 0);
    CHECK(answer.value("budget_exhausted", false));
    CHECK(contains(answer.value("reason", ""), limit.begin().key()));
    json now = status(id);
    CHECK(now["status"] == "budget_exhausted");
    CHECK(now["usage"]["counted_tokens"].get<long long>() <= 2500);
    CHECK(now["usage"]["counted_cost_usd"].get<double>() <= 0.06);
    CHECK(contains(run({"events", "--json"}).out, "autoresearch.budget_exhausted"));
  }
}

TEST_CASE_FIXTURE(llm_laboratory,
                  "what an edit cost survives kill -9, and its interruption is undone") {
  server s({says("9", "5"), server::silent()});
  auto id = start({{"edit_backend", backend(s)}});
  {
    process p(command({"call", "autoresearch_edit", json{{"session_id", id}}.dump()}), folder.path,
              environment);
    CHECK(p.end().answer()["success"] == true);
  }
  ask("autoresearch_run", {{"session_id", id}});
  ask("autoresearch_decide", {{"session_id", id}});
  process p(command({"call", "autoresearch_edit", json{{"session_id", id}}.dump()}), folder.path,
            environment);
  REQUIRE(s.wait_for_requests(2));
  p.send(SIGKILL);
  p.end();
  CHECK(p.all_gone());
  json now = status(id);
  CHECK(now["usage"]["calls"] == 1);
  CHECK(now["usage"]["input_tokens"] == 100);
  CHECK(now["iteration"] == 1);
  CHECK(contains(now.value("recovered", ""), "interrupted"));
}

TEST_CASE_FIXTURE(llm_laboratory,
                  "a quota that is used up fails the edit at once, and says what to do") {
  server s({server::reply(429, R"({"error":{"type":"insufficient_quota","message":"no credit"}})",
                          "Retry-After: 1\r\n")});
  auto id = start({{"edit_backend", backend(s)}});
  json answer = edit(id);
  CHECK(answer["success"] == false);
  CHECK(contains(answer.value("reason", ""), "top it up"));
  CHECK(s.requests().size() == 1);
  CHECK(status(id)["usage"]["calls"] == 0);
}

TEST_CASE_FIXTURE(llm_laboratory,
                  "a key is nowhere but in the request, whatever a server makes of it") {
  std::string echo = R"({"error":{"type":"authentication_error","message":"Incorrect API key )" +
                     key + R"( provided"}})";
  server s({server::reply(500, echo), server::reply(401, echo), says("9", "5")});
  std::string printed;
  auto kept = [&](const outcome& o) {
    printed += o.out + o.err;
    return o;
  };
  auto id = start({{"edit_backend", backend(s)}});
  json refused = kept(call("autoresearch_edit", {{"session_id", id}})).answer();
  CHECK(contains(refused.value("reason", ""), "Incorrect API key [key] provided"));
  CHECK(contains(printed, "trying again"));
  kept(call("autoresearch_edit", {{"session_id", id}}));
  kept(call("autoresearch_run", {{"session_id", id}}));
  kept(call("autoresearch_decide", {{"session_id", id}}));
  CHECK(files_with(key).empty());  // while the work tree is there
  kept(call("autoresearch_finalize", {{"session_id", id}}));
  kept(run({"events", "--json"}));
  kept(run({"show", id, "2"}));
  kept(run({"status", id, "--json"}));
  CHECK(files_with(key).empty());
  CHECK_FALSE(contains(printed, key));
  CHECK_FALSE(files_with("RATCHET_TEST_LLM_KEY").empty());  // the search finds what is there
  // The command does not see it either.
  json bare = ask("autoresearch_setup",
                  setup_arguments({{"edit_backend", backend(s)},
                                   {"run_command", "echo \"score: ${RATCHET_TEST_LLM_KEY:-7}\""}}));
  CHECK(bare["baseline_metric"] == 7.0);
}

TEST_CASE_FIXTURE(llm_laboratory, "setup refuses what could not work, and starts nothing") {
  server s({says("9", "5")});
  auto refusal = [&](const json& more) {
    auto done = call("autoresearch_setup", setup_arguments(more));
    CHECK(done.exit_code == 1);
    CHECK(done.answer().value("code", "") == "invalid_argument");
    return done.answer().value("error", "");
  };
  environment.clear();
  CHECK(contains(refusal({{"edit_backend", backend(s)}}), "RATCHET_TEST_LLM_KEY"));
  environment = {"RATCHET_TEST_LLM_KEY=" + key};
  CHECK(contains(
      refusal({{"edit_backend", backend(s, {{"prices", json::object()}})}, {"max_cost_usd", 1}}),
      "has no price"));
  CHECK(contains(refusal({{"max_tokens", 100}}), "max_tokens could not be kept"));
  CHECK(contains(refusal({{"max_cost_usd", -1}}), "max_cost_usd must be"));
  CHECK(s.requests().empty());
}

TEST_CASE_FIXTURE(llm_laboratory, "a whole search by a model ends with what it cost") {
  server s({says("9", "5"), server::reply(503, "{}", "retry-after-ms: 20\r\n"), says("12", "9"),
            says("3", "12")});
  auto end = run({"run", "--repo", repository.string(), "--target", "p.txt", "--backend",
                  backend(s).dump(), "--iterations", "3", "--max-cost", "1", "--no-compare", "--",
                  "cat", "p.txt"});
  INFO(end.out << end.err);
  CHECK(end.exit_code == 0);
  CHECK(contains(end.out, "2 kept, 1 reverted"));
  CHECK(contains(end.out, "model     3 calls, 300 tokens in, 60 out, 0.009 USD"));
  CHECK_FALSE(contains(end.out + end.err, key));
}

}  // namespace ratchet::e2e
