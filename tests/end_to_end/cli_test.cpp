// SPDX-License-Identifier: MIT
//
// The command as people and scripts use it: exit statuses, pipes, Ctrl-C, kill -9 and resume.
#include <csignal>
#include <memory>
#include <set>
#include <sstream>

#include "tests/end_to_end/program.hpp"

using namespace ratchet;
using namespace ratchet::e2e;

namespace {

std::vector<json> lines_of(const std::string& text) {
  std::vector<json> all;
  std::istringstream in(text);
  for (std::string line; std::getline(in, line);) {
    json j = json::parse(line, nullptr, false);
    CHECK_MESSAGE(!j.is_discarded(), "not JSON: " << line);
    if (!j.is_discarded()) all.push_back(std::move(j));
  }
  return all;
}

std::vector<json> sessions_of(const laboratory& lab) {
  auto answer = lab.run({"status", "--json"}).answer();
  if (answer.is_array()) return answer.get<std::vector<json>>();
  for (auto& [key, value] : answer.items())
    if (value.is_array()) return value.get<std::vector<json>>();
  return {};
}

std::string only_session(const laboratory& lab) {
  auto all = sessions_of(lab);
  REQUIRE(all.size() == 1);
  return all[0].value("session_id", "");
}

std::vector<std::string> search(const laboratory& lab, std::vector<std::string> more) {
  std::vector<std::string> words{"run", "--repo", lab.repository.string(), "--target", "p.txt"};
  words.insert(words.end(), more.begin(), more.end());
  return words;
}

// What every finished search leaves.
void check_left(const laboratory& lab, const std::string& id) {
  CHECK(fs::exists(lab.state / "reports" / (id + ".json")));
  CHECK(read_text(lab.state / "reports" / id / "results.tsv").starts_with("commit\t"));
  CHECK(read_text(lab.state / "reports" / id / "progress.svg").find("<svg") != std::string::npos);
  CHECK_FALSE(fs::exists(lab.worktree(id)));
}

// Waits until a file is there: until the command of a search has begun.
bool appears(process& p, const fs::path& path) {
  for (double until = now_s() + 20; now_s() < until;) {
    if (fs::exists(path)) return true;
    if (p.ends_within(5)) return fs::exists(path);
  }
  return false;
}

// An experiment that says it began and then goes on for minutes, with a child that holds the FIFO;
// only the first two runs, the baseline's, are over at once.
std::string endless_after_the_baseline(laboratory& lab) {
  std::string top = lab.folder.path.string();
  return "if [ -e '" + top + "/baseline' ]; then if [ -e '" + top + "/twice' ]; then exec 8>'" +
         lab.fifo().string() + "'; touch '" + top +
         "/began'; (setsid sleep 300 &); sleep 300; fi; touch '" + top + "/twice'; fi; touch '" +
         top + "/baseline'; cat p.txt";
}

}  // namespace

TEST_CASE("every sub-command explains itself, and wrong usage ends with status 2") {
  laboratory lab;
  for (const std::string name : {"run", "settings", "tools", "call", "status", "show", "events",
                                 "report", "doctor", "mcp", "node"}) {
    CAPTURE(name);
    auto help = lab.run({name, "--help"});
    CHECK(help.exit_code == 0);
    CHECK(help.out.find("Usage: ratchet " + name) != std::string::npos);
    CHECK(help.out.find("Examples:") != std::string::npos);
    CHECK(help.err == "");
    auto wrong = lab.run({name, "--no-such-flag"});
    CHECK(wrong.exit_code == 2);
    CHECK(wrong.err.find("no --no-such-flag") != std::string::npos);
    CHECK(wrong.out == "");
  }
  auto near = lab.run({"run", "-t", "p.txt", "--iteration", "3", "--", "cat", "p.txt"});
  CHECK(near.exit_code == 2);
  CHECK(near.err.find("has no --iteration. Did you mean --iterations?") != std::string::npos);
  CHECK(lab.run({"--help"}).exit_code == 0);
  CHECK(lab.run({"--version"}).exit_code == 0);
  CHECK(lab.run({}).exit_code == 2);
  CHECK(lab.run({"no-such-command"}).exit_code == 2);
  CHECK(lab.run({"call"}).exit_code == 2);
  CHECK(lab.run({"show"}).exit_code == 2);
  CHECK(lab.run({"show", "0123456789ab"}).exit_code == 1);
  CHECK(lab.run({"report", "0123456789ab"}).exit_code == 1);
  CHECK(lab.run({"run", "--repo", lab.repository.string(), "-c", "cat p.txt"}).exit_code == 2);
  CHECK(lab.run({"run", "--repo", lab.repository.string(), "-t", "p.txt"}).exit_code == 2);
  CHECK(lab.run(search(lab, {"-c", "cat p.txt", "-n", "0"})).exit_code == 2);
  CHECK(lab.run(search(lab, {"-c", "false"})).exit_code == 1);
}

