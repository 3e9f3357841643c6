// SPDX-License-Identifier: MIT
//
// Agent programs as presets of the command backend, played with outputs in the shapes that their
// manuals describe.
#include "runtime/edit/agents.hpp"

#include <doctest/doctest.h>

#include "runtime/edit/editors.hpp"
#include "tests/runtime/edit/fake_ports.hpp"
#include "tests/support/changed.hpp"
#include "tests/support/expected_printing.hpp"
#include "tests/support/text.hpp"

using namespace ratchet;
using namespace ratchet::test;
using namespace ratchet::testing;

namespace {

edit_context agent_context() {
  edit_context c;
  c.session_id = "0123456789ab";
  c.iteration = 2;
  c.directory = "/lab/tree";
  changed(c.settings)->target_files = {"a.py", "b.py"};
  c.targets = {{"a.py", "n = 1\n"}, {"b.py", "m = 1\n"}};
  return c;
}

struct agent_bench {
  expected<proposal> run(json options, const std::string& output) {
    options["preset"] = options.value("preset", "claude");
    processes.output = output;
    auto editor = make_command_editor(
        options, {.process = &processes, .state_directory = folder.path + "/s"});
    return editor->propose(agent_context(), {});
  }
  const std::vector<std::string>& argv() const { return processes.last.command.argv; }
  bool has(const std::string& word) const {
    return std::count(argv().begin(), argv().end(), word) == 1;
  }
  temporary_folder folder;
  fake_processes processes;
};

const std::string claude_output =
    "a warning on standard error\n"
    R"({"type":"result","subtype":"success","is_error":false,"duration_ms":8100,"num_turns":4,)"
    R"("result":"Hypothesis: reuse the buffer\n\nI changed a.py.","session_id":"x",)"
    R"("total_cost_usd":0.0421,"usage":{"input_tokens":12,"cache_creation_input_tokens":900,)"
    R"("cache_read_input_tokens":4000,"output_tokens":350},)"
    R"("modelUsage":{"small-model":{"outputTokens":10,"costUSD":0.0001},)"
    R"("large-model":{"outputTokens":340,"costUSD":0.042}}})"
    "\n";

const std::string codex_output =
    R"({"type":"thread.started","thread_id":"t"})"
    "\n"
    R"({"type":"turn.started"})"
    "\n"
    R"({"type":"item.completed","item":{"id":"1","type":"reasoning","text":"hm"}})"
    "\n"
    R"({"type":"item.completed","item":{"id":"2","type":"file_change","changes":[{"path":"a.py","kind":"update"}]}})"
    "\n"
    R"({"type":"item.completed","item":{"id":"3","type":"agent_message","text":"Fewer copies of n\nDone."}})"
    "\n"
    R"({"type":"turn.completed","usage":{"input_tokens":5000,"cached_input_tokens":3000,"output_tokens":200,"reasoning_output_tokens":50}})"
    "\n";

const std::string gemini_output =
    R"({"type":"init","session_id":"s","model":"gemini-x"})"
    "\n"
    R"({"type":"message","role":"user","content":"the prompt"})"
    "\n"
    R"({"type":"message","role":"assistant","content":"Unroll ","delta":true})"
    "\n"
    R"({"type":"message","role":"assistant","content":"the loop","delta":true})"
    "\n"
    R"({"type":"result","status":"success","stats":{"total_tokens":1100,"input_tokens":1000,"output_tokens":100,"cached":400,"duration_ms":5,"tool_calls":1}})"
    "\n";

const std::string opencode_output =
    R"({"type":"step_start","part":{"id":"1"}})"
    "\n"
    R"({"type":"tool_use","part":{"tool":"edit"}})"
    "\n"
    R"({"type":"step_finish","part":{"tokens":{"input":100,"output":20,"reasoning":5,"cache":{"read":40,"write":10}},"cost":0.01}})"
    "\n"
    R"({"type":"text","part":{"text":"A wider block\n"}})"
    "\n"
    R"({"type":"step_finish","part":{"tokens":{"input":50,"output":10,"reasoning":0,"cache":{"read":0,"write":0}},"cost":0.005}})"
    "\n";

}  // namespace

