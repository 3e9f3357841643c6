// SPDX-License-Identifier: MIT
//
// Machines whose time of day is wrong, and is put right while they are at work.
#include "tests/end_to_end/cluster.hpp"
#include "tests/end_to_end/owner.hpp"
#include "tests/end_to_end/shifted_clock.hpp"

using namespace ratchet;
using namespace ratchet::e2e;

namespace {

constexpr int two_hours = 7200;
constexpr const char* no_faketime = "there is no libfaketime here (Debian: faketime)";

/// Those rows of a table whose time is not this machine's, now.
long rows_of_other_times(const laboratory& lab, const std::string& table,
                         const std::string& seconds) {
  return lab.rows(table + " WHERE coalesce(abs(" + seconds +
                  " - strftime('%s', 'now')), 1e9) > 60");
}

}  // namespace

TEST_CASE("workers two hours ahead and behind lose no run, nor when their clocks are put right") {
  if (!shifted_clock::there()) {
    MESSAGE(no_faketime);
    return;
  }
  temp_folder clocks;
  const shifted_clock ahead(clocks.path / "ahead", two_hours);
  const shifted_clock behind(clocks.path / "behind", -two_hours);
  REQUIRE(ahead.shows(two_hours));
  REQUIRE(behind.shows(-two_hours));
  cluster c(cluster_options{.links = false, .place = [&](const std::string& machine) {
                              return machine == "ahead"    ? ahead.place()
                                     : machine == "behind" ? behind.place()
                                                           : std::vector<std::string>{};
                            }});
  c.add("ahead");
  c.add("behind");
  const auto joined = c.workers();
  // What a worker is started with is none of a candidate's business: the baseline would fail.
  const auto id = c.start_search(
      6, "test -z \"$LD_PRELOAD$DONT_FAKE_MONOTONIC\" || exit 1; sleep 0.2; sed 's/#.*//' p.txt");
  for (int round = 0; round < 3; ++round) {
    c.ask("autoresearch_edit", {{"session_id", id}});
    auto run = c.begin("autoresearch_run", {{"session_id", id}});
    if (round == 1) {  // both jump, one back and one on
      run->ends_within(150);
      ahead.set(0);
      behind.set(0);
    }
    CHECK(run->end().answer()["variants"].size() == 6);
    c.ask("autoresearch_decide", {{"session_id", id}});
  }
  c.check_counted_once(id);
  const auto after = c.workers();
  REQUIRE(after.size() == 2);
  long runs = 0;
  for (std::size_t i = 0; i < 2; ++i) {
    CHECK(after[i]["worker_id"] == joined[i]["worker_id"]);  // it never had to join again
    CHECK(after[i]["lost"] == 0);
    CHECK(after[i]["runs"] > 0);
    runs += after[i]["runs"].get<long>();
  }
  CHECK(runs == c.lab.rows("results"));
  CHECK(rows_of_other_times(c.lab, "results", "strftime('%s', time)") == 0);
  CHECK(rows_of_other_times(c.lab, "events", "strftime('%s', time)") == 0);
  CHECK(rows_of_other_times(c.lab, "benchmarks", "timestamp") == 0);
}

TEST_CASE("a peer two hours ahead is refused and refuses, and tells all once its clock is right") {
  if (!shifted_clock::there()) {
    MESSAGE(no_faketime);
    return;
  }
  temp_folder clocks;
  const shifted_clock ahead(clocks.path / "ahead", two_hours);
  owner a, b("127.0.0.1", ahead.place());
  befriend(a, b);
  a.improve();
  b.improve();
  CHECK(becomes([&] { return a.peer(b)["failures"] > 0 && b.peer(a)["failures"] > 0; }));
  const json refused = a.peer(b);
  CHECK_MESSAGE(refused["accepted"] == 0, refused.dump());
  CHECK_MESSAGE(refused["refused"] > 0, refused.dump());
  CHECK_MESSAGE(
      refused["last_refusal"].get<std::string>().find("2 h in the future") != std::string::npos,
      refused.dump());
  ahead.set(0);  // b had noted a time to call again that is two hours away now
  a.add(b);      // named anew, it is called at once
  CHECK(becomes([&] { return b.peer(a)["delivered"] == 1 && a.peer(b)["delivered"] == 1; }));
  CHECK(a.peer(b)["accepted"] == 1);
  CHECK(b.peer(a)["accepted"] == 1);
}
