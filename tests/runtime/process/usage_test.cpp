// SPDX-License-Identifier: MIT
#include "tests/runtime/process/fixture.hpp"

namespace ratchet::test {
namespace {

/// Perl that works until it has used `seconds` of processor time itself.
std::string burn(const std::string& seconds) {
  return "while ((times)[0] + (times)[1] < " + seconds + ") {} ";
}
/// Perl that has and writes so many bytes.
std::string hold(const std::string& bytes) { return "my $x = ''; vec($x, " + bytes + ", 8) = 1; "; }

process_request perl(const std::string& program) {
  process_request request = shell("");
  request.command.shell.clear();
  request.command.argv = {"perl", "-e", program};
  return request;
}

/// The outcome, for a program that must end well.
process_outcome used_by(const process_request& request) {
  auto runner = open_runner();
  auto outcome = run(*runner, request);
  REQUIRE_MESSAGE(outcome.has_value(), (outcome ? "" : outcome.error().text));
  REQUIRE_MESSAGE(outcome->succeeded(), outcome->output_tail);
  return *outcome;
}

// Upper bounds are for the start of the interpreters, on a machine that is busy.
constexpr double slack_s = 0.35;

TEST_CASE("the processor time is what the command used, not how long it took") {
  auto busy = used_by(perl(burn("0.4")));
  CHECK(busy.cpu_s >= 0.38);
  CHECK(busy.cpu_s < 0.4 + slack_s);
  CHECK(busy.duration_s >= busy.cpu_s * 0.9);
  auto idle = used_by(shell("sleep 0.4"));
  CHECK(idle.cpu_s < 0.1);
  CHECK(idle.duration_s >= 0.4);
}

TEST_CASE("the kernel's work for the command counts too") {
  auto copied = used_by(shell("dd if=/dev/zero of=/dev/null bs=1M count=2000 2>/dev/null"));
  CHECK(copied.cpu_s > 0.005);
}

TEST_CASE("children count, side by side and one after the other") {
  auto request = shell("perl -e \"$BURN\" & perl -e \"$BURN\" & wait; perl -e \"$BURN\"");
  request.environment = {"BURN=" + burn("0.2")};
  auto used = used_by(request);
  CHECK(used.cpu_s >= 0.57);
  CHECK(used.cpu_s < 0.6 + 2 * slack_s);
}

TEST_CASE("what leaves the session and loses its parents counts too") {
  temporary_folder folder;
  auto request = shell(
      "mkfifo \"$ENDED\"; (setsid sh -c 'perl -e \"$BURN\"; echo done > \"$ENDED\"' &) ; "
      "read word < \"$ENDED\"");
  request.environment = {"BURN=" + burn("0.4"), "ENDED=" + folder / "ended"};
  auto used = used_by(request);
  CHECK(used.cpu_s >= 0.38);
  CHECK(used.cpu_s < 0.4 + 2 * slack_s);
}

TEST_CASE("what is still at work when the command ends counts as far as it came") {
  temporary_folder folder;
  auto request =
      shell("mkfifo \"$STARTED\"; (setsid perl -e \"$BURN\" &) ; read word < \"$STARTED\"");
  request.environment = {"STARTED=" + folder / "started",
                         "BURN=" + burn("0.3") +
                             "open F, '>', $ENV{STARTED}; print F qq(x\\n); close F; while (1) {}"};
  auto used = used_by(request);
  CHECK(used.leftovers_killed >= 1);
  CHECK(used.cpu_s >= 0.28);
}

TEST_CASE("what nobody may wait for counts where the machine has a counter of time") {
  temporary_folder folder;
  auto request = perl("$SIG{CHLD} = 'IGNORE'; pipe(R, W); if (!fork) { close R; " + burn("0.4") +
                      "exit 0 } close W; my $end = <R>;");
  auto by_waiting = used_by(request);
  request.whole_cpu = true;
  auto counted = used_by(request);
  // A container may forbid the counter: then it is as without.
  if (counted.cpu_s > by_waiting.cpu_s + 0.1) CHECK(counted.cpu_s >= 0.38);
  CHECK(counted.cpu_s < 0.4 + slack_s);
  auto plain = perl(burn("0.3"));
  plain.whole_cpu = true;
  auto own = used_by(plain);
  CHECK(own.cpu_s >= 0.28);
  CHECK(own.cpu_s < 0.3 + slack_s);
}

TEST_CASE("a command that fails or is ended has used what it used") {
  auto runner = open_runner();
  auto failed = run(*runner, perl(burn("0.2") + "exit 3"));
  REQUIRE(failed.has_value());
  CHECK(failed->exit_code == 3);
  CHECK(failed->cpu_s >= 0.18);
  auto endless = perl("while (1) {}");
  endless.timeout_s = 0.5;
  auto late = run(*runner, endless);
  REQUIRE(late.has_value());
  CHECK(late->timed_out);
  CHECK(late->cpu_s > 0.05);
}

TEST_CASE("the memory is that of the greatest process, in millions of bytes") {
  auto large = used_by(perl(hold("300e6")));
  CHECK(large.max_rss_mb > 300);
  CHECK(large.max_rss_mb < 340);
  auto child = shell("perl -e \"$HOLD\"; true");
  child.environment = {"HOLD=" + hold("100e6")};
  auto used = used_by(child);
  CHECK(used.max_rss_mb > 100);
  CHECK(used.max_rss_mb < 140);
}

TEST_CASE("a small command does not have Ratchet's memory") {
  std::string large(400 << 20, 'x');  // this process is large, and so was what it forked
  auto small = used_by(shell("true"));
  CHECK(small.max_rss_mb > 0.1);
  CHECK(small.max_rss_mb < 12);
  CHECK(small.cpu_s < 0.1);
  CHECK(large.back() == 'x');
}

TEST_CASE("one run does not have the use of another") {
  auto runner = open_runner();
  REQUIRE(run(*runner, perl(hold("200e6") + burn("0.3"))).has_value());
  auto next = run(*runner, shell("true"));
  REQUIRE(next.has_value());
  CHECK(next->max_rss_mb < 12);
  CHECK(next->cpu_s < 0.1);
}

TEST_CASE("instructions are counted where the machine can, and refused with a way out elsewhere") {
  auto runner = open_runner();
  CHECK_FALSE(run(*runner, shell("true"))->instructions);
  auto counted = perl("for (1 .. 1e6) {}");
  counted.count_instructions = true;
  auto outcome = run(*runner, counted);
  if (!outcome) {
    CHECK(outcome.error().code == errc::process_failed);
    CHECK(outcome.error().text.find("cannot count the instructions") != std::string::npos);
    CHECK(outcome.error().text.find("@cpu_s") != std::string::npos);
    return;
  }
  REQUIRE(outcome->instructions);
  CHECK(*outcome->instructions > 5e6);
  auto twice = perl("for (1 .. 1e7) {}");
  twice.count_instructions = true;
  auto more = run(*runner, twice);
  REQUIRE(more.has_value());
  REQUIRE(more->instructions);
  CHECK(*more->instructions > 2 * *outcome->instructions);
}

}  // namespace
}  // namespace ratchet::test
