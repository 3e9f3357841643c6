// SPDX-License-Identifier: MIT
//
// Applies a unified diff to bytes.
#include <algorithm>

#include "actors/logic/edit_format.hpp"
#include "actors/logic/edit_lines.hpp"
#include "actors/logic/edit_match.hpp"
#include "actors/logic/text.hpp"

namespace ratchet {

namespace {

/// A file's line; `end` is empty only for a last line without one.
struct owned_line {
  std::string text;
  std::string end;
};

std::string_view without_carriage(std::string_view text) {
  return text.ends_with('\r') ? text.substr(0, text.size() - 1) : text;
}

enum class strictness { bytes, blanks };

bool same(const owned_line& line, const diff_line& wanted, strictness how) {
  if (how == strictness::bytes) {
    if (line.end == "\r\n") return wanted.text == line.text + "\r";
    return wanted.text == line.text;
  }
  return trimmed_right(line.text) == trimmed_right(wanted.text);
}

class patcher {
 public:
  explicit patcher(const std::string& content) : style_(is_crlf(content) ? "\r\n" : "\n") {
    for (const auto& line : split_lines(content))
      lines_.push_back({std::string(line.text), std::string(line.end)});
    final_break_ = lines_.empty() || !lines_.back().end.empty();
  }

  /// An empty text is success; else why the hunk does not apply.
  std::string apply(const diff_hunk& hunk) {
    std::string all = apply(hunk, hunk.lines.size());
    if (all.empty() || hunk.counted == hunk.lines.size() || hunk.counted == 0) return all;
    return apply(hunk, hunk.counted);
  }

  std::string content() const {
    std::string out;
    for (std::size_t i = 0; i < lines_.size(); ++i) {
      out += lines_[i].text;
      bool last = i + 1 == lines_.size();
      if (!last || final_break_) out += lines_[i].end.empty() ? style_ : lines_[i].end;
    }
    return out;
  }
  bool empty() const { return lines_.empty(); }

 private:
  std::string apply(const diff_hunk& hunk, std::size_t count) {
    std::vector<const diff_line*> old_side;
    bool changes = false;
    for (std::size_t i = 0; i < count; ++i) {
      if (hunk.lines[i].kind != '+') old_side.push_back(&hunk.lines[i]);
      changes = changes || hunk.lines[i].kind != ' ';
    }
    if (!changes) return "it has no line that begins with '+' or '-'";

    std::size_t at = 0;
    strictness how = strictness::bytes;
    if (old_side.empty()) {
      if (!lines_.empty() && !hunk.placed)
        return "it has neither a line number nor a line of the file to find its place by; add "
               "lines around it";
      at = hunk.placed ? shifted_start(hunk, 0) : 0;
      if (at > lines_.size())
        return "it adds lines after line " + std::to_string(hunk.old_start) +
               ", but the file has " + std::to_string(lines_.size());
    } else {
      std::string problem = find(hunk, old_side, at, how);
      if (!problem.empty()) return problem;
    }
    replace(hunk, count, at, old_side.size(), how);
    return "";
  }

  /// Where the header says, 0-based, moved by what earlier hunks added or found moved.
  std::size_t shifted_start(const diff_hunk& hunk, std::size_t old_lines) const {
    long long start = static_cast<long long>(hunk.old_start) - (old_lines > 0 ? 1 : 0) + offset_;
    return start < 0 ? lines_.size() + 1 : static_cast<std::size_t>(start);
  }

  std::string find(const diff_hunk& hunk, const std::vector<const diff_line*>& old_side,
                   std::size_t& at, strictness& how) const {
    const std::size_t n = old_side.size();
    auto fits = [&](std::size_t place, strictness by) {
      if (place < cursor_ || place + n > lines_.size()) return false;
      for (std::size_t i = 0; i < n; ++i)
        if (!same(lines_[place + i], *old_side[i], by)) return false;
      return true;
    };
    std::size_t expected_at = hunk.placed ? shifted_start(hunk, n) : lines_.size() + 1;
    for (strictness by : {strictness::bytes, strictness::blanks}) {
      how = by;
      if (fits(expected_at, by)) {
        at = expected_at;
        return "";
      }
      std::vector<std::size_t> places;
      for (std::size_t place = cursor_; place + n <= lines_.size(); ++place)
        if (fits(place, by)) places.push_back(place + 1);
      if (places.size() > 1)
        return "its lines are not where the header says and occur " +
               std::to_string(places.size()) + " times, at lines " + listed(places) +
               "; add lines around it";
      if (places.size() == 1) {
        at = places[0] - 1;
        return "";
      }
    }
    std::string file, wanted;
    for (const auto& line : lines_) file += line.text + "\n";
    for (const auto* line : old_side) wanted += line->text + "\n";
    std::string near = nearest_lines(file, wanted);
    return "its lines do not occur" +
           (cursor_ > 0 ? " after line " + std::to_string(cursor_) : std::string()) + "; " +
           (near.empty() ? "the file is empty" : near);
  }

