// SPDX-License-Identifier: MIT
//
// A time of day for one process that is not this machine's, and can be put right while it runs:
// Debian's libfaketime, preloaded. What measures durations (CLOCK_MONOTONIC) is left alone, as it
// is when somebody sets a clock.
#pragma once

#include <cstdio>
#include <cstdlib>
#include <ctime>

#include "tests/end_to_end/program.hpp"

namespace ratchet::e2e {

class shifted_clock {
 public:
  /// `file` holds by how much it is off.
  shifted_clock(fs::path file, int seconds) : file_(std::move(file)) { set(seconds); }

  /// Whether there is libfaketime, and nothing that does not go with it.
  static bool there() {
#if defined(__SANITIZE_ADDRESS__) || defined(__SANITIZE_THREAD__)
    return false;  // a sanitizer wants to be the first to intercept these calls
#else
    return !library().empty();
#endif
  }

  void set(int seconds) const {
    char text[32];
    std::snprintf(text, sizeof text, "%+d\n", seconds);
    const auto written = file_.string() + ".new";
    write_text(written, text);
    fs::rename(written, file_);  // read at any moment
  }

  /// What the command line of a process with this clock begins with.
  std::vector<std::string> place() const {
    return {"/usr/bin/env", "LD_PRELOAD=" + library().string(),
            "FAKETIME_TIMESTAMP_FILE=" + file_.string(), "FAKETIME_NO_CACHE=1",
            "DONT_FAKE_MONOTONIC=1"};
  }

  /// Whether a process that begins like that sees this machine's time shifted by `seconds`.
  bool shows(int seconds) const {
    auto words = place();
    words.insert(words.end(), {"/usr/bin/env", "date", "+%s"});
    const auto shown = process(words, file_.parent_path()).end().out;
    return std::abs(std::atol(shown.c_str()) - (std::time(nullptr) + seconds)) < 60;
  }

 private:
  static fs::path library() {
    std::error_code none;
    for (const auto& folder : fs::directory_iterator("/usr/lib", none)) {
      auto file = folder.path() / "faketime" / "libfaketimeMT.so.1";
      if (fs::exists(file, none)) return file;
    }
    return {};
  }
  fs::path file_;
};

}  // namespace ratchet::e2e
