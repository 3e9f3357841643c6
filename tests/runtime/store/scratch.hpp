// SPDX-License-Identifier: MIT
//
// A fresh directory that goes away, and a child process that answers in text.
#pragma once

#include <doctest/doctest.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <iterator>
#include <stdexcept>
#include <string>

#include "messages/failure.hpp"
#include "tests/support/expected_printing.hpp"

namespace ratchet::testing {

class scratch {
 public:
  scratch() {
    std::string name = (std::filesystem::temp_directory_path() / "ratchet-test-XXXXXX").string();
    if (!::mkdtemp(name.data())) throw std::runtime_error("mkdtemp failed");
    path = name;
  }
  ~scratch() {
    std::error_code ignored;
    std::filesystem::remove_all(path, ignored);
  }
  scratch(const scratch&) = delete;
  scratch& operator=(const scratch&) = delete;

  std::filesystem::path path;
};

inline std::string content_of(const std::filesystem::path& file) {
  std::ifstream in(file, std::ios::binary);
  return {std::istreambuf_iterator<char>(in), {}};
}

inline void put_content(const std::filesystem::path& file, const std::string& bytes) {
  std::ofstream(file, std::ios::binary) << bytes;
}

/// A forked child with a pipe to read what it tells; killed and reaped at the end at the latest.
class child {
 public:
  /// `body(fd)` runs in the child, which then exits.
  template <class F>
  explicit child(F body) {
    int ends[2];
    if (::pipe(ends) != 0) throw std::runtime_error("pipe failed");
    pid = ::fork();
    if (pid == 0) {
      ::close(ends[0]);
      body(ends[1]);
      ::_exit(0);
    }
    ::close(ends[1]);
    from = ends[0];
  }
  ~child() { end(); }
  child(const child&) = delete;
  child& operator=(const child&) = delete;

  /// kill -9, unless it has ended.
  void end() {
    if (pid > 0) {
      ::kill(pid, SIGKILL);
      ::waitpid(pid, nullptr, 0);
      pid = -1;
    }
    if (from >= 0) ::close(from);
    from = -1;
  }
  /// One byte or the end (false).
  bool read(char& c) { return ::read(from, &c, 1) == 1; }
  std::string line() {
    std::string text;
    for (char c; read(c) && c != '\n';) text += c;
    return text;
  }
  std::string rest() {
    std::string text;
    for (char c; read(c);) text += c;
    return text;
  }

  pid_t pid = -1;
  int from = -1;
};

inline void tell(int fd, const std::string& text) {
  [[maybe_unused]] auto ignored = ::write(fd, text.data(), text.size());
}

/// What `body` returned as text, run in a child.
template <class F>
std::string in_child(F body) {
  return child([&](int fd) { tell(fd, body()); }).rest();
}

}  // namespace ratchet::testing
