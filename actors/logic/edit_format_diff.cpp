// SPDX-License-Identifier: MIT
//
// Reads a unified diff as people, git and language models write it.
#include "actors/logic/edit_format.hpp"
#include "actors/logic/edit_hunks.hpp"
#include "actors/logic/edit_lines.hpp"
#include "actors/logic/edit_regions.hpp"
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

bool has_prefix(std::string_view name, std::string_view letters) {
  return name.size() > 2 && name[1] == '/' && letters.find(name[0]) != std::string_view::npos;
}

/// git's prefixes: a/ and b/, or what is compared: index, work tree, commit, object.
constexpr std::string_view letters = "abiwco12";

/// Of two names those that differ by prefixes only; one may lack its own.
void strip_both(std::string& old_name, std::string& new_name) {
  std::string_view o = old_name, n = new_name;
  const bool of_old = has_prefix(o, letters), of_new = has_prefix(n, letters);
  if (of_old && of_new && o[0] != n[0] && o.substr(2) == n.substr(2)) {
    old_name.erase(0, 2);
    new_name.erase(0, 2);
  } else if (of_old && o.substr(2) == n) {
    old_name.erase(0, 2);
  } else if (of_new && n.substr(2) == o) {
    new_name.erase(0, 2);
  }
}

/// "a/x" and "b/x" are x, so are "i/x" and "w/x"; names without prefixes are taken as they are. Of
/// a file that comes or goes, `told` is what the line above said, or "".
void strip_prefixes(std::string& old_name, std::string& new_name, std::string_view told) {
  if (!old_name.empty() && !new_name.empty()) return strip_both(old_name, new_name);
  std::string& name = old_name.empty() ? new_name : old_name;
  if (name == told) return;
  if (has_prefix(name, old_name.empty() ? "biwco2" : "aiwco1")) name.erase(0, 2);
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
      strip_prefixes(old_name, new_name, {});
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
    strip_prefixes(old_name, new_name, patch.path);
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
    const hunk_header header = read_hunk_header(lines_[at_].text);
    const std::size_t end = end_of_hunk(lines_, at_);
    diff_hunk hunk;
    hunk.old_start = header.old_start;
    hunk.placed = header.placed;
    if (!header.anchor.empty()) hunk.anchors.emplace_back(header.anchor);
    add_lines(hunk, lines_, at_ + 1, end);
    hunk.counted = header.placed ? counted(hunk, header) : before_a_list(hunk);
    at_ = end;
    patches_.back().hunks.push_back(std::move(hunk));
  }

  /// How many lines the header's counts take in.
  static std::size_t counted(const diff_hunk& hunk, const hunk_header& header) {
    std::size_t old_left = header.old_count, new_left = header.new_count, n = 0;
    for (; n < hunk.lines.size() && (old_left > 0 || new_left > 0); ++n) {
      if (hunk.lines[n].kind != '+' && old_left > 0) --old_left;
      if (hunk.lines[n].kind != '-' && new_left > 0) --new_left;
    }
    return n;
  }

  /// Without counts an empty line and a list show where prose begins.
  static std::size_t before_a_list(const diff_hunk& hunk) {
    for (std::size_t n = 1; n < hunk.lines.size(); ++n)
      if (hunk.lines[n - 1].text.empty() && is_list_item(hunk.lines[n].kind + hunk.lines[n].text))
        return n - 1;
    return hunk.lines.size();
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

expected<std::vector<file_patch>> parse_diff_or_patch(std::string_view text) {
  const bool patch = detect_edit_format(text) == edit_format::patch;
  return patch ? parse_patch(text) : parse_unified_diff(text);
}

}  // namespace ratchet
