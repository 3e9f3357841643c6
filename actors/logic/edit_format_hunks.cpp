// SPDX-License-Identifier: MIT
//
// Applies the hunks of a diff or patch to bytes.
#include <algorithm>

#include "actors/logic/edit_format.hpp"
#include "actors/logic/edit_hunks.hpp"
#include "actors/logic/edit_lines.hpp"
#include "actors/logic/edit_regions.hpp"
#include "actors/logic/text.hpp"

namespace ratchet {

namespace {

/// Bytes of files that all parts of a diff may look through together.
constexpr std::size_t most_read = 64 * 1024 * 1024;

std::string_view without_carriage(std::string_view text) {
  return text.ends_with('\r') ? text.substr(0, text.size() - 1) : text;
}

/// Prose after a hunk may look like lines of it; these it cannot have meant.
bool may_be_prose(const diff_line& line) {
  if (line.kind == ' ' || (line.kind == '-' && (line.text == "- " || line.text == "--")))
    return true;
  return is_list_item(line.kind + line.text);
}

/// One file's hunks, in their order; the file and the hunks outlive it. What is before the last
/// hunk's end is done with, so a file of any size is walked through once.
class patcher {
 public:
  explicit patcher(const std::string& content)
      : style_(is_crlf(content) ? "\r\n" : "\n"), finder_(content) {
    final_break_ = old().empty() || !old().back().end.empty();
  }

  /// An empty text is success; else why the hunk does not apply.
  std::string apply(const diff_hunk& hunk) {
    std::string all = apply(hunk, hunk.lines.size());
    bool shorter = hunk.counted > 0 && hunk.counted < hunk.lines.size() &&
                   std::all_of(hunk.lines.begin() + static_cast<std::ptrdiff_t>(hunk.counted),
                               hunk.lines.end(), may_be_prose);
    return all.empty() || !shorter ? all : apply(hunk, hunk.counted);
  }

  std::string content() {
    keep_until(old().size());
    std::string out;
    for (std::size_t i = 0; i < fresh_.size(); ++i) {
      out += fresh_[i].text;
      bool last = i + 1 == fresh_.size();
      if (!last || final_break_) out += fresh_[i].end.empty() ? style_ : fresh_[i].end;
    }
    return out;
  }

 private:
  const std::vector<text_line>& old() const { return finder_.lines(); }

  void keep_until(std::size_t end) {
    for (; done_ < end; ++done_) fresh_.push_back(old()[done_]);
  }

  std::string apply(const diff_hunk& hunk, std::size_t count) {
    std::vector<const diff_line*> old_side;
    bool changes = false;
    for (std::size_t i = 0; i < count; ++i) {
      if (hunk.lines[i].kind != '+') old_side.push_back(&hunk.lines[i]);
      changes = changes || hunk.lines[i].kind != ' ';
    }
    if (!changes) return "it has no line that begins with '+' or '-'";
    const std::size_t wanted = expected_at(hunk, old_side.size());
    hunk_place place = old_side.empty() ? finder_.find_insertion(hunk, done_, wanted)
                                        : finder_.find(hunk, old_side, done_, wanted);
    if (!place.problem.empty()) return place.problem;
    if (hunk.placed) drift_ = static_cast<long long>(place.at) - first_line(hunk, old_side.size());
    replace(hunk, count, place, old_side.size());
    return "";
  }

  static long long first_line(const diff_hunk& hunk, std::size_t old_lines) {
    return static_cast<long long>(hunk.old_start) - (old_lines > 0 ? 1 : 0);
  }

  /// Where the header says, 0-based, moved as far as the hunk before was from where it said.
  std::size_t expected_at(const diff_hunk& hunk, std::size_t old_lines) const {
    long long start = first_line(hunk, old_lines) + drift_;
    bool known = hunk.placed && start >= 0;
    return known ? static_cast<std::size_t>(start) : old().size() + 1;
  }

  void replace(const diff_hunk& hunk, std::size_t count, const hunk_place& place,
               std::size_t old_count) {
    const bool was_empty = old().empty(), to_the_end = place.at + old_count == old().size();
    bool marked = false, marked_new = false;
    keep_until(place.at);
    for (std::size_t i = 0; i < count; ++i) {
      const diff_line& line = hunk.lines[i];
      marked = marked || !line.final_break;
      if (line.kind != '-') marked_new = !line.final_break;
      if (line.kind == ' ')
        fresh_.push_back(old()[done_++]);  // the file's own bytes, whatever the diff's blanks
      else if (line.kind == '-')
        ++done_;
      else
        // Where the diff's carriage returns agree with the file they are taken as they are; an
        // answer that lost them, or has them on every line, gets the file's.
        add(line, was_empty || (place.how == strictness::bytes && old_count > 0));
    }
    if (to_the_end && (marked || was_empty)) final_break_ = !marked_new;
  }

