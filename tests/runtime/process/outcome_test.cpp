// SPDX-License-Identifier: MIT
#include <sys/stat.h>

#include <csignal>
#include <fstream>

#include "tests/runtime/process/fixture.hpp"

namespace ratchet::test {
namespace {

struct collected_output final : output_sink {
  std::string bytes;
  void consume(std::string_view part) override { bytes += part; }
};

TEST_CASE("an exit status is told apart from a signal of the same number") {
  auto runner = open_runner();
  auto exited = run(*runner, shell("exit 9"));
  REQUIRE(exited.has_value());
  CHECK(exited->exit_code == 9);
  CHECK_FALSE(exited->signal);
  auto killed = run(*runner, shell("kill -9 $$"));
  REQUIRE(killed.has_value());
  CHECK_FALSE(killed->exit_code);
  CHECK(killed->signal == 9);
  auto well = run(*runner, shell("true"));
  REQUIRE(well.has_value());
  CHECK(well->succeeded());
  CHECK(well->leftovers_killed == 0);
  CHECK(well->isolation == "none");
  CHECK_FALSE(well->timed_out);
}

TEST_CASE("output and errors come as one stream, to the sink and into the excerpt") {
  auto runner = open_runner();
  collected_output sink;
  auto outcome = run(*runner, shell("echo one; echo two >&2; echo three"), &sink);
  REQUIRE(outcome.has_value());
  CHECK(sink.bytes == "one\ntwo\nthree\n");
  CHECK(outcome->output_head == sink.bytes);
  CHECK(outcome->output_tail == sink.bytes);
  CHECK(outcome->output_bytes == 14);
}

TEST_CASE("an argument vector sees no shell") {
  auto runner = open_runner();
  process_request request = shell("");
  request.command.argv = {"printf", "%s|", "$HOME", "a b", "", "*"};
  auto outcome = run(*runner, request);
  REQUIRE(outcome.has_value());
  CHECK(outcome->output_head == "$HOME|a b||*|");
}

TEST_CASE("the command runs in its directory, in a session of its own, with nothing of ours") {
  auto runner = open_runner();
  temporary_folder folder;
  int leaked = open("/", O_RDONLY);  // without close-on-exec
  process_request request = shell(
      "pwd; ls /proc/self/fd | tr '\\n' ' '; echo; ulimit -c; umask >/dev/null;"
      "grep -E '^(SigBlk|SigIgn|NoNewPrivs)' /proc/self/status; cat /proc/self/oom_score_adj;"
      "set -- $(cat /proc/$$/stat); echo $1 = $6");
  request.directory = folder.path();
  auto outcome = run(*runner, request);
  close(leaked);
  REQUIRE(outcome.has_value());
  const std::string& text = outcome->output_head;
  CHECK(text.starts_with(folder.path() + "\n0 1 2 3 \n0\n"));  // 3 is ls's own
  CHECK(text.find("SigBlk:\t0000000000000000") != std::string::npos);
  CHECK(text.find("SigIgn:\t0000000000000000") != std::string::npos);
  CHECK(text.find("NoNewPrivs:\t1") != std::string::npos);
  CHECK(text.find("\n500\n") != std::string::npos);
  auto equals = text.rfind(" = ");
  REQUIRE(equals != std::string::npos);
  auto line = text.rfind('\n', equals) + 1;
  CHECK(text.substr(line, equals - line) + "\n" == text.substr(equals + 3));
}

TEST_CASE("the environment is an allow-list and what the request names") {
  setenv("RATCHET_TEST_SECRET", "s3cret", 1);
  setenv("RATCHET_TEST_WANTED", "passed", 1);
  setenv("LC_TIME", "C", 1);
  auto runner = open_runner();
  process_request request = shell("env");
  request.environment = {"RATCHET_TEST_WANTED", "RATCHET_TEST_GIVEN=a=b", "RATCHET_TEST_UNSET"};
  auto outcome = run(*runner, request);
  REQUIRE(outcome.has_value());
  const std::string text = "\n" + outcome->output_head;
  CHECK(text.find("s3cret") == std::string::npos);
  CHECK(text.find("RATCHET_TEST_UNSET") == std::string::npos);
  CHECK(text.find("\nRATCHET_TEST_WANTED=passed\n") != std::string::npos);
  CHECK(text.find("\nRATCHET_TEST_GIVEN=a=b\n") != std::string::npos);
  CHECK(text.find("\nLC_TIME=C\n") != std::string::npos);
  CHECK(text.find("\nPATH=") != std::string::npos);
}

TEST_CASE("numbers are printed as in C unless the request names a locale") {
  auto runner = open_runner();
  auto printed = [&](const std::vector<std::string>& named) {
    process_request request = shell("env | grep -E '^(LC_|LANG)' | sort");
    request.environment = named;
    auto outcome = run(*runner, request);
    REQUIRE(outcome.has_value());
    return outcome->output_head;
  };
  setenv("LANG", "en_GB.UTF-8", 1);
  setenv("LC_TIME", "C", 1);
  setenv("LC_NUMERIC", "de_DE.UTF-8", 1);
  CHECK(printed({}) == "LANG=en_GB.UTF-8\nLC_NUMERIC=C\nLC_TIME=C\n");
  CHECK(printed({"LC_NUMERIC"}) == "LANG=en_GB.UTF-8\nLC_NUMERIC=de_DE.UTF-8\nLC_TIME=C\n");
  CHECK(printed({"LANG=fr_FR.UTF-8"}) == "LANG=fr_FR.UTF-8\nLC_NUMERIC=de_DE.UTF-8\nLC_TIME=C\n");
  // LC_ALL would win: what it says of the rest stays, in LANG.
  setenv("LC_ALL", "de_DE.UTF-8", 1);
  CHECK(printed({}) == "LANG=de_DE.UTF-8\nLC_NUMERIC=C\n");
  CHECK(printed({"LC_COLLATE=C"}) == "LANG=de_DE.UTF-8\nLC_COLLATE=C\nLC_NUMERIC=C\n");
  CHECK(printed({"LC_ALL"}).find("LC_ALL=de_DE.UTF-8\n") != std::string::npos);
  for (const char* name : {"LANG", "LC_ALL", "LC_NUMERIC"}) unsetenv(name);
}

TEST_CASE("git in a command looks for no repository above its folder, unless the request says so") {
  setenv("GIT_DIR", "/somewhere", 1);
  setenv("GIT_WORK_TREE", "/", 1);
  auto runner = open_runner();
  process_request request = shell("env | grep ^GIT_");
  request.directory = "/usr/lib/";
  auto outcome = run(*runner, request);
  REQUIRE(outcome.has_value());
  CHECK(outcome->output_head == "GIT_CEILING_DIRECTORIES=/usr\n");
  request.directory = "/usr/share/doc";
  CHECK(run(*runner, request)->output_head == "GIT_CEILING_DIRECTORIES=/usr/share:/usr\n");
  request.environment = {"GIT_CEILING_DIRECTORIES=/elsewhere"};
  CHECK(run(*runner, request)->output_head == "GIT_CEILING_DIRECTORIES=/elsewhere\n");
  unsetenv("GIT_DIR");
  unsetenv("GIT_WORK_TREE");
}

TEST_CASE("input is read from stdin, and without input stdin is empty") {
  auto runner = open_runner();
  auto empty = run(*runner, shell("cat; echo end"));
  REQUIRE(empty.has_value());
  CHECK(empty->output_head == "end\n");
  process_request request = shell("wc -c; exit 0");
  request.input = std::string(3'000'000, 'i');
  auto outcome = run(*runner, request);
  REQUIRE(outcome.has_value());
  CHECK(outcome->output_head == "3000000\n");
  request.command.shell = "true";  // reads none of it
  CHECK(run(*runner, request)->succeeded());
}

TEST_CASE("a command that cannot be executed is a failure that names it and says why") {
  auto runner = open_runner();
  temporary_folder folder;
  auto text_of = [&](const process_request& request) {
    auto outcome = run(*runner, request);
    REQUIRE_FALSE(outcome.has_value());
    CHECK(outcome.error().code == errc::process_failed);
    return outcome.error().text;
  };
  process_request request = shell("");
  request.command.argv = {"ratchet-no-such-program", "x"};
  auto text = text_of(request);
  CHECK(text.find("ratchet-no-such-program") != std::string::npos);
  CHECK(text.find("No such file or directory") != std::string::npos);

  std::ofstream(folder / "plain") << "echo from a script without a first line\n";
  request.command.argv = {folder / "plain"};
  text = text_of(request);
  CHECK(text.find(folder / "plain") != std::string::npos);
  CHECK(text.find("Permission denied") != std::string::npos);
  chmod((folder / "plain").c_str(), 0755);
  auto script = run(*runner, request);
  REQUIRE(script.has_value());
  CHECK(script->output_head == "from a script without a first line\n");

  request.directory = folder / "nowhere";
  text = text_of(request);
  CHECK(text.find(folder / "nowhere") != std::string::npos);
  CHECK(text.find("No such file or directory") != std::string::npos);
}

TEST_CASE("a request that makes no sense is refused before anything is started") {
  auto runner = open_runner();
  auto refused = [&](auto change) {
    process_request request = shell("true");
    change(request);
    auto outcome = run(*runner, request);
    return !outcome && outcome.error().code == errc::invalid_argument;
  };
  CHECK(refused([](auto& r) { r.command.shell.clear(); }));
  CHECK(refused([](auto& r) { r.directory = "relative"; }));
  CHECK(refused([](auto& r) { r.timeout_s = 0; }));
  CHECK(refused([](auto& r) { r.timeout_s = std::numeric_limits<double>::infinity(); }));
  CHECK(refused([](auto& r) { r.grace_s = -1; }));
  CHECK(refused([](auto& r) { r.environment = {"=x"}; }));
  CHECK(refused([](auto& r) { r.read_only_paths = {"here"}; }));
  CHECK(refused([](auto& r) { r.command.shell = std::string("a\0b", 3); }));
  CHECK(refused([](auto& r) { r.environment = {"A=" + std::string(5 << 20, 'x')}; }));
}

TEST_CASE("a request larger than a socket's buffer arrives whole") {
  auto runner = open_runner();
  process_request request = shell("");
  request.command.argv = {"sh", "-c", "echo $#"};
  for (int i = 0; i < 12; ++i) request.command.argv.push_back(std::string(100'000, 'x'));
  auto outcome = run(*runner, request);
  REQUIRE(outcome.has_value());
  CHECK(outcome->output_head == "11\n");
}

TEST_CASE("a launcher that cannot be started is named in the failure") {
  auto missing = open_process_runner("/nowhere/ratchet-launcher");
  REQUIRE_FALSE(missing.has_value());
  CHECK(missing.error().code == errc::process_failed);
  CHECK(missing.error().text.find("/nowhere/ratchet-launcher") != std::string::npos);
  CHECK_FALSE(open_process_runner({}).has_value());
  auto useless = open_process_runner("/bin/true");
  REQUIRE(useless.has_value());
  auto outcome = run(**useless, shell("true"));
  REQUIRE_FALSE(outcome.has_value());
  CHECK(outcome.error().text.find("ratchet-launcher ended twice") != std::string::npos);
}

TEST_CASE("the launcher is found beside the program, and where the environment says first of all") {
  unsetenv("RATCHET_LAUNCHER");
  CHECK(find_launcher() == launcher_path());
  setenv("RATCHET_LAUNCHER", "/somewhere/else", 1);
  CHECK(find_launcher() == "/somewhere/else");
  unsetenv("RATCHET_LAUNCHER");
}

}  // namespace
}  // namespace ratchet::test
