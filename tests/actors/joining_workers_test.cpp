// SPDX-License-Identifier: MIT
//
// What a worker tells a node of itself as it joins, and what the node makes of it.
#include "messages/version.hpp"
#include "tests/actors/desk_laboratory.hpp"

using namespace ratchet;
using namespace ratchet::testing;

namespace {

join_runner of_version(const std::string& program, int protocol) {
  join_runner j{desk_machine("laptop"), 1};
  j.program = program;
  j.protocol = protocol;
  return j;
}

}  // namespace

TEST_CASE_FIXTURE(desk_laboratory, "a worker that speaks another protocol learns both versions") {
  const auto refused = offer(new_worker(), of_version("9.8.7", hive_protocol + 1));
  REQUIRE_FALSE(refused);
  CHECK(refused.error().code == errc::invalid_argument);
  const auto& text = refused.error().text;
  for (const auto& word : {std::string("9.8.7"), std::string(program_version()),
                           "(protocol " + std::to_string(hive_protocol) + ")",
                           "(protocol " + std::to_string(hive_protocol + 1) + ")"})
    CHECK_MESSAGE(text.find(word) != std::string::npos, text);
}

TEST_CASE_FIXTURE(desk_laboratory, "another version of the same protocol is welcome, and listed") {
  const auto joined = offer(new_worker(), of_version("9.8.7", hive_protocol));
  REQUIRE(joined);
  CHECK(joined->program == program_version());
  CHECK(ask<worker_list>(runner, list_workers{})->workers.back().program == "9.8.7");
  // One that says nothing of it is of the first protocol's time.
  CHECK(offer(new_worker(), {desk_machine("older"), 1}));
}

TEST_CASE_FIXTURE(desk_laboratory, "two workers of one name are told apart") {
  join("host");
  const auto second = offer(new_worker(), {desk_machine("host"), 1});
  REQUIRE(second);
  CHECK(second->name == "host-2");
  const auto third = offer(new_worker(), {desk_machine("host"), 1});
  REQUIRE(third);
  CHECK(third->name == "host-3");
  CHECK(offer(new_worker(), {desk_machine("other"), 1})->name.empty());
  std::vector<std::string> names;
  const auto listed = ask<worker_list>(runner, list_workers{});
  REQUIRE(listed);
  for (const auto& w : listed->workers)
    if (w.worker_id != 0) names.push_back(w.machine.name);
  CHECK(names == std::vector<std::string>{"host", "host-2", "host-3", "other"});
}

TEST_CASE_FIXTURE(desk_laboratory, "a worker is given what fits before its end, and nothing else") {
  auto leaves_soon = new_worker();
  join_runner offered{desk_machine("allocation"), 1};
  offered.ends_in_s = 100;
  REQUIRE(offer(leaves_soon, offered));
  auto with_budget = [this](double seconds, int iteration) {
    auto m = job(iteration);
    auto s = *m.settings;
    s.time_budget_s = seconds;
    s.repeats = 1;
    m.settings = s;
    return m;
  };
  auto too_long = begin<run_result>(runner, with_budget(101, 1));
  auto fits = begin<run_result>(runner, with_budget(60, 2));
  run();
  REQUIRE(leaves_soon.log->runs.size() == 1);
  CHECK(leaves_soon.log->runs[0].job.iteration == 2);
  CHECK(ask<worker_list>(runner, list_workers{})->workers.back().ends_in_s == 100.0);
  advance(std::chrono::seconds(2));
  tell(leaves_soon.handle, measured_there(1));
  REQUIRE(fits.answered());
  // By now the same is too much.
  advance(std::chrono::seconds(2));
  beat({leaves_soon.handle, leaves_soon.log, 1}, {});
  for (int i = 0; i < 20; ++i) {
    advance(std::chrono::seconds(2));
    beat({leaves_soon.handle, leaves_soon.log, 1}, {});
  }
  auto later = begin<run_result>(runner, with_budget(60, 3));
  run();
  CHECK(leaves_soon.log->runs.size() == 1);
  auto stays = join("stays", 2);
  CHECK(stays.log->runs.size() == 2);
}

TEST_CASE_FIXTURE(desk_laboratory,
                  "who starts machines can see what waits, for how long, and why") {
  CHECK(ask<worker_list>(runner, list_workers{})->waiting.empty());
  auto needing = [this](std::vector<std::string> requirements, int iteration) {
    auto m = job(iteration);
    auto s = *m.settings;
    s.requirements = std::move(requirements);
    m.settings = s;
    return m;
  };
  auto first = begin<run_result>(runner, needing({"gpu"}, 1));
  run();
  advance(std::chrono::seconds(30));
  auto second = begin<run_result>(runner, needing({"gpu"}, 2));
  auto third = begin<run_result>(runner, needing({}, 3));
  run();
  advance(std::chrono::seconds(5));
  const auto waiting = ask<worker_list>(runner, list_workers{})->waiting;
  REQUIRE(waiting.size() == 2);
  CHECK(waiting[0].requirements.empty());
  CHECK(waiting[0].runs == 1);
  CHECK(waiting[0].oldest_s == doctest::Approx(5));
  CHECK(waiting[1].requirements == std::vector<std::string>{"gpu"});
  CHECK(waiting[1].runs == 2);
  CHECK(waiting[1].oldest_s == doctest::Approx(35));
  join("any");
  CHECK(ask<worker_list>(runner, list_workers{})->waiting.size() == 1);
}
