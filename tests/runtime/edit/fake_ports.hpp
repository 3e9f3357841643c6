// SPDX-License-Identifier: MIT
//
// The ports that the backends use, as small as the tests need them.
#pragma once

#include <doctest/doctest.h>
#include <stdlib.h>

#include <filesystem>
#include <functional>

#include "actors/ports/process_port.hpp"
#include "actors/ports/store_port.hpp"

namespace ratchet::test {

struct temporary_folder {
  temporary_folder() {
    std::string name = (std::filesystem::temp_directory_path() / "ratchet_edit_XXXXXX").string();
    REQUIRE(::mkdtemp(name.data()) != nullptr);
    path = name;
  }
  temporary_folder(const temporary_folder&) = delete;
  temporary_folder& operator=(const temporary_folder&) = delete;
  ~temporary_folder() { std::filesystem::remove_all(path); }
  std::string path;
};

/// Answers as it is told and remembers what it was asked.
class fake_processes final : public process_port {
 public:
  expected<process_outcome> run(const process_request& request, output_sink* sink,
                                std::stop_token) override {
    last = request;
    if (look) look(request);
    if (sink) sink->consume(output);
    process_outcome o = outcome;
    o.output_head = o.output_tail = output;
    return o;
  }
  process_request last;
  process_outcome outcome{.exit_code = 0};
  std::string output;
  std::function<void(const process_request&)> look;
};

/// A store that has recipes and scores of models, and nothing else.
class recipe_store final : public store_port {
 public:
  std::vector<recipe> known;
  std::vector<model_score> models;

  expected<std::vector<recipe>> recipes(std::size_t limit) override {
    auto out = known;
    if (out.size() > limit) out.resize(limit);
    return out;
  }
  expected<std::vector<event>> write(const step_write&) override { return none(); }
  expected<std::optional<session_record>> session(const std::string&) override { return none(); }
  expected<std::vector<session_record>> sessions(const std::vector<std::string>&,
                                                 std::size_t) override {
    return none();
  }
  expected<std::vector<session_record>> interrupted_sessions() override { return none(); }
  expected<std::vector<event>> events_after(std::int64_t, std::size_t) override { return none(); }
  expected<std::map<std::string, std::int64_t>> sessions_by_status() override { return none(); }
  expected<std::vector<event>> session_events(const std::string&, std::int64_t,
                                              std::size_t) override {
    return none();
  }
  expected<std::int64_t> last_seq() override { return none(); }
  expected<std::vector<iteration_record>> iterations(const std::string&, std::size_t) override {
    return none();
  }
  expected<std::optional<iteration_record>> iteration(const std::string&, int) override {
    return none();
  }
  expected<bool> tree_tried(const std::string&, const std::string&) override { return none(); }
  expected<> record_benchmark(const benchmark_row&) override { return none(); }
  expected<std::optional<tool_score>> best_tool(const std::string&) override { return none(); }
  expected<std::vector<tool_score>> tool_scores() override { return none(); }
  expected<std::vector<model_score>> model_scores(const std::string&) override { return models; }
  expected<std::optional<snapshot>> latest_snapshot(const std::string&) override { return none(); }
  expected<std::int64_t> add_to_outbox(const std::string&, const json&,
                                       const std::string&) override {
    return none();
  }
  expected<std::vector<outbox_entry>> outbox() override { return none(); }

 private:
  static failure none() { return fail(errc::store_failed, "not part of this test"); }
};

}  // namespace ratchet::test
