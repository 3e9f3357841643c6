// SPDX-License-Identifier: MIT
//
// What is left of a runtime in the host's actor system, and in its threads.
#include "runtime/embed/runtime.hpp"

#include <doctest/doctest.h>

#include <caf/actor_registry.hpp>
#include <caf/logger.hpp>
#include <condition_variable>
#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <future>
#include <thread>

#include "runtime/embed/system.hpp"

using namespace ratchet;
using namespace std::chrono_literals;

namespace {

namespace fs = std::filesystem;

struct scratch {
  fs::path path;
  scratch() {
    std::string pattern = (fs::temp_directory_path() / "ratchet_embed_XXXXXX").string();
    path = ::mkdtemp(pattern.data());
  }
  ~scratch() {
    std::error_code ignored;
    fs::remove_all(path, ignored);
  }
};

runtime_options options_in(const scratch& folder) {
  return {.state_dir = folder.path / "state",
          .slots = 2,
          .launcher = fs::path(RATCHET_BIN_DIR) / "ratchet-launcher"};
}

/// A repository with a program that says in a file that it runs, and then runs for ever.
json endless_run(const scratch& folder) {
  const auto repository = folder.path / "repo";
  fs::create_directories(repository);
  std::ofstream(repository / "p.txt") << "score: 1\n";
  const std::string git = "git -C " + repository.string();
  REQUIRE(std::system((git + " init -q -b main && " + git + " add -A && " + git +
                       " -c user.name=t -c user.email=t@t commit -qm start")
                          .c_str()) == 0);
  return {{"repo_path", repository.string()},
          {"target_file", "p.txt"},
          {"run_command", "cat p.txt; sleep 1000"}};
}

struct host {
  system_config config;
  caf::actor_system system{config};

  std::size_t actors() { return system.registry().running(); }
};

/// A thread that lives until the test ends and does what it is given, as those of a pool do.
class pool_thread {
 public:
  void operator()(std::function<void()> work) {
    std::packaged_task<void()> task(std::move(work));
    auto over = task.get_future();
    {
      std::lock_guard lock(mutex_);
      task_ = std::move(task);
    }
    changed_.notify_one();
    over.get();
  }

 private:
  void loop(const std::stop_token& stop) {
    std::unique_lock lock(mutex_);
    while (changed_.wait(lock, stop, [this] { return task_.valid(); })) std::exchange(task_, {})();
  }

  std::mutex mutex_;
  std::condition_variable_any changed_;
  std::packaged_task<void()> task_;
  std::jthread thread_{[this](const std::stop_token& stop) { loop(stop); }};
};

}  // namespace

TEST_CASE("nothing of a runtime lives in the host's actor system once it is destroyed") {
  scratch folder;
  host mine;
  const auto before = mine.actors();
  for (int i = 0; i < 3; ++i) {
    auto lab = runtime::open(mine.system, options_in(folder));
    REQUIRE(lab);
    CHECK((*lab)->call("get_autoresearch_status", json::object()).contains("active_sessions"));
    CHECK(mine.actors() > before);
    lab->reset();
    CHECK(mine.actors() == before);
  }
}

TEST_CASE("a step at work, a call that waits and a subscription end with the runtime") {
  scratch folder;
  host mine;
  const auto before = mine.actors();
  auto lab = runtime::open(mine.system, options_in(folder));
  REQUIRE(lab);
  auto token = (*lab)->subscribe({}, [](const event&) {});
  std::promise<json> stepped, waited;
  auto call = (*lab)->start_call("autoresearch_setup", endless_run(folder), -1,
                                 [&](json answer) { stepped.set_value(std::move(answer)); });
  auto step = stepped.get_future();
  const auto at_work = [&] { return !(*lab)->last_output(call.session_id).empty(); };
  while (!at_work() && step.wait_for(1ms) != std::future_status::ready) continue;
  REQUIRE(at_work());
  (*lab)->start_call("get_autoresearch_status",
                     {{"session_id", call.session_id}, {"wait_ms", 3'600'000}}, -1,
                     [&](json answer) { waited.set_value(std::move(answer)); });
  lab->reset();
  CHECK(mine.actors() == before);
  CHECK(step.get()["code"] == "cancelled");
  waited.get_future().get();
  token.reset();
  call.cancel();
}

TEST_CASE("a runtime ends though threads that have called it live on") {
  scratch folder;
  pool_thread pool;
  std::unique_ptr<runtime> lab;
  pool([&] {
    auto opened = runtime::open(options_in(folder));
    REQUIRE(opened);
    lab = std::move(*opened);
    auto& r = *lab;
    r.call("get_autoresearch_status", json::object());
    r.start_call("get_autoresearch_status", json::object(), 0, [](const json&) {}).cancel();
    r.cancel("0123456789ab");
    r.subscribe({}, [](const event&) {});
    CHECK(r.registry());
    CHECK(r.events());
    CHECK_FALSE(r.add_gate("constitutional", {}));
    CHECK(caf::logger::current_logger() == nullptr);
  });
  lab.reset();  // would wait for that thread for ever
  pool([] {});
}
