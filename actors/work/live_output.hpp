// SPDX-License-Identifier: MIT
//
// The last line that the command of each session at work has printed. Workers write it while their
// mailbox waits, and whoever shows progress reads it: a table, as nobody needs every line.
#pragma once

#include <map>
#include <mutex>
#include <string>
#include <string_view>

namespace ratchet {

class live_output {
 public:
  static constexpr std::size_t max_line_bytes = 200;

  void consume(const std::string& session_id, std::string_view bytes) {
    std::lock_guard lock(mutex_);
    auto& l = lines_[session_id];
    // Only the end can matter, however much was printed at once.
    constexpr std::size_t enough = 4 * max_line_bytes;
    if (bytes.size() > enough) {
      bytes.remove_prefix(bytes.size() - enough);
      l.partial.clear();  // it does not go on with these
    }
    for (char c : bytes) {
      if (c == '\n' || c == '\r') {
        if (!l.partial.empty()) l.whole = std::move(l.partial);
        l.partial.clear();
      } else if (l.partial.size() < max_line_bytes) {
        l.partial += c;
      }
    }
  }
  void end(const std::string& session_id) {
    std::lock_guard lock(mutex_);
    lines_.erase(session_id);
  }
  /// Raw bytes; empty while nothing is at work or nothing was printed.
  std::string last_line(const std::string& session_id) const {
    std::lock_guard lock(mutex_);
    auto it = lines_.find(session_id);
    if (it == lines_.end()) return "";
    return it->second.whole.empty() ? it->second.partial : it->second.whole;
  }

 private:
  struct line {
    std::string whole;
    std::string partial;
  };
  mutable std::mutex mutex_;
  std::map<std::string, line> lines_;
};

}  // namespace ratchet
