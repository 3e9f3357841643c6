// SPDX-License-Identifier: MIT
//
// Commands that try to outlive their run. Every one holds a pipe that ends only when the last
// process of its tree has.
#include <chrono>
#include <csignal>
#include <thread>

#include "tests/runtime/process/fixture.hpp"

namespace ratchet::test {
namespace {

/// This test program, which as a command with RATCHET_TEST_HOP set is the hopper below.
std::string own_path() { return std::filesystem::read_symlink("/proc/self/exe").string(); }

struct escape {
  const char* name;
  const char* script;
};

// $W is the witness; descriptor 9 is inherited by all.
const escape escapes[] = {
    {"a plain endless command", "exec sleep 1000"},
    {"one that ignores SIGTERM", "trap '' TERM; while :; do sleep 1000; done"},
    {"children in a pipeline", "sleep 1000 | sleep 1000 | sleep 1000"},
    {"a new session", "setsid sleep 1000 & wait"},
    {"a double fork that ignores SIGTERM",
     "( trap '' TERM HUP; (setsid sh -c 'sleep 1000; sleep 1000' &) & ) ; sleep 1000"},
    {"closed descriptors", "(setsid sh -c 'exec 0<&- 1>&- 2>&-; sleep 1000' &); sleep 1000"},
    {"a grandchild that holds stdout", "(trap '' TERM; sh -c 'sleep 1000; :' & wait) & wait"},
    {"a stopped process", "sh -c 'kill -STOP $$' & wait; sleep 1000"},
};

TEST_CASE("a time-out ends the whole tree, however it tries to escape") {
  auto runner = open_runner();
  temporary_folder folder;
  int number = 0;
  for (const auto& escape : escapes) {
    CAPTURE(escape.name);
    witness proof(folder, "w" + std::to_string(number++));
    auto outcome =
        run(*runner, shell("exec 9>" + proof.path() + "; echo started; " + escape.script, 0.15));
    REQUIRE(outcome.has_value());
    CHECK(outcome->timed_out);
    CHECK_FALSE(outcome->cancelled);
    CHECK(outcome->output_head == "started\n");
    CHECK(proof.is_empty());
    CHECK(outcome->duration_s < 5);
  }
}

TEST_CASE("SIGTERM comes first, and a command that uses its grace is not killed") {
  auto runner = open_runner();
  process_request request =
      shell("trap 'echo ending; exit 3' TERM; echo started; while :; do sleep 0.01; done", 0.1);
  request.grace_s = 20;
  auto outcome = run(*runner, request);
  REQUIRE(outcome.has_value());
  CHECK(outcome->timed_out);
  CHECK(outcome->exit_code == 3);
  CHECK(outcome->output_tail.find("ending") != std::string::npos);
}

TEST_CASE("a daemon that the command leaves behind is ended, and delays nothing") {
  auto runner = open_runner();
  temporary_folder folder;
  witness proof(folder);
  const std::string ready = folder / "ready";
  REQUIRE(mkfifo(ready.c_str(), 0600) == 0);
  auto request = shell("exec 9>" + proof.path() +
                       "; (setsid sh -c 'trap \"\" TERM; echo up >$READY; sleep 1000; :' &);"
                       " read line <$READY");
  request.environment = {"READY=" + ready};
  auto outcome = run(*runner, request);
  REQUIRE(outcome.has_value());
  CHECK(outcome->exit_code == 0);
  CHECK_FALSE(outcome->timed_out);
  CHECK(outcome->leftovers_killed >= 1);
  CHECK(outcome->duration_s < 5);
  CHECK(proof.is_empty());
}

/// Forks, starts a session and exits in a loop: each process lives for some microseconds.
[[noreturn]] void hop() {
  for (;;) {
    setsid();
    pid_t pid = fork();
    if (pid > 0) _exit(0);
  }
}

TEST_CASE("a process that forks and exits in a loop is caught") {
  auto runner = open_runner();
  temporary_folder folder;
  for (int hoppers : {1, 4}) {
    CAPTURE(hoppers);
    witness proof(folder, "w" + std::to_string(hoppers));
    process_request request =
        shell("exec 9>" + proof.path() + "; for i in $(seq " + std::to_string(hoppers) + "); do " +
                  own_path() + " & done; sleep 1000",
              0.3);
    request.environment = {"RATCHET_TEST_HOP=1"};
    auto outcome = run(*runner, request);
    REQUIRE_MESSAGE(outcome.has_value(), (outcome ? "" : outcome.error().text));
    CHECK(outcome->timed_out);
    CHECK(proof.is_empty());
    // And when the command itself ends while they hop.
    witness second(folder, "v" + std::to_string(hoppers));
    request.command.shell = "exec 9>" + second.path() + "; for i in $(seq " +
                            std::to_string(hoppers) + "); do " + own_path() + " & done; exit 5";
    request.timeout_s = 60;
    outcome = run(*runner, request);
    REQUIRE(outcome.has_value());
    CHECK(outcome->exit_code == 5);
    CHECK(second.is_empty());
  }
}

TEST_CASE("a stop request ends the run early and says so") {
  auto runner = open_runner();
  temporary_folder folder;
  witness proof(folder);
  std::stop_source stop;
  std::jthread stopper([&] {
    proof.wait_for_byte();
    stop.request_stop();
  });
  auto outcome = run(*runner,
                     shell("exec 9>" + proof.path() +
                           "; trap '' TERM; (setsid sleep 1000 &);"
                           " echo up >&9; while :; do sleep 1000; done"),
                     nullptr, stop.get_token());
  stopper.join();
  REQUIRE(outcome.has_value());
  CHECK(outcome->cancelled);
  CHECK_FALSE(outcome->timed_out);
  CHECK(outcome->signal == SIGKILL);
  CHECK(proof.is_empty());
  // Asked before it began, it does not begin.
  outcome = run(*runner, shell("touch " + (folder / "begun")), nullptr, stop.get_token());
  REQUIRE(outcome.has_value());
  CHECK(outcome->cancelled);
  CHECK_FALSE(std::filesystem::exists(folder / "begun"));
}

TEST_CASE("a command that kills its supervisor makes the run fail, and nothing of it stays") {
  auto runner = open_runner();
  temporary_folder folder;
  witness bystander_proof(folder, "bystander");
  REQUIRE(mkfifo((folder / "gate").c_str(), 0600) == 0);
  std::jthread bystander([&] {  // a run beside it goes on undisturbed
    auto outcome =
        run(*runner, shell("exec 9>" + bystander_proof.path() + "; echo up >&9; read line < " +
                           (folder / "gate") + "; exit 7"));
    CHECK((outcome && outcome->exit_code == 7));
  });
  bystander_proof.wait_for_byte();
  for (const char* script : {"kill -9 $PPID; sleep 1000", "kill -9 $PPID; exit 0",
                             "(setsid sh -c 'sleep 1000; :' &); kill -9 $PPID; sleep 1000"}) {
    CAPTURE(script);
    witness proof(folder, std::to_string(std::hash<std::string_view>()(script)));
    auto outcome = run(*runner, shell("exec 9>" + proof.path() + "; " + script));
    REQUIRE_FALSE(outcome.has_value());
    CHECK(outcome.error().code == errc::process_failed);
    CHECK(outcome.error().text.find("supervisor") != std::string::npos);
    CHECK(proof.is_empty());
  }
  process_request hopping = shell(own_path() + " & kill -9 $PPID");
  hopping.environment = {"RATCHET_TEST_HOP=1"};
  CHECK_FALSE(run(*runner, hopping).has_value());
  CHECK(run(*runner, shell("true"))->succeeded());
  close(open((folder / "gate").c_str(), O_WRONLY | O_CLOEXEC));
}

TEST_CASE("a command that stops its supervisor still times out") {
  auto runner = open_runner();
  temporary_folder folder;
  witness proof(folder);
  auto outcome =
      run(*runner, shell("exec 9>" + proof.path() + "; kill -STOP $PPID; sleep 1000", 0.2));
  REQUIRE(outcome.has_value());
  CHECK(outcome->timed_out);
  CHECK(proof.is_empty());
}

TEST_CASE("the death of the launcher ends no run, and the next run gets a new launcher") {
  auto runner = open_runner();
  temporary_folder folder;
  witness proof(folder);
  // The supervisor's parent is the launcher.
  auto outcome = run(*runner, shell("exec 9>" + proof.path() +
                                    "; kill -9 $(cut -d' ' -f4 /proc/$PPID/stat); echo alone"));
  REQUIRE(outcome.has_value());
  CHECK(outcome->exit_code == 0);
  CHECK(outcome->output_head == "alone\n");
  CHECK(proof.is_empty());
  for (int i = 0; i < 3; ++i) CHECK(run(*runner, shell("true"))->succeeded());
}

TEST_CASE("when Ratchet is killed, nothing of its runs is left") {
  temporary_folder folder;
  witness proof(folder);
  pid_t ratchet = fork();
  REQUIRE(ratchet >= 0);
  if (ratchet == 0) {
    auto runner = open_process_runner(launcher_path());
    if (runner)
      (void)run(**runner, shell("exec 9>" + proof.path() +
                                "; trap '' TERM; (setsid sh -c 'trap \"\" TERM HUP; sleep 1000; :'"
                                " >/dev/null 2>&1 &); echo up >&9; while :; do sleep 1000; done"));
    _exit(1);
  }
  CHECK(proof.wait_for_byte() == 'u');
  kill(ratchet, SIGKILL);
  int status = 0;
  REQUIRE(waitpid(ratchet, &status, 0) == ratchet);
  CHECK(WIFSIGNALED(status));
  CHECK(proof.ends_within(10'000));
}

/// Before main: doctest would only be in the way of a hopper.
const bool hopping = [] {
  if (std::getenv("RATCHET_TEST_HOP")) hop();
  return true;
}();

}  // namespace
}  // namespace ratchet::test