  void add(const diff_line& line, bool as_written) {
    std::string_view end = !as_written ? style_ : line.text.ends_with('\r') ? "\r\n" : "\n";
    fresh_.push_back({without_carriage(line.text), end});
  }

  std::string_view style_;
  hunk_finder finder_;
  std::vector<text_line> fresh_;  ///< the new file so far
  std::size_t done_ = 0;          ///< lines of the old one that it stands for
  bool final_break_ = true;
  long long drift_ = 0;  ///< of the last hunk, from its header
};

/// The mark at a file's beginning is not seen by who writes a diff, or is seen but not there.
/// Removed from file and hunks where only one of them has it; true when it was the file's.
bool settle_byte_order_mark(std::string& content, file_patch& patch) {
  auto has_mark = [](const diff_line& l) { return l.text.starts_with(byte_order_mark); };
  bool of_file = content.starts_with(byte_order_mark), of_patch = false;
  for (const auto& hunk : patch.hunks)
    for (const auto& line : hunk.lines) of_patch = of_patch || (line.kind != '+' && has_mark(line));
  if (of_file == of_patch) return false;
  for (auto& hunk : patch.hunks)
    for (auto& line : hunk.lines)
      if (has_mark(line)) line.text.erase(0, byte_order_mark.size());
  if (of_file) content.erase(0, byte_order_mark.size());
  return of_file;
}

/// The new bytes, or why there are none.
expected<std::string> patched(std::string content, file_patch patch) {
  const bool mark = settle_byte_order_mark(content, patch);
  patcher work(content);
  std::size_t number = 0;
  for (const auto& hunk : patch.hunks) {
    ++number;
    if (std::string problem = work.apply(hunk); !problem.empty())
      return fail(errc::edit_refused,
                  "hunk " + std::to_string(number) + " (" + one_line(patch.path) + "): " + problem);
  }
  std::string after = work.content();
  return mark && !after.empty() ? std::string(byte_order_mark) + after : after;
}

std::string no_such_file(const std::string& path, const file_contents& contents) {
  std::vector<std::string> known;
  for (const auto& [name, bytes] : contents) known.push_back(name);
  std::string near = nearest_word(path, known);
  // A prefix that is none of git's, or a folder too many.
  for (const auto& name : known)
    if (near.empty() && (path.ends_with("/" + name) || name.ends_with("/" + path))) near = name;
  return "there is no such file among those that may be edited" +
         (near.empty()
              ? std::string("; to create it, write \"--- /dev/null\", or \"*** Add File: \" "
                            "in a patch")
              : "; did you mean " + near + "?");
}

/// What becomes of one file; `now` is what is there, if anything.
expected<file_change> changed(const file_patch& patch, const std::string& path,
                              const std::optional<std::string>& now,
                              const file_contents& contents) {
  auto refuse = [&](const std::string& why) {
    return fail(errc::edit_refused, one_line(path) + ": " + why);
  };
  if (patch.created && now && !now->empty())
    return refuse("the diff creates it, but it is there already; write the diff against it");
  if (!patch.created && !now) return refuse(no_such_file(path, contents));
  file_change change{path, std::nullopt, patch.executable};
  if (patch.deleted_unseen) return change;
  auto after = patched(now.value_or(""), patch);
  if (!after) return after.error();
  if (patch.deleted && !after->empty())
    return refuse(
        "the diff deletes it, but leaves lines of it; name every line, or give content null for "
        "it");
  if (!patch.deleted) change.content = std::move(*after);
  return change;
}

}  // namespace

expected<std::vector<file_change>> apply_unified_diff(const file_contents& contents,
                                                      const std::vector<file_patch>& patches) {
  if (patches.empty()) return fail(errc::edit_refused, "the diff has no file");
  std::map<std::string, file_change> after;
  std::size_t read = 0;
  for (const auto& patch : patches) {
    const std::string path(plain_path(patch.path));
    auto given = contents.find(path);
    auto edited = after.find(path);
    std::optional<std::string> now;
    if (edited != after.end())
      now = edited->second.content;
    else if (given != contents.end())
      now = given->second;
    read += now ? now->size() : 0;
    if (read > most_read)
      return fail(errc::edit_refused, "the diff names " + shown(path) +
                                          " too often; give all its hunks under one heading");
    auto change = changed(patch, path, now, contents);
    if (!change) return change.error();
    if (edited != after.end() && !change->executable)
      change->executable = edited->second.executable;
    after[path] = std::move(*change);
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
