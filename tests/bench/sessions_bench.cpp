// SPDX-License-Identifier: MIT
//
// What many sessions and long ones cost: memory and status of 1,000 open sessions in one runtime,
// and an iteration late in a session beside an early one. Prints JSON lines; times in milliseconds.
//
//   sessions_bench [sessions 1000] [iterations 10000]
#include "tests/bench/laboratory.hpp"

using ratchet::json;
using namespace ratchet::bench;

namespace {

void many_sessions(const fs::path& base, int count) {
  auto repo = make_repository(base / "repo", 0);
  auto opened = ratchet::runtime::open({.state_dir = base / "many"});
  if (!opened) give_up(opened.error().text);
  auto& lab = **opened;
  std::vector<std::string> ids;
  std::vector<double> setup, status, list;
  double before = 0;
  for (int i = 0; i < count + 50; ++i) {
    if (i == 50) before = resident_bytes();  // what the first ones bring once is not theirs
    auto begin = clock_type::now();
    ids.push_back(call(lab, "autoresearch_setup", score_session(repo))["session_id"]);
    setup.push_back(ms_since(begin));
  }
  double each = (resident_bytes() - before) / count;
  for (const auto& id : ids) {
    auto begin = clock_type::now();
    call(lab, "get_autoresearch_status", {{"session_id", id}});
    status.push_back(ms_since(begin));
  }
  for (int i = 0; i < 5; ++i) {
    auto begin = clock_type::now();
    call(lab, "get_autoresearch_status", json::object());
    list.push_back(ms_since(begin));
  }
  std::printf("%s\n", json{{"sessions", ids.size()},
                           {"resident_bytes_each", each},
                           {"setup_ms", median(setup)},
                           {"status_ms", median(status)},
                           {"list_ms", median(list)}}
                          .dump()
                          .c_str());
}

void long_session(const fs::path& base, int iterations) {
  auto repo = make_repository(base / "long-repo", 0);
  auto opened = ratchet::runtime::open({.state_dir = base / "long"});
  if (!opened) give_up(opened.error().text);
  auto& lab = **opened;
  std::string id = call(lab, "autoresearch_setup", score_session(repo))["session_id"];
  iteration_times warm, early, middle, late;
  constexpr int sample = 100;
  for (int i = 1; i <= iterations; ++i) {
    auto& times = i < 10 ? warm : i < 10 + sample ? early : i > iterations - sample ? late : middle;
    one_iteration(lab, id, -i, "reverted", times);
  }
  // The machine drifts while so many run: a session that begins now is what the late one is
  // compared with, beside the early iterations of the same session.
  std::string other = call(lab, "autoresearch_setup", score_session(repo))["session_id"];
  iteration_times fresh, again;
  for (int i = 1; i <= sample; ++i) {
    one_iteration(lab, other, -i, "reverted", i < 10 ? warm : fresh);
    one_iteration(lab, id, -iterations - i, "reverted", again);
  }
  double now = median(again.total), then = median(fresh.total);
  std::printf("%s\n", json{{"iteration", iterations},
                           {"early_ms", median(early.total)},
                           {"late_ms", median(late.total)},
                           {"beside_a_fresh_session_ms", then},
                           {"late_again_ms", now},
                           {"ratio_to_fresh", now / then}}
                          .dump()
                          .c_str());
}

}  // namespace

int main(int argc, char** argv) {
  char scratch[] = "/tmp/ratchet-bench-XXXXXX";
  fs::path base = mkdtemp(scratch);
  many_sessions(base, argc > 1 ? std::atoi(argv[1]) : 1000);
  long_session(base, argc > 2 ? std::atoi(argv[2]) : 10'000);
  fs::remove_all(base);
}
