// SPDX-License-Identifier: MIT
//
// Server-sent events, as they come in pieces.
#pragma once

#include <functional>
#include <string>
#include <string_view>

namespace ratchet {

struct sse_event {
  std::string name;  ///< of the `event:` line; empty when there is none
  std::string data;  ///< the `data:` lines, joined by line feeds
};

/// Takes a stream apart wherever its pieces are cut: LF, CRLF and CR end a line, comments and
/// unknown fields are passed over, an event without data is none.
class sse_reader {
 public:
  using sink = std::function<void(const sse_event&)>;

  void feed(std::string_view bytes, const sink& take);
  /// The stream has ended. An event that lacks only its blank line is taken: some servers leave
  /// the last one out.
  void finish(const sink& take);

 private:
  void take_line(std::string_view line, const sink& take);
  void dispatch(const sink& take);

  std::string line_;
  sse_event event_;
  bool has_data_ = false;
  bool after_cr_ = false;  ///< an LF now belongs to the line break before
  bool begun_ = false;
};

}  // namespace ratchet
