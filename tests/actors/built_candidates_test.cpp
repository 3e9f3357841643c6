// SPDX-License-Identifier: MIT
//
// Candidates that are built: the run measures what the build made, in the work tree it was made in.
#include <doctest/doctest.h>

#include "tests/support/session_laboratory.hpp"

using namespace ratchet;
using namespace ratchet::testing;

namespace {

/// "make" compiles the number in train.py into a program of its work tree, "./test" wants it to be
/// below 100, "./run" prints what was compiled.
class compiling_process : public process_port {
 public:
  explicit compiling_process(std::shared_ptr<fake_workspaces> workspaces)
      : workspaces_(std::move(workspaces)) {}

  std::map<std::string, int> builds;  ///< by work tree
  std::map<std::string, int> runs;
  int checks = 0;

  expected<process_outcome> run(const process_request& request, output_sink* sink,
                                std::stop_token) override {
    const auto& where = request.directory;
    std::string printed;
    bool failed = false;
    if (request.command.shell == "make") {
      ++builds[where];
      const auto text = source(where);
      failed = text.find("oops") != text.npos;
      printed = failed ? "train.py:1:1: error: oops" : "";
      if (!failed) program_[where] = text.substr(text.find('=') + 2);
    } else if (request.command.shell == "./test") {
      ++checks;
      failed = std::stoi(program_[where]) >= 100;
      printed = "1 test failed: too great";
    } else {
      ++runs[where];
      printed = "score: " + program_[where];
    }
    if (sink) sink->consume(printed);
    process_outcome o;
    o.exit_code = failed ? 2 : 0;
    o.output_tail = printed;
    return o;
  }

 private:
  std::string source(const std::string& directory) const {
    for (const auto& [id, tree] : workspaces_->trees)
      if (tree.info.directory == directory) return tree.now.at("train.py");
    return "";
  }
  std::shared_ptr<fake_workspaces> workspaces_;
  std::map<std::string, std::string> program_;
};

struct workshop : session_laboratory {
  std::shared_ptr<compiling_process> compiler = std::make_shared<compiling_process>(workspaces);

  workshop() {
    w.processes = compiler;
    start();
    workspaces->products = true;
  }
  session_settings built() {
    auto s = settings();
    s.build_command.shell = "make";
    s.check_command.shell = "./test";
    s.repeats = 1;
    return s;
  }
  decide_answer try_it(const std::string& id, const std::string& text) {
    REQUIRE(edit(id, text));
    REQUIRE(run_it(id));
    auto decided = decide(id);
    REQUIRE(decided);
    return *decided;
  }
  int runs() const {
    int all = 0;
    for (const auto& [where, n] : compiler->runs) all += n;
    return all;
  }
};

}  // namespace

TEST_CASE_FIXTURE(workshop, "every candidate is built and checked before it is measured") {
  auto id = open(built());
  CHECK(compiler->checks == 1);
  CHECK(try_it(id, "rate = 5\n").best_metric == 5.0);
  CHECK(try_it(id, "rate = 4\n").decision == "reverted");
  CHECK(try_it(id, "rate = 7\n").best_metric == 7.0);
  CHECK(compiler->checks == 4);
}

TEST_CASE_FIXTURE(workshop, "what does not build is not measured, costs no spark, and says why") {
  auto id = open(built());
  const int before = runs();
  REQUIRE(edit(id, "rate = oops\n"));
  auto ran = run_it(id);
  REQUIRE(ran);
  CHECK(ran->failed_at == "build");
  CHECK(ran->error->find("build_command failed") == 0);
  CHECK(ran->error->find("error: oops") != std::string::npos);
  CHECK(!ran->metric_value);
  auto decided = decide(id);
  REQUIRE(decided);
  CHECK(decided->decision == "build_failed");
  CHECK(decided->reason.find("error: oops") != std::string::npos);
  CHECK(decided->spark_consumed == 0);
  CHECK(runs() == before);
  CHECK(file() == "rate = 1\n");
  CHECK(try_it(id, "rate = 5\n").spark_consumed == 4);
}

TEST_CASE_FIXTURE(workshop, "what fails its check is not measured and costs no spark") {
  auto id = open(built());
  const int before = runs();
  auto decided = try_it(id, "rate = 200\n");
  CHECK(decided.decision == "check_failed");
  CHECK(decided.reason.find("too great") != std::string::npos);
  CHECK(decided.spark_consumed == 0);
  CHECK(decided.best_metric == 1.0);
  CHECK(runs() == before);
}

TEST_CASE_FIXTURE(workshop, "a baseline that does not build or fails its check opens no session") {
  workspaces->repository["train.py"] = "rate = oops\n";
  auto unbuilt = ask<session_opened>(registry, setup_session{built(), ""});
  REQUIRE(!unbuilt);
  CHECK(unbuilt.error().text.find("Baseline failed: build_command failed") == 0);
  workspaces->repository["train.py"] = "rate = 300\n";
  auto failing = ask<session_opened>(registry, setup_session{built(), ""});
  REQUIRE(!failing);
  CHECK(failing.error().text.find("Baseline failed: check_command failed") == 0);
}

TEST_CASE_FIXTURE(workshop, "with pairs, best and candidate stand in two trees, each built once") {
  auto s = built();
  s.repeats = 5;
  auto id = open(s);
  compiler->builds.clear();
  compiler->runs.clear();
  CHECK(try_it(id, "rate = 5\n").decision == "kept");
  CHECK(compiler->builds.size() == 2);
  for (const auto& [where, n] : compiler->builds) CHECK_MESSAGE(n == 1, where);
  CHECK(compiler->runs.size() == 2);
  // The next candidate is built upon the kept one's products, and so is the tree of the best.
  CHECK(workspaces->count("keep_products " + id) >= 2);
  compiler->builds.clear();
  CHECK(try_it(id, "rate = 6\n").decision == "kept");
  for (const auto& [where, n] : compiler->builds) CHECK_MESSAGE(n == 1, where);
}

TEST_CASE_FIXTURE(workshop, "products that cannot be kept cost time, and no candidate") {
  auto id = open(built());
  workspaces->fail_always("keep_products", fail(errc::workspace_failed, "no space left"));
  CHECK(try_it(id, "rate = 5\n").decision == "kept");
  workspaces->heal();
  CHECK(try_it(id, "rate = 6\n").best_metric == 6.0);
}