TEST_CASE_FIXTURE(agent_bench,
                  "claude works by itself in the work tree, and tells tokens and cost") {
  auto p = run({{"model", "opus"}, {"arguments", {"--max-turns", "9"}}}, claude_output);
  REQUIRE(p);
  CHECK(p->changed_in_place);
  CHECK(p->hypothesis == "reuse the buffer");
  CHECK(p->refused.empty());
  REQUIRE(p->usage);
  CHECK(p->usage->model == "large-model");
  CHECK(p->usage->input_tokens == 4912);
  CHECK(p->usage->output_tokens == 350);
  CHECK(p->usage->cost_usd == 0.0421);
  CHECK(p->usage->counted_tokens == 5262);
  for (const char* word :
       {"claude", "-p", "acceptEdits", "--strict-mcp-config", "--max-turns", "opus"})
    CHECK_MESSAGE(has(word), word);
  CHECK_FALSE(contains(joined(argv()), "Bash"));
  CHECK(contains(processes.last.input, "Edit the target in the current directory"));
  CHECK(std::count(processes.last.environment.begin(), processes.last.environment.end(),
                   "ANTHROPIC_API_KEY") == 1);
  CHECK(processes.last.directory == "/lab/tree");
}

TEST_CASE_FIXTURE(agent_bench, "codex tells tokens, and cost by the user's prices") {
  auto p = run({{"preset", "codex"},
                {"model", "m"},
                {"prices", {{"m", {{"input", 2}, {"output", 10}, {"cached_input", 1}}}}}},
               codex_output);
  REQUIRE(p);
  CHECK(p->hypothesis == "Fewer copies of n");
  CHECK(p->usage->model == "m");
  CHECK(p->usage->input_tokens == 5000);
  CHECK(*p->usage->cost_usd == doctest::Approx((2000 * 2 + 3000 * 1 + 200 * 10) / 1e6));
  CHECK(argv()[1] == "exec");
  CHECK(argv().back() == "-");
  CHECK(has("workspace-write"));
  auto unpriced = run({{"preset", "codex"}}, codex_output);
  CHECK_FALSE(unpriced->usage->cost_usd);
  CHECK(unpriced->usage->model == "codex");
}

TEST_CASE_FIXTURE(agent_bench, "gemini and opencode are read, steps summed up") {
  auto gemini = run({{"preset", "gemini"}}, gemini_output);
  REQUIRE(gemini);
  CHECK(gemini->hypothesis == "Unroll the loop");
  CHECK(gemini->usage->model == "gemini-x");
  CHECK(gemini->usage->input_tokens == 1000);
  CHECK(gemini->usage->output_tokens == 100);
  CHECK(has("auto_edit"));
  CHECK(contains(argv()[2], "METRIC"));
  auto opencode = run({{"preset", "opencode"}, {"model", "p/m"}}, opencode_output);
  REQUIRE(opencode);
  CHECK(opencode->hypothesis == "A wider block");
  CHECK(opencode->usage->model == "p/m");
  CHECK(opencode->usage->input_tokens == 200);
  CHECK(opencode->usage->output_tokens == 35);
  CHECK(*opencode->usage->cost_usd == doctest::Approx(0.015));
  CHECK(contains(joined(processes.last.environment), R"("bash":"deny")"));
  CHECK(contains(joined(processes.last.environment), R"("external_directory":"deny")"));
}

TEST_CASE_FIXTURE(agent_bench,
                  "aider gets prompt and files by name, and what it spends is unknown") {
  auto p = run({{"preset", "aider"}}, "Applied edit to a.py\nTokens: 2.3k sent, 150 received.\n");
  REQUIRE(p);
  CHECK(p->hypothesis == "Applied edit to a.py");
  CHECK_FALSE(p->usage->input_tokens);
  CHECK_FALSE(p->usage->cost_usd);
  CHECK(has("--no-git"));
  CHECK(argv()[argv().size() - 2] == "a.py");
  CHECK(argv().back() == "b.py");
}

