// SPDX-License-Identifier: MIT
//
// The library's log, caught while a live block owns the terminal.
#pragma once

#include <functional>
#include <memory>
#include <string>

namespace spdlog {
class logger;
}

namespace ratchet::cli {

/// While it lives, log lines go to `tell` ("warning: …", from any thread) instead of standard
/// error. Made before the first thread that logs and destroyed after the last.
class captured_log {
 public:
  explicit captured_log(std::function<void(std::string)> tell);
  ~captured_log();
  captured_log(const captured_log&) = delete;
  captured_log& operator=(const captured_log&) = delete;

 private:
  std::shared_ptr<spdlog::logger> before_;
};

}  // namespace ratchet::cli