TEST_CASE("the tools are listed as JSON Schemas") {
  laboratory lab;
  auto done = lab.run({"tools", "--json"});
  CHECK(done.exit_code == 0);
  CHECK(done.answer().dump().find("autoresearch_setup") != std::string::npos);
}

TEST_CASE("doctor finds this machine ready") {
  laboratory lab;
  auto done = lab.run({"doctor", "--json"});
  CAPTURE(done.out);
  CHECK(done.exit_code == 0);
  CHECK((done.answer().is_object() || done.answer().is_array()));
}

TEST_CASE("a search with no model finds better code, in plain lines when piped") {
  laboratory lab;
  auto users = lab.users();
  auto done = lab.run(search(lab, {"-c", "cat p.txt", "-n", "6", "--seed", "3", "--pairs", "2"}));
  CAPTURE(done.out);
  CAPTURE(done.err);
  CHECK(done.exit_code == 0);
  CHECK((done.out + done.err).find('\x1b') == std::string::npos);
  CHECK(done.out.find('\r') == std::string::npos);
  auto id = only_session(lab);
  CHECK(done.out.find(id) != std::string::npos);
  check_left(lab, id);
  json report = lab.run({"report", id, "--json"}).answer();
  CHECK(report["results"].size() == 7);
  CHECK(report["session"].value("total_improvements", 0) > 0);
  CHECK(lab.git("log -1 --format=%s ratchet/" + id).find("score=") != std::string::npos);
  CHECK(differences(users, lab.users()) == "");
  auto shown = lab.run({"show", id, "1"});
  CHECK(shown.exit_code == 0);
  CHECK(shown.out.find("p.txt") != std::string::npos);
  CHECK(lab.run({"show", id, "99"}).exit_code == 1);
}

TEST_CASE("with --json a search is one JSON object a line, and so are its events afterwards") {
  laboratory lab;
  auto done =
      lab.run(search(lab, {"-c", "cat p.txt", "-n", "3", "--seed", "3", "--no-compare", "--json"}));
  CHECK(done.exit_code == 0);
  CHECK(lines_of(done.out).size() >= 4);
  auto id = only_session(lab);
  auto events = lab.run({"events", "--json", "--session", id});
  CHECK(events.exit_code == 0);
  auto all = lines_of(events.out);
  REQUIRE(all.size() >= 5);
  std::set<std::string> types;
  long last = 0;
  for (const auto& e : all) {
    CAPTURE(e.dump());
    CHECK(e.value("specversion", "") == "1.0");
    CHECK(e["data"].value("session_id", "") == id);
    types.insert(e.value("type", ""));
    long seq = e.contains("sequence") && e["sequence"].is_string()
                   ? std::stol(e["sequence"].get<std::string>())
                   : std::stol(e.value("id", "0"));
    CHECK(seq > last);
    last = seq;
  }
  auto has = [&](const std::string& topic) {
    for (const auto& t : types)
      if (t.ends_with(topic)) return true;
    return false;
  };
  for (const char* topic : {"started", "baseline", "edited", "iteration", "completed"}) {
    CAPTURE(topic);
    CHECK(has(std::string("autoresearch.") + topic));
  }
  auto rest = lab.run({"events", "--json", "--after", std::to_string(last)});
  CHECK(rest.out == "");
}

TEST_CASE("a script of edits is played to its end") {
  laboratory lab;
  std::string script;
  for (const char* to : {"score: 4\n", "score: 9\n"})
    script += json{{"content", to}, {"hypothesis", "as written"}}.dump() + "\n";
  write_text(lab.folder.path / "edits.jsonl", script);
  json backend{{"name", "script"}, {"path", (lab.folder.path / "edits.jsonl").string()}};
  auto done = lab.run(
      search(lab, {"-c", "cat p.txt", "-n", "2", "--backend", backend.dump(), "--no-compare"}));
  CAPTURE(done.out);
  CAPTURE(done.err);
  CHECK(done.exit_code == 0);
  auto id = only_session(lab);
  CHECK(lab.git("show ratchet/" + id + ":p.txt") == "score: 9\n");
  check_left(lab, id);
}

