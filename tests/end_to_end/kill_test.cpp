// SPDX-License-Identifier: MIT
//
// kill -9 at seeded random moments of edit, run, decide and finalize. RATCHET_KILL_SEED repeats a
// run's choices; RATCHET_KILLS asks for more kills.
#include <array>
#include <csignal>
#include <cstdio>
#include <cstdlib>
#include <random>
#include <set>

#include "tests/end_to_end/program.hpp"
#include "tests/support/long_tests.hpp"

using namespace ratchet;
using namespace ratchet::e2e;

namespace {

enum killed_step { edit, run, decide, finalize, steps };
constexpr std::array<const char*, steps> tools{"autoresearch_edit", "autoresearch_run",
                                               "autoresearch_decide", "autoresearch_finalize"};

// What must be true of the session, from the answers alone.
struct expectation {
  int iteration = 0, runs = 0, improvements = 0, best_iteration = 0;
  double best = 5;
  std::vector<std::string> decisions;
};

long number_from(const char* variable, long otherwise) {
  const char* text = std::getenv(variable);
  return text && *text ? std::atol(text) : otherwise;
}

class killing {
 public:
  killing(laboratory& lab, unsigned seed) : lab_(lab), random_(seed) { before_ = lab_.users(); }

  int kills() const { return kills_total_; }

  void whole_session(bool with_kills) {
    with_kills_ = with_kills;
    id_ = lab_.start({{"run_command", experiment()}});
    REQUIRE(id_.size() == 12);
    now_ = {};
    int iterations = 2 + static_cast<int>(random_() % 3);
    for (int i = 0; i < iterations; ++i) iteration();
    finish();
  }

  void table() const {
    std::printf("%-22s %6s %12s %18s %12s\n", "kill -9 during", "kills", "answered yet",
                "durable, no answer", "not durable");
    for (int s = 0; s < steps; ++s)
      std::printf("%-22s %6d %12d %18d %12d\n", tools[s], kills_[s], answered_[s], silent_[s],
                  kills_[s] - answered_[s] - silent_[s]);
  }

 private:
  // A grandchild in a session of its own holds the FIFO and the output and would live for minutes.
  std::string experiment() {
    return "exec 8>'" + lab_.fifo().string() +
           "'; setsid sleep 300 & (sleep 300 &) ; sleep 0.02; "
           "cat p.txt";
  }

  json arguments(killed_step s) const {
    json a{{"session_id", id_}};
    if (s == edit) a["content"] = text_;
    return a;
  }

  // A fresh process calls the step, and dies after a random part of the step's usual time. The
  // answer, when it was out before.
  std::optional<json> killed_call(killed_step s) {
    process p(lab_.command({"call", tools[s], arguments(s).dump()}), lab_.folder.path);
    double usual_ms = usual_[s] * 1000;
    if (!p.ends_within(std::uniform_real_distribution<double>(0, 1.1 * usual_ms)(random_)))
      p.send(SIGKILL);
    auto end = p.end();
    CHECK_MESSAGE(p.all_gone(), "a process of Ratchet outlived the kill during " << tools[s]);
    CHECK_MESSAGE(lab_.fifo_is_free(),
                  "a descendant of the run command outlived the kill during " << tools[s]);
    if (end.signal == 0) return end.answer();
    ++kills_[s];
    ++kills_total_;
    users_unchanged();
    json answer = json::parse(end.out, nullptr, false);
    if (answer.is_discarded()) return std::nullopt;
    ++answered_[s];
    return answer;
  }

  // The step, until it is answered or known to be durable; gives its answer.
  json take(killed_step s) {
    const char* next =
        s == edit ? "autoresearch_run" : (s == run ? "autoresearch_decide" : "autoresearch_edit");
    bool killed = false;
    for (int attempt = 0; with_kills_ && attempt < 3 && (s == finalize || random_() % 4 != 0);
         ++attempt) {
      int kills_before = kills_total_;
      auto answer = killed_call(s);
      if (answer && killed && answer->value("repeated", false)) ++silent_[s];
      if (answer && (!killed || !answer->contains("code"))) return *answer;
      if (answer) return durable_answer(s, *answer, next);
      killed |= kills_total_ > kills_before;
    }
    auto end = lab_.call(tools[s], arguments(s));
    if (!killed && usual_[s] == 0) usual_[s] = end.seconds;
    usual_[s] = 0.8 * usual_[s] + 0.2 * end.seconds;
    json answer = end.answer();
    if (killed && answer.contains("code")) return durable_answer(s, answer, next);
    if (killed && answer.value("repeated", false)) ++silent_[s];
    INFO(answer.dump());
    CHECK(end.exit_code == 0);
    return answer;
  }

