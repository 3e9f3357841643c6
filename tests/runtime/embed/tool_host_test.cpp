// SPDX-License-Identifier: MIT
#include "runtime/embed/tool_host.hpp"

#include <doctest/doctest.h>

#include <thread>

using namespace ratchet;

namespace {

/// Answers a call when it is cancelled, and no sooner.
class waiting_host final : public tool_host {
 public:
  std::atomic<int> cancels = 0;

  pending_call start_call(std::string_view, const json&, std::int64_t,
                          std::function<void(json)> answer) override {
    return {"0123456789ab", [this, answer = std::move(answer)] {
              if (++cancels == 1) answer({{"code", "cancelled"}});
            }};
  }
  void cancel(const std::string&) override {}
  std::string last_output(const std::string&) const override { return ""; }
  bool outlives_this_process() const override { return false; }
  expected<comparison> compare(const std::string&, int, const std::stop_token&) override {
    return comparison{};
  }
  expected<session_pruned> prune(const std::string&, double, const std::stop_token&) override {
    return session_pruned{};
  }
  std::shared_ptr<void> follow(std::function<void(const event&)>,
                               std::function<void(const expected<>&)>) override {
    return nullptr;
  }
  expected<std::string> rejoin(const std::atomic<bool>&) override { return std::string(); }
};

}  // namespace

TEST_CASE("a stop that was asked for before a call begins ends it, said once") {
  waiting_host host;
  std::stop_source stop;
  stop.request_stop();
  std::string session;
  auto answer = call_and_wait(
      host, "autoresearch_run", {}, [&](const std::string& id) { session = id; }, stop.get_token());
  CHECK(answer["code"] == "cancelled");
  CHECK(session == "0123456789ab");
  CHECK(host.cancels == 1);
}

TEST_CASE("a stop while a call is at work ends it, said once") {
  waiting_host host;
  std::stop_source stop;
  std::jthread stopper;
  auto answer = call_and_wait(
      host, "autoresearch_run", {},
      [&](const std::string&) {
        stopper = std::jthread([&] {
          stop.request_stop();
          stop.request_stop();
        });
      },
      stop.get_token());
  CHECK(answer["code"] == "cancelled");
  CHECK(host.cancels == 1);
}