TEST_CASE("a command writes the edits in the work tree") {
  laboratory lab;
  json backend{{"name", "command"}, {"argv", {"sed", "-i", "s/5/8/", "p.txt"}}};
  auto done = lab.run(
      search(lab, {"-c", "cat p.txt", "-n", "1", "--backend", backend.dump(), "--no-compare"}));
  CAPTURE(done.out);
  CAPTURE(done.err);
  CHECK(done.exit_code == 0);
  auto id = only_session(lab);
  CHECK(lab.git("show ratchet/" + id + ":p.txt") == "score: 8\n");
  CHECK(read_text(lab.repository / "p.txt") == "score: 5\n");
}

TEST_CASE("Ctrl-C once undoes the step and leaves a session to go on with, and no process") {
  laboratory lab;
  auto users = lab.users();
  process p(lab.command(search(lab, {"-c", endless_after_the_baseline(lab), "-n", "5"})),
            lab.folder.path);
  REQUIRE(appears(p, lab.folder.path / "began"));
  p.send(SIGINT);
  auto done = p.end();
  CAPTURE(done.out);
  CAPTURE(done.err);
  CHECK(done.exit_code == 130);
  CHECK(p.all_gone());
  CHECK(lab.fifo_is_free());
  const std::string id = lab.run({"status", "--json"}).answer()["sessions"][0]["session_id"];
  CHECK(done.out.find("resume    ratchet run --resume " + id) != std::string::npos);
  const json status = lab.status(id);
  CHECK(status.value("status", "") == "running");
  CHECK(status.value("step", "") == "autoresearch_run");
  fs::remove(lab.folder.path / "baseline");  // only the next run is over at once
  fs::create_directory_symlink("/dev/null/none", lab.folder.path / "baseline");
  CHECK(lab.run({"run", "--resume", id, "--no-compare"}).exit_code == 0);
  check_left(lab, id);
  CHECK(differences(users, lab.users()) == "");
}

TEST_CASE("with --finish Ctrl-C reverts the candidate, writes the report and leaves no process") {
  laboratory lab;
  auto users = lab.users();
  process p(
      lab.command(search(lab, {"-c", endless_after_the_baseline(lab), "-n", "5", "--finish"})),
      lab.folder.path);
  REQUIRE(appears(p, lab.folder.path / "began"));
  auto began = now_s();
  p.send(SIGINT);
  auto done = p.end();
  CAPTURE(done.out);
  CAPTURE(done.err);
  CHECK(now_s() - began < 10);
  CHECK(done.exit_code == 130);  // and the report is written
  CHECK(p.all_gone());
  CHECK(lab.fifo_is_free());
  auto id = only_session(lab);
  check_left(lab, id);
  json report = lab.run({"report", id, "--json"}).answer();
  CHECK(report["session"].value("status", "") == "completed");
  for (const auto& r : report["results"])
    if (r.value("iteration", 0) == 1) CHECK(r.value("decision", "") == "reverted");
  CHECK(differences(users, lab.users()) == "");
}

TEST_CASE("after kill -9 --resume goes on where the search was") {
  laboratory lab;
  auto users = lab.users();
  process p(lab.command(search(lab, {"-c", endless_after_the_baseline(lab), "-n", "3", "--seed",
                                     "3", "--no-compare"})),
            lab.folder.path);
  REQUIRE(appears(p, lab.folder.path / "began"));
  p.send(SIGKILL);
  CHECK(p.end().signal == SIGKILL);
  CHECK(p.all_gone());
  CHECK(lab.fifo_is_free());
  fs::remove(lab.folder.path / "baseline");  // only the next run is over at once
  auto id = only_session(lab);
  // So that the later ones are too: the experiment creates it again.
  fs::create_directory_symlink("/dev/null/none", lab.folder.path / "baseline");
  auto done = lab.run({"run", "--resume", id, "--no-compare"});
  CAPTURE(done.out);
  CAPTURE(done.err);
  CHECK(done.exit_code == 0);
  json report = lab.run({"report", id, "--json"}).answer();
  CHECK(report["results"].size() == 4);
  CHECK(report["session"].value("spark_consumed", 0) == 12);
  check_left(lab, id);
  CHECK(differences(users, lab.users()) == "");
  CHECK(lab.run({"run", "--resume", id}).exit_code == 1);
}