  void replace(const diff_hunk& hunk, std::size_t count, std::size_t at, std::size_t old_count,
               strictness how) {
    const bool to_the_end = at + old_count == lines_.size();
    std::vector<owned_line> fresh;
    std::size_t old_line = at;
    bool marked = false, marked_new = false;
    for (std::size_t i = 0; i < count; ++i) {
      const diff_line& line = hunk.lines[i];
      marked = marked || !line.final_break;
      if (line.kind != '-') marked_new = !line.final_break;
      if (line.kind == ' ') {
        fresh.push_back(lines_[old_line++]);  // the file's own bytes, whatever the diff's blanks
      } else if (line.kind == '-') {
        ++old_line;
      } else {
        // Where the diff's carriage returns agree with the file they are taken as they are; an
        // answer that lost them, or has them on every line, gets the file's.
        bool as_written = how == strictness::bytes && old_count > 0;
        bool carriage = line.text.ends_with('\r');
        std::string end = as_written || lines_.empty() ? (carriage ? "\r\n" : "\n") : style_;
        fresh.push_back({std::string(without_carriage(line.text)), end});
      }
    }
    if (to_the_end) {
      if (marked) final_break_ = !marked_new;
      if (lines_.empty()) final_break_ = !marked_new;
    }
    auto begin = lines_.begin() + static_cast<std::ptrdiff_t>(at);
    lines_.erase(begin, begin + static_cast<std::ptrdiff_t>(old_count));
    lines_.insert(lines_.begin() + static_cast<std::ptrdiff_t>(at), fresh.begin(), fresh.end());
    std::size_t old_start =
        hunk.old_start > 0 && old_count > 0 ? hunk.old_start - 1 : hunk.old_start;
    if (hunk.placed)
      offset_ =
          static_cast<long long>(at + fresh.size()) - static_cast<long long>(old_start + old_count);
    cursor_ = at + fresh.size();
  }

  std::vector<owned_line> lines_;
  std::string style_;
  bool final_break_ = true;
  std::size_t cursor_ = 0;  ///< hunks come in order: the next one is not before this line
  long long offset_ = 0;    ///< new minus old line number after the last hunk
};

}  // namespace

expected<std::vector<file_change>> apply_unified_diff(const file_contents& contents,
                                                      const std::vector<file_patch>& patches) {
  if (patches.empty()) return fail(errc::edit_refused, "the diff has no file");
  std::map<std::string, file_change> after;
  for (const auto& patch : patches) {
    const std::string path(plain_path(patch.path));
    auto refuse = [&](const std::string& why) {
      return fail(errc::edit_refused, one_line(path) + ": " + why);
    };
    auto given = contents.find(path);
    auto edited = after.find(path);
    std::optional<std::string> now;
    if (edited != after.end())
      now = edited->second.content;
    else if (given != contents.end())
      now = given->second;
    if (patch.created && now && !now->empty())
      return refuse("the diff creates it, but it is there already; write the diff against it");
    if (!patch.created && !now)
      return refuse(
          "there is no such file among those that may be edited; to create it, write "
          "\"--- /dev/null\"");
    patcher work(now.value_or(""));
    std::size_t number = 0;
    for (const auto& hunk : patch.hunks) {
      ++number;
      if (std::string problem = work.apply(hunk); !problem.empty())
        return fail(errc::edit_refused,
                    "hunk " + std::to_string(number) + " (" + one_line(path) + "): " + problem);
    }
    if (patch.deleted && !work.empty())
      return refuse(
          "the diff deletes it, but leaves lines of it; name every line, or give content "
          "null for it");
    file_change change{path, std::nullopt, patch.executable};
    if (edited != after.end() && !change.executable) change.executable = edited->second.executable;
    if (!patch.deleted) change.content = work.content();
    after[path] = std::move(change);
  }
  std::vector<file_change> changes;
  for (auto& [path, change] : after) {
    auto old = contents.find(path);
    bool same_bytes =
        old == contents.end() ? !change.content : change.content && *change.content == old->second;
    if (!same_bytes || (change.content && change.executable)) changes.push_back(std::move(change));
  }
  return changes;
}

}  // namespace ratchet