TEST_CASE_FIXTURE(agent_bench, "an agent that fails is paid for, and says why in its own words") {
  auto claude = run(
      json::object(),
      R"({"type":"result","subtype":"error_max_turns","is_error":true,"total_cost_usd":0.5,"usage":{"input_tokens":1,"output_tokens":2}})"
      "\n");
  CHECK(contains(claude->refused, "claude failed: error_max_turns"));
  CHECK(claude->usage->cost_usd == 0.5);
  auto codex =
      run({{"preset", "codex"}}, R"({"type":"turn.failed","error":{"message":"usage limit"}})"
                                 "\n");
  CHECK(contains(codex->refused, "codex failed: usage limit"));
  processes.outcome = {.exit_code = 42};
  auto gemini = run({{"preset", "gemini"}}, "no credentials\n");
  CHECK(contains(gemini->refused, "gemini ended with exit code 42"));
  CHECK(contains(gemini->refused, "no credentials"));
  processes.outcome = {.cancelled = true};
  auto cancelled = run(json::object(), claude_output);
  REQUIRE(cancelled);
  REQUIRE(cancelled->failed);
  CHECK(cancelled->failed->code == errc::cancelled);
  CHECK(cancelled->usage->cost_usd == 0.0421);
}

TEST_CASE("output is read whatever its pieces, and a line without end is not kept") {
  agent_reader pieces("codex");
  for (std::size_t i = 0; i < codex_output.size(); i += 3)
    pieces.consume(std::string_view(codex_output).substr(i, 3));
  CHECK(pieces.finish().usage.output == 200);
  agent_reader flood("codex");
  for (int i = 0; i < 100; ++i) flood.consume(std::string(100'000, '{'));
  flood.consume("\n" + codex_output);
  auto report = flood.finish();
  CHECK(report.usage.output == 200);
  CHECK(report.text == "Fewer copies of n\nDone.");
  CHECK(flood.bytes() > 10'000'000);
  agent_reader nonsense("opencode");
  nonsense.consume(
      "{\"type\":\"step_finish\",\"part\":{\"tokens\":7,\"cost\":\"free\"}}\n{\"type\":3}\n{"
      "broken\n[]\n");
  CHECK_FALSE(nonsense.finish().usage.input);
}

TEST_CASE("presets take their own options, and budgets only where they are told what is spent") {
  auto refused = [](json options, double max_cost = 0, long long max_tokens = 0) {
    session_settings s;
    s.target_files = {"a.py"};
    s.max_cost_usd = max_cost;
    s.max_tokens = max_tokens;
    auto checked = check_backend_choice({"command", std::move(options)}, s);
    return checked ? "" : checked.error().text;
  };
  for (const auto& name : agent_names()) CHECK(refused({{"preset", name}}) == "");
  CHECK(contains(refused({{"preset", "clod"}}), "claude, codex, gemini, opencode or aider"));
  CHECK(contains(refused({{"preset", "claude"}, {"argv", {"x"}}}), "unknown option \"argv\""));
  CHECK(contains(refused({{"preset", "claude"}, {"arguments", "x"}}), "a list of texts"));
  CHECK(contains(refused({{"argv", {"x"}}, {"model", "m"}}), "unknown option \"model\""));
  CHECK(refused({{"preset", "claude"}}, 1, 1000) == "");
  CHECK(refused({{"preset", "codex"}}, 0, 1000) == "");
  CHECK(contains(refused({{"preset", "codex"}}, 1), "max_cost_usd could not be kept"));
  CHECK(
      refused(
          {{"preset", "codex"}, {"model", "m"}, {"prices", {{"m", {{"input", 1}, {"output", 1}}}}}},
          1) == "");
  CHECK(contains(refused({{"preset", "aider"}}, 0, 1), "max_tokens could not be kept"));
  CHECK(contains(refused({{"argv", {"x"}}}, 0, 1), "max_tokens could not be kept"));
}