  // After a kill the same call may say that the step was taken: then its answer was durable, and
  // the status has it.
  json durable_answer(killed_step s, const json& refusal, const char* next) {
    INFO(tools[s] << " after a kill: " << refusal.dump());
    CHECK(refusal.value("code", "") == "wrong_step");
    CHECK(refusal.value("expected", "") == next);
    ++silent_[s];
    json status = lab_.status(id_);
    CHECK(status["last_result"].value("step", "") == tools[s]);
    return status["last_result"]["answer"];
  }

  void iteration() {
    int value = static_cast<int>(now_.best) + 1 - static_cast<int>(random_() % 3);
    if (value == now_.best) value -= 2;
    text_ = "score: " + std::to_string(value) + "\n# " + std::to_string(random_()) + "\n";
    CAPTURE(id_);
    CAPTURE(now_.iteration);

    json edited = take(edit);
    INFO(edited.dump());
    CHECK(edited.value("success", false));
    CHECK(edited.value("iteration", -1) == now_.iteration + 1);
    now_.iteration += 1;
    agrees();

    json ran = take(run);
    INFO(ran.dump());
    CHECK(ran.value("iteration", -1) == now_.iteration);
    CHECK(ran.value("metric_value", json()) == json(value));
    CHECK(ran.value("improved", false) == (value > now_.best));
    now_.runs += 1;
    agrees();

    json decided = take(decide);
    INFO(decided.dump());
    bool kept = value > now_.best;
    CHECK(decided.value("decision", "") == (kept ? "kept" : "reverted"));
    CHECK(decided.value("iteration", -1) == now_.iteration);
    now_.decisions.push_back(kept ? "kept" : "reverted");
    if (kept) {
      now_.best = value;
      now_.best_iteration = now_.iteration;
      now_.improvements += 1;
    }
    CHECK(decided.value("best_metric", -1.0) == now_.best);
    agrees();
    // The work tree holds the best code and nothing else.
    CHECK(read_text(lab_.worktree(id_) / "p.txt")
              .starts_with("score: " + std::to_string(static_cast<int>(now_.best)) + "\n"));
  }

  void users_unchanged() { CHECK(differences(before_, lab_.users()) == ""); }

  void agrees() {
    json s = lab_.status(id_);
    INFO(s.dump());
    CHECK(s.value("iteration", -1) == now_.iteration);
    CHECK(s.value("spark_consumed", -1) == 4 * now_.runs);
    CHECK(s.value("best_metric", -1.0) == now_.best);
    CHECK(s.value("best_iteration", -1) == now_.best_iteration);
    CHECK(s.value("total_improvements", -1) == now_.improvements);
    branch_agrees();
    users_unchanged();
    no_locks();
  }

  void branch_agrees() {
    fs::path reference = lab_.repository / ".git/refs/heads/ratchet" / id_;
    if (now_.improvements == 0 && !fs::exists(reference)) return;
    std::string branch = "refs/heads/ratchet/" + id_;
    CHECK(lab_.git("rev-list --count main.." + branch) == std::to_string(now_.improvements) + "\n");
    if (now_.improvements == 0) return;
    std::string subject = lab_.git("log -1 --format=%s " + branch);
    CHECK(subject.find("iter " + std::to_string(now_.best_iteration) + ": score=" +
                       std::to_string(static_cast<int>(now_.best)) + " ") != std::string::npos);
    CHECK(lab_.git("show " + branch + ":p.txt")
              .starts_with("score: " + std::to_string(static_cast<int>(now_.best)) + "\n"));
  }

  void no_locks() {
    for (const auto& entry : fs::recursive_directory_iterator(lab_.repository / ".git")) {
      std::string name = entry.path().filename();
      bool left_over = name.ends_with(".lock") || name.starts_with("tmp_obj");
      CHECK_MESSAGE(!left_over, entry.path().string() << " was left behind");
    }
  }

  void finish() {
    CAPTURE(id_);
    json done = take(finalize);
    INFO(done.dump());
    CHECK(done.value("status", "") == "completed");
    CHECK(done.value("total_iterations", -1) == now_.iteration);
    CHECK(done.value("spark_consumed", -1) == 4 * now_.runs);
    CHECK(done.value("total_improvements", -1) == now_.improvements);
    CHECK(done.value("best_metric", -1.0) == now_.best);
    agrees();
    json report = json::parse(read_text(lab_.state / "reports" / (id_ + ".json")), nullptr, false);
    REQUIRE(report.is_object());
    std::vector<std::string> decisions;
    std::set<int> numbers;
    for (const auto& r : report["results"]) {
      CHECK_MESSAGE(numbers.insert(r.value("iteration", -1)).second,
                    "reported twice: " << r.dump());
      if (r.value("iteration", -1) > 0) decisions.push_back(r.value("decision", ""));
    }
    CHECK(decisions == now_.decisions);
    CHECK(report["session"].value("best_metric", -1.0) == now_.best);
    CHECK(report["session"].value("total_improvements", -1) == now_.improvements);
    std::string left;
    if (fs::exists(lab_.state / "sessions" / id_))
      for (const auto& entry : fs::directory_iterator(lab_.state / "sessions" / id_))
        left += " " + entry.path().filename().string();
    CHECK_MESSAGE(!fs::exists(lab_.state / "sessions" / id_),
                  "finalized, but left behind:" << left);
  }

