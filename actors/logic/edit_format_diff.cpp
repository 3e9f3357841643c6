// SPDX-License-Identifier: MIT
//
// Reads a unified diff as people, git and language models write it.
#include <charconv>

#include "actors/logic/edit_format.hpp"
#include "actors/logic/edit_lines.hpp"
#include "actors/logic/number_text.hpp"
#include "actors/logic/text.hpp"

namespace ratchet {

namespace {

failure refuse_line(std::size_t line, const std::string& why) {
  return fail(errc::edit_refused, "the diff's line " + std::to_string(line + 1) + ": " + why);
}

/// git writes unusual names in double quotes with C escapes.
std::string unquoted(std::string_view name) {
  if (name.size() < 2 || name.front() != '"' || name.back() != '"') return std::string(name);
  name = name.substr(1, name.size() - 2);
  std::string out;
  for (std::size_t i = 0; i < name.size(); ++i) {
    if (name[i] != '\\' || i + 1 == name.size()) {
      out += name[i];
      continue;
    }
    char c = name[++i];
    if (c >= '0' && c <= '7') {
      int value = 0;
      std::size_t n = 0;
      for (; n < 3 && i < name.size() && name[i] >= '0' && name[i] <= '7'; ++n, ++i)
        value = value * 8 + (name[i] - '0');
      --i;
      out += static_cast<char>(value);
    } else {
      out += c == 'n' ? '\n' : c == 't' ? '\t' : c == 'r' ? '\r' : c;
    }
  }
  return out;
}

/// The name on a "--- " or "+++ " line, without a time stamp; "" is /dev/null.
std::string header_name(std::string_view rest) {
  rest = trimmed(rest.substr(0, rest.find('\t')));
  std::string name = unquoted(rest);
  return name == "/dev/null" ? "" : name;
}

bool takes_prefix(const std::string& name, std::string_view prefix) {
  return name.empty() || name.starts_with(prefix);
}

/// "a/x" and "b/x" are x; names without the prefixes are taken as they are.
void strip_prefixes(std::string& old_name, std::string& new_name) {
  if (!takes_prefix(old_name, "a/") || !takes_prefix(new_name, "b/")) return;
  if (!old_name.empty()) old_name.erase(0, 2);
  if (!new_name.empty()) new_name.erase(0, 2);
}

struct hunk_header {
  bool placed = false;
  std::size_t old_start = 0, old_count = 0, new_count = 0;
};

/// "@@ -1,2 +3,4 @@ …"; not placed when it is only "@@" or "@@ … @@".
hunk_header read_hunk_header(std::string_view line) {
  hunk_header header;
  std::size_t i = 2;
  auto number = [&](std::size_t& value) {
    auto [end, error] = std::from_chars(line.data() + i, line.data() + line.size(), value);
    if (error != std::errc{}) return false;
    i = static_cast<std::size_t>(end - line.data());
    return true;
  };
  auto range = [&](char sign, std::size_t& start, std::size_t& count) {
    while (i < line.size() && line[i] == ' ') ++i;
    if (i >= line.size() || line[i] != sign) return false;
    ++i;
    count = 1;
    if (!number(start)) return false;
    if (i < line.size() && line[i] == ',') {
      ++i;
      return number(count);
    }
    return true;
  };
  std::size_t new_start = 0;
  header.placed =
      range('-', header.old_start, header.old_count) && range('+', new_start, header.new_count);
  if (!header.placed) return {};
  return header;
}

/// One diff, front to back.
class diff_reader {
 public:
  explicit diff_reader(std::string_view text) : lines_(split_lines(text)) {}

  expected<std::vector<file_patch>> read() {
    while (at_ < lines_.size()) {
      std::string_view line = lines_[at_].text;
      if (line.starts_with("diff --git ")) {
        if (auto done = read_git_header(); !done) return done.error();
      } else if (starts_diff(lines_, at_)) {
        patches_.emplace_back();
        if (auto done = read_names(); !done) return done.error();
      } else if (line.starts_with("@@")) {
        if (!open_)
          return refuse_line(at_,
                             "a hunk without a file; \"--- a/PATH\" and \"+++ "
                             "b/PATH\" must stand before it");
        read_hunk();
      } else {
        ++at_;
      }
    }
    if (patches_.empty())
      return fail(errc::edit_refused,
                  "there is no unified diff; write \"--- a/PATH\", \"+++ "
                  "b/PATH\" and hunks that begin with \"@@ -line,count "
                  "+line,count @@\"");
    for (const auto& patch : patches_) {
      bool does_something =
          !patch.hunks.empty() || patch.created || patch.deleted || patch.executable;
      if (!does_something)
        return fail(errc::edit_refused, "the diff of " + shown(patch.path) + " has no hunk");
    }
    return patches_;
  }