TEST_CASE("Ctrl-C twice ends at once, leaves no process, and the session can go on") {
  laboratory lab;
  auto users = lab.users();
  process p(lab.command(search(lab, {"-c", endless_after_the_baseline(lab), "-n", "5"})),
            lab.folder.path);
  REQUIRE(appears(p, lab.folder.path / "began"));
  auto began = now_s();
  p.send(SIGINT);
  p.send(SIGINT);
  p.end();
  CHECK(now_s() - began < 10);
  CHECK(p.all_gone());
  CHECK(lab.fifo_is_free());
  CHECK(differences(users, lab.users()) == "");
  CHECK(sessions_of(lab).size() == 1);
}

TEST_CASE("after kill -9 in a run the status does not say that the run goes on") {
  laboratory lab;
  auto id = lab.start({{"run_command", endless_after_the_baseline(lab)}});
  lab.edit_to(id, "score: 6\n");
  process p(lab.command({"call", "autoresearch_run", json{{"session_id", id}}.dump()}),
            lab.folder.path);
  REQUIRE(appears(p, lab.folder.path / "began"));
  CHECK(lab.status(id).value("state", "") == "running");
  p.send(SIGKILL);
  p.end();
  CHECK(p.all_gone());
  CHECK(lab.status(id).value("state", "") == "idle");
  CHECK(lab.ask("get_autoresearch_status", {{"session_id", id}, {"wait_ms", 5000}})
            .value("step", "") == "autoresearch_run");
}

TEST_CASE("with wait_ms a long run goes on behind the call and its result is in the status") {
  laboratory lab;
  std::string top = lab.folder.path.string();
  // The run waits for the test to let it go on.
  std::string gate = (lab.folder.path / "gate").string();
  shell(lab.folder.path, "mkfifo gate");
  auto id = lab.start({{"run_command", "if [ -e '" + top + "/second' ]; then touch '" + top +
                                           "/began'; read x < '" + gate + "'; fi; cat p.txt"}});
  write_text(lab.folder.path / "second", "");
  lab.edit_to(id, "score: 6\n");
  auto began = now_s();
  json answer = lab.ask("autoresearch_run", {{"session_id", id}, {"wait_ms", 50}});
  CHECK(now_s() - began < 5);
  CHECK(answer.value("state", "") == "running");
  CHECK(answer.value("session_id", "") == id);
  CHECK(answer.value("step", "") == "autoresearch_run");
  CHECK(answer.value("elapsed_s", -1.0) >= 0);
  CHECK(answer.contains("instruction"));

  auto busy = lab.call("autoresearch_run", {{"session_id", id}});
  CHECK(busy.exit_code == 1);
  CHECK(busy.answer().value("code", "") == "session_busy");
  CHECK(lab.call("autoresearch_decide", {{"session_id", id}}).answer().value("code", "") ==
        "session_busy");

  shell(lab.folder.path, "echo go > gate");
  json status = lab.ask("get_autoresearch_status", {{"session_id", id}, {"wait_ms", 20'000}});
  CAPTURE(status.dump());
  CHECK(status["last_result"].value("step", "") == "autoresearch_run");
  CHECK(status["last_result"]["answer"].value("metric_value", 0.0) == 6.0);
  CHECK(lab.ask("autoresearch_decide", {{"session_id", id}}).value("decision", "") == "kept");
}

TEST_CASE("of processes that step one session at once exactly one does the step") {
  laboratory lab;
  auto id = lab.start({{"run_command", "sleep 0.3; cat p.txt"}});
  lab.edit_to(id, "score: 6\n");
  std::string arguments = json{{"session_id", id}}.dump();
  auto start = [&] {
    return std::make_unique<process>(lab.command({"call", "autoresearch_run", arguments}),
                                     lab.folder.path);
  };
  std::vector<std::unique_ptr<process>> all;
  for (int i = 0; i < 4; ++i) all.push_back(start());
  int done = 0;
  for (auto& p : all) {
    json answer = p->end().answer();
    CAPTURE(answer.dump());
    if (answer.contains("metric_value"))
      ++done;
    else
      CHECK(
          (answer.value("code", "") == "session_busy" || answer.value("code", "") == "wrong_step"));
  }
  CHECK(done == 1);
  CHECK(lab.status(id).value("spark_consumed", 0) == 4);
}

TEST_CASE("--parallel 1 is a search of one at a time, whatever ratchet.json says") {
  laboratory lab;
  write_text(lab.repository / "ratchet.json", R"({"hive_parallel": true, "num_variants": 4})");
  const auto ran = lab.run(search(lab, {"--parallel", "1", "--iterations", "2", "--backend",
                                        "mutate", "--sandbox", "none", "--", "cat", "p.txt"}));
  CHECK_MESSAGE(ran.exit_code == 0, ran.err);
  CHECK(lab.status(only_session(lab))["iteration"] == 2);
}
