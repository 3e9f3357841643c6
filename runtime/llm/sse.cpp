// SPDX-License-Identifier: MIT
#include "runtime/llm/sse.hpp"

namespace ratchet {

void sse_reader::feed(std::string_view bytes, const sink& take) {
  for (char c : bytes) {
    if (after_cr_ && c == '\n') {
      after_cr_ = false;
      continue;
    }
    after_cr_ = c == '\r';
    if (c != '\r' && c != '\n') {
      line_ += c;
      continue;
    }
    std::string line;
    line.swap(line_);
    take_line(line, take);
  }
}

void sse_reader::finish(const sink& take) {
  std::string line;
  line.swap(line_);
  if (!line.empty()) take_line(line, take);
  dispatch(take);
}

void sse_reader::take_line(std::string_view line, const sink& take) {
  if (!begun_ && line.starts_with("\xEF\xBB\xBF")) line.remove_prefix(3);
  begun_ = true;
  if (line.empty()) return dispatch(take);
  auto colon = line.find(':');
  if (colon == 0) return;
  auto field = line.substr(0, colon);
  auto value = colon == std::string_view::npos ? std::string_view() : line.substr(colon + 1);
  if (value.starts_with(' ')) value.remove_prefix(1);
  if (field == "event") event_.name = value;
  if (field != "data") return;
  if (has_data_) event_.data += '\n';
  event_.data += value;
  has_data_ = true;
}

void sse_reader::dispatch(const sink& take) {
  sse_event whole;
  std::swap(whole, event_);
  if (has_data_) take(whole);
  has_data_ = false;
}

}  // namespace ratchet