 private:
  expected<> read_git_header() {
    patches_.emplace_back();
    file_patch& patch = patches_.back();
    open_ = true;
    std::string_view names = trimmed(lines_[at_].text.substr(11));
    // Only needed where no "---" follows: both names are the same then, "a/x b/x".
    if (names.size() % 2 == 1 && names[names.size() / 2] == ' ') {
      std::string old_name = unquoted(names.substr(0, names.size() / 2));
      std::string new_name = unquoted(names.substr(names.size() / 2 + 1));
      strip_prefixes(old_name, new_name);
      if (old_name == new_name) patch.path = new_name;
    }
    for (++at_; at_ < lines_.size(); ++at_) {
      std::string_view line = lines_[at_].text;
      for (std::string_view word : {"rename from", "rename to", "copy from", "copy to"})
        if (line.starts_with(word))
          return refuse_line(at_,
                             "renames and copies are not applied; delete the old file and "
                             "create the new one");
      if (line.starts_with("Binary files ") || line.starts_with("GIT binary patch"))
        return refuse_line(at_, "binary patches are not applied");
      if (line.starts_with("new file mode ")) {
        patch.created = true;
        if (auto done = set_mode(patch, line.substr(14)); !done) return done;
      } else if (line.starts_with("deleted file mode ")) {
        patch.deleted = true;
      } else if (line.starts_with("new mode ")) {
        if (auto done = set_mode(patch, line.substr(9)); !done) return done;
      } else if (line.starts_with("--- ") && starts_diff(lines_, at_)) {
        return read_names();
      } else if (!line.starts_with("index ") && !line.starts_with("old mode ") &&
                 !line.starts_with("similarity ") && !line.starts_with("dissimilarity ")) {
        break;
      }
    }
    if (patch.path.empty())
      return refuse_line(at_ == 0 ? 0 : at_ - 1, "the file's name cannot be told from this header");
    return {};
  }

  expected<> set_mode(file_patch& patch, std::string_view mode) {
    mode = trimmed(mode);
    if (mode == "120000") return refuse_line(at_, "symbolic links are not created");
    if (mode == "160000") return refuse_line(at_, "submodules are not created");
    if (mode == "100755") patch.executable = true;
    if (mode == "100644" && !patch.created) patch.executable = false;
    return {};
  }

  /// The lines "---" and "+++" for the last patch.
  expected<> read_names() {
    file_patch& patch = patches_.back();
    std::string old_name = header_name(lines_[at_].text.substr(4));
    std::string new_name = header_name(lines_[at_ + 1].text.substr(4));
    if (old_name.empty() && new_name.empty()) return refuse_line(at_, "both names are /dev/null");
    strip_prefixes(old_name, new_name);
    old_name = plain_path(old_name);
    new_name = plain_path(new_name);
    if (!old_name.empty() && !new_name.empty() && old_name != new_name)
      return refuse_line(at_, "renames are not applied (" + shown(old_name) + " to " +
                                  shown(new_name) +
                                  "); delete the old file and create the new one");
    patch.created = old_name.empty();
    patch.deleted = new_name.empty();
    patch.path = patch.deleted ? old_name : new_name;
    open_ = true;
    at_ += 2;
    return {};
  }

  void read_hunk() {
    hunk_header header = read_hunk_header(lines_[at_].text);
    diff_hunk hunk;
    hunk.old_start = header.old_start;
    hunk.placed = header.placed;
    std::size_t old_left = header.old_count, new_left = header.new_count;
    std::size_t empty_at_end = 0;
    bool counted = false;
    for (++at_; at_ < lines_.size(); ++at_) {
      const text_line& source = lines_[at_];
      std::string_view line = source.text;
      bool satisfied = header.placed && old_left == 0 && new_left == 0;
      if (satisfied && !counted) {
        counted = true;
        hunk.counted = hunk.lines.size();
      }
      if (line.starts_with("\\")) {
        if (!hunk.lines.empty()) hunk.lines.back().final_break = false;
        continue;
      }
      if (line.starts_with("@@")) break;
      if (starts_diff(lines_, at_)) break;
      // The end of a mail, and the prose after a hunk.
      if (satisfied && (line.empty() || line == "-- ")) break;
      if (!line.empty() && line[0] != ' ' && line[0] != '+' && line[0] != '-') break;

      diff_line parsed{line.empty() ? ' ' : line[0], {}, true};
      if (!line.empty()) parsed.text = line.substr(1);
      if (source.end == "\r\n") parsed.text += '\r';
      empty_at_end = line.empty() ? empty_at_end + 1 : 0;
      if (parsed.kind != '+' && old_left > 0) --old_left;
      if (parsed.kind != '-' && new_left > 0) --new_left;
      hunk.lines.push_back(std::move(parsed));
    }
    // Empty lines after the last real one separate the hunk from what follows.
    if (!counted && (old_left > 0 || new_left > 0 || !header.placed))
      hunk.lines.resize(hunk.lines.size() - empty_at_end);
    if (!counted) hunk.counted = hunk.lines.size();
    patches_.back().hunks.push_back(std::move(hunk));
  }

  std::vector<text_line> lines_;
  std::vector<file_patch> patches_;
  std::size_t at_ = 0;
  bool open_ = false;  ///< the last patch may get hunks
};

}  // namespace

expected<std::vector<file_patch>> parse_unified_diff(std::string_view text) {
  return diff_reader(text).read();
}

}  // namespace ratchet
