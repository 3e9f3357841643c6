// SPDX-License-Identifier: MIT
//
// Wrong calls through the program: each is refused in words that name the field, and changes
// nothing in the store, the repository or the work tree.
#include <algorithm>

#include "tests/end_to_end/bad_setups.hpp"

using namespace ratchet;
using namespace ratchet::e2e;

namespace {

// What a wrong call must leave as it is.
struct everything {
  long sessions, results, events, benchmarks;
  picture users, work, objects;
};

everything all_of(const laboratory& lab, const std::string& session) {
  return {lab.rows("sessions"),
          lab.rows("results"),
          lab.rows("events"),
          lab.rows("benchmarks"),
          lab.users(),
          picture_of(lab.worktree(session)),
          picture_of(lab.repository / ".git")};
}

void check_same(const everything& a, const everything& b) {
  CHECK(a.sessions == b.sessions);
  CHECK(a.results == b.results);
  CHECK(a.events == b.events);
  CHECK(a.benchmarks == b.benchmarks);
  CHECK(differences(a.users, b.users) == "");
  CHECK(differences(a.work, b.work) == "");
  CHECK(differences(a.objects, b.objects) == "");
}

void check_refused(const laboratory& lab, const std::string& session,
                   const std::vector<bad_call>& calls) {
  auto before = all_of(lab, session);
  for (const auto& c : calls) {
    CAPTURE(c.name);
    CAPTURE(c.arguments.substr(0, 300));
    auto done = lab.run({"call", c.tool, c.arguments});
    CAPTURE(done.out);
    CAPTURE(done.err);
    CHECK(done.signal == 0);
    CHECK(done.exit_code == c.exit_code);
    if (c.exit_code == 2) {
      CHECK((done.out + done.err).find(c.says) != std::string::npos);
    } else {
      json answer = done.answer();
      CHECK(answer.value("code", "") == c.code);
      CHECK(answer.value("field", "") == c.field);
      std::string text = answer.value("error", "");
      CHECK(text.find(c.says) != std::string::npos);
      CHECK_FALSE(text.empty());
      CHECK(text.size() < 1000);
    }
    auto after = all_of(lab, session);
    check_same(before, after);
    before = std::move(after);  // one that did change something is told once
  }
}

// A file for arguments that the command line cannot hold.
std::string in_file(const laboratory& lab, const std::string& name, const std::string& text) {
  write_text(lab.folder.path / name, text);
  return "@" + (lab.folder.path / name).string();
}

}  // namespace

TEST_CASE(
    "a setup that cannot work is refused with the field and what is allowed, and leaves no trace") {
  laboratory lab;
  make_odd_repositories(lab);
  auto session = lab.start();
  auto calls = bad_setups(lab);
  CHECK(calls.size() >= 80);
  check_refused(lab, session, calls);
}

TEST_CASE("a work in place is refused while a target has changes of the user's") {
  laboratory lab;
  auto session = lab.start();
  write_text(lab.repository / "p.txt", "the user's\n");
  json in_place = lab.setup_arguments({{"workspace", "in_place"}});
  check_refused(
      lab, session,
      {{"dirty", "autoresearch_setup", raw(in_place), "repository_refused", "workspace", "p.txt"}});
  lab.git("add p.txt");
  check_refused(lab, session,
                {{"staged", "autoresearch_setup", raw(in_place), "repository_refused", "workspace",
                  "p.txt"}});
}

