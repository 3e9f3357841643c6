// SPDX-License-Identifier: MIT
#include "actors/logic/path_globs.hpp"

#include <re2/re2.h>

#include <algorithm>

namespace ratchet {

namespace {

std::string_view without_mark(std::string_view pattern) {
  if (pattern.starts_with('!')) pattern.remove_prefix(1);
  if (pattern.starts_with("./")) pattern.remove_prefix(2);
  return pattern;
}

/// The regular expression of one pattern, without its mark.
std::string expression_of(std::string_view glob) {
  const bool folder = glob.ends_with('/');
  if (folder) glob.remove_suffix(1);
  std::string out;
  for (std::size_t i = 0; i < glob.size();) {
    const auto rest = glob.substr(i);
    if (rest.starts_with("**/")) {
      out += "(?:.*/)?";
      i += 3;
    } else if (rest.starts_with("**")) {
      out += ".*";
      i += 2;
    } else if (glob[i] == '*') {
      out += "[^/]*";
      ++i;
    } else if (glob[i] == '?') {
      out += "[^/]";
      ++i;
    } else {
      out += re2::RE2::QuoteMeta(re2::StringPiece(glob.data() + i, 1));
      ++i;
    }
  }
  return out + (folder ? "/.*" : "(?:/.*)?");
}

re2::RE2::Options options() {
  re2::RE2::Options o;
  o.set_encoding(re2::RE2::Options::EncodingLatin1);  // a path is bytes
  o.set_log_errors(false);
  o.set_dot_nl(true);
  return o;
}

}  // namespace

struct path_globs::rule {
  std::unique_ptr<re2::RE2> expression;
  bool takes_away = false;
};

path_globs::path_globs(const std::vector<std::string>& patterns) {
  for (const auto& pattern : patterns)
    rules_.push_back({std::make_unique<re2::RE2>(expression_of(without_mark(pattern)), options()),
                      pattern.starts_with('!')});
}
path_globs::~path_globs() = default;
path_globs::path_globs(path_globs&&) noexcept = default;
path_globs& path_globs::operator=(path_globs&&) noexcept = default;

bool path_globs::match(std::string_view path) const {
  bool given = false;
  for (const auto& rule : rules_)
    if (given == rule.takes_away && rule.expression->ok() &&
        re2::RE2::FullMatch(re2::StringPiece(path.data(), path.size()), *rule.expression))
      given = !rule.takes_away;
  return given;
}

bool is_glob(std::string_view pattern) {
  return pattern.starts_with('!') || pattern.ends_with('/') ||
         pattern.find_first_of("*?") != pattern.npos;
}

std::string glob_fault(std::string_view pattern) {
  const auto path = without_mark(pattern);
  if (path.empty()) return "is empty";
  if (path.starts_with('/')) return "is absolute; patterns are relative to the repository";
  if (path.find('\0') != path.npos) return "holds a NUL byte";
  for (std::size_t at = 0; at <= path.size();) {
    const auto end = std::min(path.find('/', at), path.size());
    const auto name = path.substr(at, end - at);
    if (name == "..") return "leads out of the repository with \"..\"";
    if (name == ".git") return "names .git";
    at = end + 1;
  }
  return "";
}

}  // namespace ratchet
