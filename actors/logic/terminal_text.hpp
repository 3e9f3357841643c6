// SPDX-License-Identifier: MIT
//
// Output without what only a terminal obeys.
#pragma once

#include <cstddef>
#include <string>
#include <string_view>

namespace ratchet {

/// Takes terminal control sequences out of a stream, however it is cut into chunks: CSI (colours,
/// cursor moves, erasing), OSC and the other strings (titles, links), charset and single escapes.
/// Each becomes `instead`. A line's end ends a sequence that has no end of its own, as do 4 KiB.
class terminal_filter {
 public:
  explicit terminal_filter(std::string instead) : instead_(std::move(instead)) {}

  /// What is left of `chunk`: valid until the next call, and no longer than `chunk` itself is.
  std::string_view plain(std::string_view chunk);

 private:
  enum class state { ground, escape, control, string, string_escape, charset };
  void step(char c);

  std::string instead_;
  state state_ = state::ground;
  std::size_t length_ = 0;  ///< of the sequence so far
  std::string out_;
};

/// `text` as one would see it: no control sequences, of each line what stands there after the last
/// '\r', no other control characters but tabs.
std::string visible_text(std::string_view text);

}  // namespace ratchet