  laboratory& lab_;
  std::mt19937 random_;
  picture before_;
  std::string id_, text_;
  expectation now_;
  bool with_kills_ = false;
  int kills_total_ = 0;
  std::array<double, steps> usual_{};
  std::array<int, steps> kills_{}, answered_{}, silent_{};
};

}  // namespace

TEST_CASE("what was answered survives kill -9 at any moment, and what was not is done once") {
  unsigned seed = static_cast<unsigned>(number_from("RATCHET_KILL_SEED", std::random_device()()));
  int wanted = static_cast<int>(number_from("RATCHET_KILLS", long_tests() ? 100 : 30));
  std::printf("RATCHET_KILL_SEED=%u\n", seed);
  CAPTURE(seed);

  laboratory lab;
  // A user in the middle of work: a stash, staged and unstaged changes, an untracked file.
  write_text(lab.repository / "other.txt", "stashed\n");
  lab.git("stash -q");
  write_text(lab.repository / "other.txt", "staged\n");
  lab.git("add other.txt");
  write_text(lab.repository / "other.txt", "not staged\n");
  write_text(lab.repository / "p.txt", "the user's own\n");
  write_text(lab.repository / "new.txt", "untracked\n");

  killing all(lab, seed);
  all.whole_session(false);  // measures the steps
  for (int sessions = 0; all.kills() < wanted && sessions < wanted; ++sessions)
    all.whole_session(true);
  CHECK(all.kills() >= wanted);
  all.table();
}

TEST_CASE("a setup that kill -9 ended leaves no half session, work tree or reference") {
  unsigned seed = static_cast<unsigned>(number_from("RATCHET_KILL_SEED", std::random_device()()));
  std::printf("RATCHET_KILL_SEED=%u\n", seed);
  CAPTURE(seed);
  std::mt19937 random(seed);
  laboratory lab;
  auto arguments = lab.setup_arguments(
      {{"run_command", "exec 8>'" + lab.fifo().string() + "'; (setsid sleep 300 &); cat p.txt"}});
  auto first = lab.call("autoresearch_setup", arguments);
  lab.ask("autoresearch_finalize", {{"session_id", first.answer().value("session_id", "")}});
  auto before = lab.users();
  int killed = 0;
  auto kill_during = [&](const char* tool, const json& with, double usual_ms) {
    process p(lab.command({"call", tool, with.dump()}), lab.folder.path);
    if (!p.ends_within(std::uniform_real_distribution<double>(0, usual_ms)(random)))
      p.send(SIGKILL);
    auto end = p.end();
    CHECK(p.all_gone());
    CHECK(lab.fifo_is_free());
    killed += end.signal == SIGKILL;
    CHECK(differences(before, lab.users()) == "");
  };
  for (int i = 0; i < (long_tests() ? 20 : 6); ++i) {
    // The moments that chance finds seldom: before the lock was made, and before the session was.
    fs::create_directories(lab.state / "sessions" / "0123456789ab");
    fs::create_directories(lab.state / "sessions" / "0123456789ac");
    write_text(lab.state / "sessions" / "0123456789ac" / "lock", "1\n");
    double ms = 1000 * first.seconds;
    kill_during("autoresearch_setup", arguments, ms);
    if (random() % 2) kill_during("get_autoresearch_status", json::object(), ms / 2);
    // A session whose baseline was durable goes on; any other is gone.
    json active = lab.ask("get_autoresearch_status", json::object())["active_sessions"];
    CAPTURE(active.dump());
    std::set<std::string> alive;
    for (const auto& s : active) alive.insert(s.value("session_id", ""));
    for (const auto& folder : {lab.state / "sessions", lab.repository / ".git/refs/ratchet"}) {
      if (!fs::exists(folder)) continue;
      for (const auto& entry : fs::directory_iterator(folder))
        CHECK_MESSAGE(alive.count(entry.path().filename()) == 1,
                      entry.path().string() << " was left behind by kill " << i);
    }
    for (const auto& s : active) {
      std::string id = s.value("session_id", "");
      CHECK_MESSAGE(s.value("state", "") == "idle", "nobody works on it: " << s.dump());
      CHECK(s.value("step", "") == "autoresearch_edit");
      auto edited = lab.call("autoresearch_edit", {{"session_id", id}, {"content", "score: 6\n"}});
      CHECK(edited.answer().value("success", false));
      lab.ask("autoresearch_finalize", {{"session_id", id}});
    }
  }
  CHECK(lab.ask("get_autoresearch_status", json::object())["active_sessions"].empty());
  CHECK(fs::is_empty(lab.state / "sessions"));
  CHECK_FALSE(fs::exists(lab.repository / ".git/refs/ratchet"));
  CHECK(killed > 0);
}
