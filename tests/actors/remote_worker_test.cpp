// SPDX-License-Identifier: MIT
//
// A worker at the door of a node.
#include "actors/remote_worker.hpp"

#include <doctest/doctest.h>

#include "tests/support/actor_fixture.hpp"
#include "tests/support/fakes.hpp"

using namespace ratchet;
using namespace ratchet::testing;

namespace {

/// Holds nothing: no run comes as far as that.
struct empty_cache final : object_cache_port {
  expected<bool> has(const std::string&, const std::string&) override { return false; }
  expected<std::unique_ptr<base_import>> import_base(const std::string&,
                                                     const std::string&) override {
    return fail(errc::workspace_failed, "empty");
  }
  expected<std::string> import_change(const std::string&, const std::string&,
                                      std::string_view) override {
    return fail(errc::workspace_failed, "empty");
  }
  expected<workspace_info> open_work_tree(const std::string&, const std::string&,
                                          const std::string&, const session_settings&,
                                          const std::map<std::string, std::string>&) override {
    return fail(errc::workspace_failed, "empty");
  }
  expected<std::string> move_head(const std::string&, const std::string&) override { return ""; }
  expected<std::vector<std::string>> open_sessions() override { return std::vector<std::string>{}; }
  expected<> forget(const std::string&) override { return {}; }
  expected<cache_usage> usage() override { return cache_usage{}; }
};

struct door : actor_fixture {
  world w;
  std::shared_ptr<node_copies> copies;
  /// Shared: the worker may end with the fixture.
  std::shared_ptr<std::optional<caf::error>> ended = std::make_shared<std::optional<caf::error>>();
  bool joined = false;

  door() {
    copies = std::make_shared<node_copies>(w, std::make_shared<empty_cache>(), nullptr,
                                           std::map<std::string, std::string>{});
  }
  remote_worker_role knock(const experiment_runner_actor& runner) {
    auto worker =
        system().spawn(remote_worker, w, copies, runner,
                       worker_offer{1, {}, [this](const worker_joined&) { joined = true; }});
    own(worker);
    worker->attach_functor([ended = ended](const caf::error& why) { *ended = why; });
    run();
    return worker;
  }
};

// (With no argument CAF 0.17 dereferences a null tuple, which a sanitizer reports.)
caf::behavior knows_nothing(caf::event_based_actor*, bool) {
  return {[](int) {}};
}

}  // namespace

TEST_CASE_FIXTURE(door, "a worker does not ask again where the node is of another version") {
  auto other = spawn(knows_nothing, true);
  knock(caf::actor_cast<experiment_runner_actor>(other));
  REQUIRE(*ended);
  const auto why = as_failure(**ended, "the worker");
  CHECK(why.code == errc::invalid_argument);
  CHECK(why.text.find("another version of Ratchet") != std::string::npos);
  CHECK_FALSE(joined);
}

TEST_CASE_FIXTURE(door,
                  "a run that comes before a worker has joined is refused, for another to make") {
  // It reads its mail, and answers nothing yet.
  auto silent = system().spawn(
      [](caf::event_based_actor* self, bool) -> caf::behavior {
        self->set_default_handler(caf::skip);
        return {[](int) {}};
      },
      true);
  own(silent);
  auto worker = knock(caf::actor_cast<experiment_runner_actor>(silent));
  run_on_worker early;
  early.lease = 1;
  const auto answer = ask<run_result>(caf::actor_cast<remote_worker_actor>(worker), early);
  REQUIRE_FALSE(answer);
  CHECK(answer.error().code == errc::worker_lost);
  CHECK(answer.error().text.find("before it had joined") != std::string::npos);
}