TEST_CASE("a call that cannot be read is wrong usage, a tool that is none is an error") {
  laboratory lab;
  auto session = lab.start();
  std::string deep(100'000, '[');
  check_refused(
      lab, session,
      {{"not JSON", "get_autoresearch_status", "{session", "", "", "not JSON", 2},
       {"half a JSON", "get_autoresearch_status", "{\"session_id\":", "", "", "not JSON", 2},
       {"NaN", "autoresearch_setup", "{\"time_budget_s\": NaN}", "", "", "not JSON", 2},
       {"invalid UTF-8", "get_autoresearch_status", "{\"session_id\": \"\xff\xfe\"}", "", "",
        "not JSON", 2},
       {"a file that is not there", "autoresearch_edit", "@/none/such", "", "", "/none/such", 2},
       {"deep JSON", "autoresearch_edit", in_file(lab, "deep.json", deep), "", "", "JSON", 2},
       {"a list", "autoresearch_edit", "[1]", "invalid_argument", "arguments", "object"},
       {"text", "autoresearch_edit", "\"x\"", "invalid_argument", "arguments", "object"},
       {"unknown tool", "autoresearch_edits", "{}", "invalid_argument", "tool",
        "autoresearch_edit"}});
}

TEST_CASE(
    "a step of no session, of a malformed id or out of order is refused and nothing is done") {
  laboratory lab;
  auto at_edit = lab.start();
  auto at_run = lab.start(), at_decide = lab.start(), ended = lab.start();
  lab.edit_to(at_run, "score: 6\n");
  lab.edit_to(at_decide, "score: 6\n");
  lab.ask("autoresearch_run", {{"session_id", at_decide}});
  lab.ask("autoresearch_finalize", {{"session_id", ended}});
  std::vector<bad_call> calls;
  auto id = [](const std::string& session) { return raw({{"session_id", session}}); };
  for (const char* tool : {"autoresearch_edit", "autoresearch_run", "autoresearch_decide",
                           "autoresearch_finalize", "get_autoresearch_status"}) {
    calls.push_back({"unknown", tool, id("0123456789ab"), "unknown_session", "", "0123456789ab"});
    for (const char* wrong : {"../../etc/x", "a/b", "0123456789xy", "short", "0123456789abc"})
      calls.push_back({"malformed", tool, id(wrong), "invalid_argument", "session_id", "12"});
    calls.push_back(
        {"number", tool, "{\"session_id\": 12}", "invalid_argument", "session_id", "text"});
  }
  for (const char* tool : {"autoresearch_run", "autoresearch_decide"}) {
    calls.push_back({"missing id", tool, "{}", "invalid_argument", "session_id", "session_id"});
    calls.push_back({"at edit", tool, id(at_edit), "wrong_step", "", "autoresearch_edit"});
  }
  calls.push_back({"edit at run", "autoresearch_edit", id(at_run), "wrong_step", "", "_run"});
  calls.push_back({"decide at run", "autoresearch_decide", id(at_run), "wrong_step", "", "_run"});
  calls.push_back(
      {"edit at decide", "autoresearch_edit", id(at_decide), "wrong_step", "", "_decide"});
  calls.push_back(
      {"run at decide", "autoresearch_run", id(at_decide), "wrong_step", "", "_decide"});
  for (const char* tool : {"autoresearch_edit", "autoresearch_run", "autoresearch_decide"})
    calls.push_back({"ended", tool, id(ended), "session_ended", "", ended});
  check_refused(lab, at_edit, calls);
  CHECK(lab.status(at_run).value("step", "") == "autoresearch_run");
  CHECK(lab.status(at_decide).value("step", "") == "autoresearch_decide");
}

TEST_CASE("an edit in a form that cannot be read is refused and is no iteration") {
  laboratory lab;
  auto s = lab.start();
  auto edit = [&](const json& more) {
    json a{{"session_id", s}};
    a.update(more);
    return raw(a);
  };
  const std::string tool = "autoresearch_edit", bad = "invalid_argument";
  std::string huge = raw({{"session_id", s}, {"content", std::string(10 << 20, 'x')}});
  json two{{"file", "p.txt"}, {"search", "5"}, {"replace", "6"}};
  json extra = two, lacking = two, number = two;
  extra["serach"] = "x";
  lacking.erase("search");
  number["replace"] = 6;
  check_refused(
      lab, s,
      {{"two forms", tool, edit({{"content", "x"}, {"diff", "y"}}), bad, "content", "one of"},
       {"10 MB", tool, in_file(lab, "huge.json", huge), bad, "content", "4 MiB"},
       {"edits object", tool, edit({{"edits", two}}), bad, "edits", "list"},
       {"unknown key", tool, edit({{"edits", json::array({extra})}}), bad, "edits", "search"},
       {"missing key", tool, edit({{"edits", json::array({lacking})}}), bad, "edits", "search"},
       {"number for text", tool, edit({{"edits", json::array({number})}}), bad, "edits", "replace"},
       {"empty list", tool, edit({{"edits", json::array()}}), bad, "edits", "edits"},
       {"diff list", tool, edit({{"diff", {1}}}), bad, "diff", "text"},
       {"content number", tool, edit({{"content", 5}}), bad, "content", "text"},
       {"hypothesis number", tool, edit({{"hypothesis", 5}}), bad, "hypothesis", "text"},
       {"unknown argument", tool, edit({{"contents", "x"}}), bad, "contents", "content"}});
  CHECK(lab.status(s).value("iteration", -1) == 0);
}

TEST_CASE(
    "an edit that cannot be used is no success, free of spark, and leaves every byte as it was") {
  laboratory lab;
  make_odd_repositories(lab);
  auto s = lab.start({{"target_file", ""},
                      {"target_files", {"p.txt", "sub/q.txt"}},
                      {"protected_paths", {"other.txt"}}});
  auto at = [](const char* file, const char* search, const char* replace) {
    return json{{"edits", {{{"file", file}, {"search", search}, {"replace", replace}}}}};
  };
  json both = at("p.txt", "5", "6");
  both["edits"].push_back({{"file", "p.txt"}, {"search", "nowhere"}, {"replace", "x"}});
  const std::vector<std::pair<std::string, json>> edits{
      {"no edit and no backend", json::object()},
      {"changes nothing", at("p.txt", "5", "5")},
      {"same text", {{"content", {{"p.txt", "score: 5\n"}}}}},
      {"empty object", {{"content", json::object()}}},
      {"which file", {{"content", "score: 6\n"}}},
      {"search is nowhere", at("p.txt", "nothing like it", "6")},
      {"one of two does not apply", both},
      {"outside the targets", at("link", "5", "6")},
      {"new file", {{"content", {{"new.txt", "x"}}}}},
      {"protected", at("other.txt", "1", "2")},
      {"traversal", {{"content", {{"../outside/p.txt", "x"}}}}},
      {"through a symlink", {{"content", {{"away/p.txt", "x"}}}}},
      {"absolute", {{"content", {{"/etc/passwd", "x"}}}}},
      {"git's own", {{"content", {{".git/config", "x"}}}}},
      {"empty path", {{"content", {{"", "x"}}}}},
      {"not a diff", {{"diff", "make it better"}}},
      {"diff that does not fit", {{"diff", "--- a/p.txt\n+++ b/p.txt\n@@ -1 +1 @@\n-zzz\n+y\n"}}},
      {"diff of another file", {{"diff", "--- a/x\n+++ b/x\n@@ -0,0 +1 @@\n+y\n"}}},
      {"empty diff", {{"diff", ""}}}};
  auto work = picture_of(lab.worktree(s));
  auto users = lab.users();
  int unapplied = 0;  // the first two in a row are free
  for (const auto& [name, edit] : edits) {
    CAPTURE(name);
    json arguments = edit;
    arguments["session_id"] = s;
    auto done = lab.call("autoresearch_edit", arguments);
    json answer = done.answer();
    CAPTURE(done.out);
    if (answer.contains("code")) {  // refused as a form: no iteration
      CHECK(answer.value("code", "") == "invalid_argument");
      CHECK(done.exit_code == 1);
    } else {
      CHECK(answer.value("success", true) == false);
      CHECK(answer.value("iteration", -1) == std::max(0, ++unapplied - 2));
      CHECK_FALSE(answer.value("reason", "").empty());
      CHECK(done.exit_code == 0);
    }
    CHECK(differences(work, picture_of(lab.worktree(s))) == "");
    CHECK(differences(users, lab.users()) == "");
  }
  json status = lab.status(s);
  CHECK(status.value("iteration", -1) == unapplied - 2);
  CHECK(status.value("spark_consumed", -1) == 0);
  CHECK(status.value("step", "") == "autoresearch_edit");
  CHECK(read_text(lab.folder.path / "outside" / "p.txt") == "score: 1\n");
  CHECK(lab.ask("autoresearch_edit", {{"session_id", s}, {"content", {{"p.txt", "score: 6\n"}}}})
            .value("success", false));
}

TEST_CASE("an ambiguous search is refused with the places it could mean") {
  laboratory lab;
  write_text(lab.repository / "p.txt", "score: 5\na = 1\nb = 2\na = 1\n");
  lab.git("commit -qam twice");
  auto s = lab.start();
  json answer =
      lab.ask("autoresearch_edit",
              {{"session_id", s},
               {"edits", {{{"file", "p.txt"}, {"search", "a = 1"}, {"replace", "a = 2"}}}}});
  CHECK(answer.value("success", true) == false);
  CHECK(answer.value("reason", "").find("p.txt") != std::string::npos);
}

TEST_CASE("a baseline that yields no number fails the setup and leaves no work tree") {
  laboratory lab;
  auto users = lab.users();
  const std::vector<std::pair<std::string, json>> commands{
      {"false", {{"run_command", "false"}}},
      {"no output", {{"run_command", "true"}}},
      {"NaN", {{"run_command", "echo 'score: NaN'"}}},
      {"infinite", {{"run_command", "echo 'score: inf'"}}},
      {"too large", {{"run_command", "echo 'score: 1e999'"}}},
      {"not a number", {{"run_command", "echo 'score: high'"}}},
      {"NaN by pattern", {{"run_command", "echo 'x nan'"}, {"metric_pattern", "x (\\S+)"}}},
      {"no such program", {{"run_command", {"/none/such"}}}},
      {"time-out", {{"run_command", "sleep 60"}, {"time_budget_s", 0.2}}},
      {"setup command fails", {{"setup_command", "exit 3"}}},
      {"missing guard", {{"guard_metrics", {"memory"}}}},
      {"missing JSON file", {{"metric_pattern", "json:none.json#/x"}}},
      {"killed", {{"run_command", "kill -9 $$"}}}};
  for (const auto& [name, more] : commands) {
    CAPTURE(name);
    auto done = lab.call("autoresearch_setup", lab.setup_arguments(more));
    CAPTURE(done.out);
    json answer = done.answer();
    if (name == "missing guard" && !answer.contains("error")) continue;
    CHECK(done.exit_code == 1);
    CHECK(answer.value("code", "") == "baseline_failed");
    CHECK(answer.value("error", "").starts_with("Baseline failed: "));
    auto id = answer.value("session_id", "");
    REQUIRE(id.size() == 12);
    CHECK(lab.status(id).value("status", "") == "failed");
    CHECK_FALSE(fs::exists(lab.worktree(id)));
    CHECK(lab.call("autoresearch_edit", {{"session_id", id}, {"content", "x"}})
              .answer()
              .value("code", "") == "session_ended");
    CHECK(differences(users, lab.users()) == "");
  }
}

TEST_CASE("a pattern that would take a backtracking engine for ever is quick") {
  laboratory lab;
  auto began = now_s();
  lab.start({{"run_command", "head -c 200000 /dev/zero | tr '\\0' a; echo; cat p.txt"},
             {"metric_pattern", "(?:a+)+b|score: (\\S+)"}});
  CHECK(now_s() - began < 10);
}
