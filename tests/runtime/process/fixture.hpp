// SPDX-License-Identifier: MIT
//
// What the process tests share: the port under test, a folder, and proof of emptiness.
#pragma once

#include <doctest/doctest.h>
#include <fcntl.h>
#include <poll.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cstdlib>
#include <filesystem>
#include <memory>
#include <string>

#include "runtime/process/process_runner.hpp"

namespace ratchet::test {

/// A fresh folder, removed with everything in it.
class temporary_folder {
 public:
  temporary_folder() {
    std::string name = (std::filesystem::temp_directory_path() / "ratchet-process-XXXXXX").string();
    REQUIRE(mkdtemp(name.data()) != nullptr);
    path_ = name;
  }
  ~temporary_folder() { std::filesystem::remove_all(path_); }
  temporary_folder(const temporary_folder&) = delete;
  temporary_folder& operator=(const temporary_folder&) = delete;
  std::string operator/(const std::string& name) const { return path_ + "/" + name; }
  const std::string& path() const { return path_; }

 private:
  std::string path_;
};

inline std::filesystem::path launcher_path() { return RATCHET_BIN_DIR "/ratchet-launcher"; }

inline std::shared_ptr<process_port> open_runner() {
  auto runner = open_process_runner(launcher_path());
  REQUIRE_MESSAGE(runner.has_value(), (runner ? "" : runner.error().text));
  return *runner;
}

inline process_request shell(const std::string& script, double timeout_s = 60) {
  process_request request;
  request.command.shell = script;
  request.directory = "/";
  request.timeout_s = timeout_s;
  request.grace_s = 0.1;
  return request;
}

inline expected<process_outcome> run(process_port& port, const process_request& request,
                                     output_sink* sink = nullptr, std::stop_token stop = {}) {
  return port.run(request, sink, std::move(stop));
}

/// A named pipe that the processes of a command hold open for writing (`exec 9>PATH`, inherited by
/// everything they start). Its end of file is the proof that none of them is left. Opened before
/// the command runs; nothing else may open it for writing.
class witness {
 public:
  explicit witness(const temporary_folder& folder, const std::string& name = "witness")
      : path_(folder / name) {
    REQUIRE(mkfifo(path_.c_str(), 0600) == 0);
    fd_ = open(path_.c_str(), O_RDONLY | O_NONBLOCK | O_CLOEXEC);
    REQUIRE(fd_ >= 0);
  }
  ~witness() { close(fd_); }
  witness(const witness&) = delete;
  witness& operator=(const witness&) = delete;

  const std::string& path() const { return path_; }
  /// Blocks until a holder has written something; returns one byte.
  char wait_for_byte() const {
    pollfd entry{fd_, POLLIN, 0};
    char byte = 0;
    while (read(fd_, &byte, 1) <= 0)
      if (poll(&entry, 1, 20'000) <= 0) return 0;
    return byte;
  }
  /// Whether every holder is gone, as of now; what they wrote is skipped. At least one must have
  /// opened it before (wait_for_byte, or a script that writes to it).
  bool is_empty() const { return ends_within(0); }
  /// Whether every holder goes away within the time.
  bool ends_within(int ms) const {
    char bytes[4096];
    for (;;) {
      ssize_t n = read(fd_, bytes, sizeof bytes);
      if (n == 0) return true;
      if (n > 0) continue;
      pollfd entry{fd_, POLLIN, 0};
      if (poll(&entry, 1, ms) <= 0) return false;
    }
  }

 private:
  std::string path_;
  int fd_ = -1;
};

}  // namespace ratchet::test
