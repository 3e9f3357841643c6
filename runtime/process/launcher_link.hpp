// SPDX-License-Identifier: MIT
//
// Ratchet's end of its launcher.
#pragma once

#include <filesystem>
#include <memory>
#include <mutex>

#include "messages/failure.hpp"
#include "runtime/os/file_descriptor.hpp"

namespace ratchet {

/// The descriptors of one run, as the launcher gets copies of them. `input` -1: /dev/null.
struct run_ends {
  int control = -1;
  int output = -1;
  int input = -1;
};

/// Owns one launcher process, started through Boost.Process, and the socket to it. Its destructor
/// waits for the launcher's end, which follows the socket's. Safe from several threads.
class launcher_link {
 public:
  /// `process_failed` naming the program when it cannot be executed.
  static expected<std::shared_ptr<launcher_link>> start(const std::filesystem::path& program);
  launcher_link(int pid, file_descriptor socket) : pid_(pid), socket_(std::move(socket)) {}
  launcher_link(const launcher_link&) = delete;
  launcher_link& operator=(const launcher_link&) = delete;
  ~launcher_link();

  /// Asks for a supervisor. False when the launcher is gone.
  bool submit(const run_ends& ends) const;

 private:
  int pid_;
  file_descriptor socket_;
};

/// The launcher in use, replaced once it turns out to be dead. Safe from several threads.
class launcher_slot {
 public:
  explicit launcher_slot(std::filesystem::path program) : program_(std::move(program)) {}

  /// The launcher, started when there is none.
  expected<std::shared_ptr<launcher_link>> get();
  /// Drops `dead`, unless another thread has replaced it already.
  void discard(const std::shared_ptr<launcher_link>& dead);

 private:
  std::filesystem::path program_;
  std::mutex mutex_;
  std::shared_ptr<launcher_link> link_;
};

}  // namespace ratchet
