// SPDX-License-Identifier: MIT
#include <arpa/inet.h>
#include <netinet/in.h>
#include <sys/socket.h>

#include <fstream>

#include "tests/runtime/process/fixture.hpp"

namespace ratchet::test {
namespace {

/// A listener on 127.0.0.1 in this process.
struct listener {
  int fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
  int port = 0;

  listener() {
    sockaddr_in address{};
    address.sin_family = AF_INET;
    address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    REQUIRE(bind(fd, reinterpret_cast<sockaddr*>(&address), sizeof address) == 0);
    REQUIRE(listen(fd, 8) == 0);
    socklen_t size = sizeof address;
    getsockname(fd, reinterpret_cast<sockaddr*>(&address), &size);
    port = ntohs(address.sin_port);
  }
  ~listener() { close(fd); }
};

/// Connects to the port; exit status 0 when somebody answers. bash knows /dev/tcp.
process_request connecting(int port) {
  process_request request = shell("");
  request.command.argv = {"bash", "-c", "exec 3<>/dev/tcp/127.0.0.1/" + std::to_string(port)};
  return request;
}

TEST_CASE("without a sandbox the network is there") {
  auto runner = open_runner();
  listener here;
  auto request = connecting(here.port);
  request.network = false;  // asked for, but mode none gives nothing
  auto outcome = run(*runner, request);
  REQUIRE(outcome.has_value());
  CHECK(outcome->exit_code == 0);
  CHECK(outcome->isolation == "none");
}

TEST_CASE("the sandbox takes the network away or says that it could not") {
  auto runner = open_runner();
  listener here;
  auto request = connecting(here.port);
  request.network = false;
  request.sandbox = sandbox_mode::automatic;
  auto outcome = run(*runner, request);
  REQUIRE(outcome.has_value());
  if (outcome->isolation == "none") {
    CHECK(outcome->exit_code == 0);
    request.sandbox = sandbox_mode::strict;
    auto strict = run(*runner, request);
    REQUIRE_FALSE(strict.has_value());
    CHECK(strict.error().code == errc::process_failed);
    CHECK(strict.error().text.find("\"auto\" or \"none\"") != std::string::npos);
    return;
  }
  CHECK(outcome->isolation == "network");
  CHECK(outcome->exit_code == 1);
  CHECK(outcome->output_head.find("refused") != std::string::npos);  // loopback is up, but empty
  request.sandbox = sandbox_mode::strict;
  outcome = run(*runner, request);
  REQUIRE(outcome.has_value());
  CHECK(outcome->exit_code == 1);
}

TEST_CASE("read-only paths cannot be written in the sandbox, and everything else can") {
  auto runner = open_runner();
  temporary_folder folder;
  std::filesystem::create_directories(folder / "evaluation/deep");
  std::ofstream(folder / "evaluation/deep/answers") << "42\n";
  process_request request = shell(
      "cat evaluation/deep/answers; echo x > free || echo not free;"
      "echo 43 > evaluation/deep/answers || echo kept;"
      "mv evaluation/deep evaluation/other || echo kept;"
      "mount -o remount,rw,bind " +
      (folder / "evaluation") +
      " && echo remounted;"
      "umount " +
      (folder / "evaluation") + " && echo unmounted; true");
  request.directory = folder.path();
  request.network = false;
  request.sandbox = sandbox_mode::automatic;
  request.read_only_paths = {folder / "evaluation"};
  auto outcome = run(*runner, request);
  REQUIRE(outcome.has_value());
  if (outcome->isolation != "network+mounts") {
    MESSAGE("no mount namespaces here: ", outcome->isolation);
    return;
  }
  const auto& text = outcome->output_head;
  CHECK(text.starts_with("42\n"));
  CHECK(text.find("not free") == std::string::npos);
  CHECK(text.find("kept") != text.rfind("kept"));
  CHECK(text.find("remounted") == std::string::npos);
  CHECK(text.find("unmounted") == std::string::npos);
  CHECK(std::filesystem::exists(folder / "free"));
  // Here, outside, it is as it was: writable and not mounted.
  std::ofstream(folder / "evaluation/deep/answers") << "43\n";
  std::string line;
  std::getline(std::ifstream(folder / "evaluation/deep/answers"), line);
  CHECK(line == "43");

  request.read_only_paths = {folder / "evaluation", folder / "missing"};
  outcome = run(*runner, request);
  REQUIRE(outcome.has_value());
  CHECK(outcome->isolation == "network");  // not all of what was asked for
  request.sandbox = sandbox_mode::strict;
  auto strict = run(*runner, request);
  REQUIRE_FALSE(strict.has_value());
  CHECK(strict.error().text.find(folder / "missing") != std::string::npos);
}

TEST_CASE("the time-out holds in the sandbox too") {
  auto runner = open_runner();
  temporary_folder folder;
  witness proof(folder);
  auto request = shell("exec 9>" + proof.path() +
                           "; (setsid sh -c 'trap \"\" TERM; sleep 1000; :' &);"
                           " kill -9 $PPID; sleep 1000",
                       0.2);
  request.network = false;
  request.sandbox = sandbox_mode::automatic;
  auto outcome = run(*runner, request);
  if (outcome)  // where Landlock keeps it from killing its supervisor
    CHECK(outcome->timed_out);
  else
    CHECK(outcome.error().text.find("supervisor") != std::string::npos);
  CHECK(proof.is_empty());
}

}  // namespace
}  // namespace ratchet::test
