// SPDX-License-Identifier: MIT
//
// Takes out of an answer what its model only thought.
#include <algorithm>
#include <array>

#include "actors/logic/edit_format.hpp"
#include "actors/logic/edit_lines.hpp"
#include "actors/logic/edit_regions.hpp"
#include "actors/logic/number_text.hpp"
#include "actors/logic/text.hpp"

namespace ratchet {

namespace {

constexpr std::array<std::string_view, 3> tag_names{"think", "thinking", "reasoning"};

// -- harmony: "<|channel|>analysis<|message|>…<|end|>" --------------------------------------------

/// What stands between two marks, and the channel it was said in; "" is none.
struct said_in {
  std::string_view channel, text;
};

/// The mark at the beginning of `text`, or "".
std::string_view mark_at(std::string_view text) {
  for (std::string_view mark :
       {"<|start|>", "<|channel|>", "<|message|>", "<|end|>", "<|return|>", "<|call|>"})
    if (text.starts_with(mark)) return mark;
  return {};
}

std::vector<said_in> pieces_of(std::string_view text) {
  std::vector<said_in> pieces;
  std::string_view channel, mark;
  for (std::size_t begin = 0, at = 0; begin <= text.size(); at = std::max(at + 1, begin)) {
    at = std::min(text.find("<|", at), text.size());
    std::string_view next = mark_at(text.substr(at));
    if (next.empty() && at < text.size()) continue;
    std::string_view piece = text.substr(begin, at - begin);
    if (mark == "<|channel|>")
      channel = trimmed(piece);
    else if (mark != "<|start|>")
      pieces.push_back({mark == "<|message|>" ? channel : std::string_view{}, piece});
    if (mark == "<|message|>") channel = {};
    mark = next;
    begin = at + std::max<std::size_t>(1, next.size());
  }
  return pieces;
}

/// The final message and what is in none; without a final one, all but the analysis.
std::string without_channels(std::string_view text) {
  std::size_t first = text.find("<|channel|>");
  if (first == std::string::npos || first > text.find_first_not_of(" \t\r\n") + 40)
    return std::string(text);
  const auto pieces = pieces_of(text);
  auto final = [](const said_in& p) { return p.channel.starts_with("final"); };
  const bool has_final = std::any_of(pieces.begin(), pieces.end(), final);
  std::string out;
  for (const auto& p : pieces) {
    bool thought = has_final ? !p.channel.empty() : p.channel.starts_with("analysis");
    if (final(p) || !thought) out += p.text;
  }
  return out;
}

// -- tags: "<think>…</think>" ---------------------------------------------------------------------

struct tag {
  bool closes = false;
  std::size_t length = 0;
};

/// The tag at the beginning of `text`, if there is one.
std::optional<tag> tag_at(std::string_view text) {
  if (!text.starts_with('<')) return std::nullopt;
  bool closes = text.substr(1).starts_with('/');
  std::size_t begin = closes ? 2 : 1, end = text.substr(0, 16).find('>');
  if (end == std::string::npos) return std::nullopt;
  std::string word = ascii_lower(text.substr(begin, end - begin));
  for (auto name : tag_names)
    if (word == name) return tag{closes, end + 1};
  return std::nullopt;
}

/// The first tag at or after `from` that closes a thought.
std::size_t closing_tag(std::string_view text, std::size_t from) {
  for (std::size_t at = text.find("</", from); at != std::string::npos;
       at = text.find("</", at + 1))
    if (auto t = tag_at(text.substr(at)); t && t->closes) return at;
  return std::string::npos;
}

/// The length of an opening tag at the beginning of `text`, with the blanks before it; else 0.
std::size_t opening_at(std::string_view text) {
  std::size_t begin = std::min(text.find_first_not_of(" \t\r\n"), text.size());
  auto open = tag_at(text.substr(begin));
  return open && !open->closes ? begin + open->length : 0;
}

std::size_t after_tag(std::string_view text, std::size_t at) {
  return at + tag_at(text.substr(at))->length;
}

/// Without the thoughts an answer begins with. Where one has no end nobody can tell it from the
/// answer: only its tag is taken away.
std::string_view after_first_thoughts(std::string_view text) {
  bool closes = true;
  while (std::size_t open = opening_at(text)) {
    std::size_t close = closes ? closing_tag(text, open) : std::string::npos;
    closes = close != std::string::npos;
    text.remove_prefix(closes ? after_tag(text, close) : open);
  }
  return text;
}

/// A line in which a thought may begin or end.
struct prose_line {
  std::size_t begin, size;
};

/// What comes next, below a line, of what opens and closes blocks and fences.
struct next_below {
  marker kind = marker::none;
  bool fence_closes = false;
};

std::vector<next_below> all_below(const std::vector<text_line>& lines) {
  std::vector<next_below> below(lines.size());
  next_below now;
  for (std::size_t i = lines.size(); i-- > 0;) {
    below[i] = now;
    if (marker kind = marker_of(lines[i].text).kind; kind != marker::none) now.kind = kind;
    if (auto f = fence_of(lines[i].text)) now.fence_closes = f->info.empty();
  }
  return below;
}

/// A draft that a thought leaves open must not hide the thought's end: what follows begins anew.
bool ends_a_draft(std::string_view line, region where, const next_below& below) {
  line = trimmed(line);
  auto t = tag_at(line);
  if (!t || !t->closes || t->length != line.size()) return false;
  return where == region::block ? below.kind == marker::search : !below.fence_closes;
}

std::vector<prose_line> prose_of(std::string_view text) {
  std::vector<prose_line> prose;
  const auto lines = split_lines(text);
  const auto regions = regions_of(lines);
  const auto below = all_below(lines);
  for (std::size_t i = 0; i < lines.size(); ++i)
    if (regions[i] == region::prose || ends_a_draft(lines[i].text, regions[i], below[i]))
      prose.push_back(
          {static_cast<std::size_t>(lines[i].text.data() - text.data()), lines[i].text.size()});
  return prose;
}

/// Without the thoughts between the paragraphs of an answer.
std::string without_later_thoughts(std::string_view text) {
  std::string out;
  std::size_t kept = 0;
  for (const auto& line : prose_of(text)) {
    std::size_t open = line.begin < kept ? 0 : opening_at(text.substr(line.begin, line.size));
    if (open == 0) continue;
    std::size_t close = closing_tag(text, line.begin + open);
    if (close == std::string::npos) break;
    out += text.substr(kept, line.begin - kept);
    kept = after_tag(text, close);
  }
  return out += text.substr(kept);
}

/// After the last tag in prose that closes what was never opened: all before it was thought. One
/// with nothing behind it closes nothing.
std::string_view after_lone_close(std::string_view text) {
  std::size_t after = 0;
  for (const auto& line : prose_of(text)) {
    std::size_t at = closing_tag(text.substr(0, line.begin + line.size), line.begin);
    if (at == std::string::npos) continue;
    std::size_t end = after_tag(text, at);
    if (trimmed(text.substr(end)).empty()) return text.substr(after, at - after);
    after = end;
  }
  return text.substr(after);
}

}  // namespace

std::string without_thoughts(std::string_view text) {
  if (text.starts_with(byte_order_mark)) text.remove_prefix(byte_order_mark.size());
  const std::string said = without_channels(text);
  std::string_view answer = after_first_thoughts(said);
  if (closing_tag(answer, 0) == std::string::npos) return std::string(answer);
  const std::string rest = without_later_thoughts(answer);
  return std::string(after_lone_close(rest));
}

}  // namespace ratchet
