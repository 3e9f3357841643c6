// SPDX-License-Identifier: MIT
#include "actors/logic/edit_lines.hpp"

#include <algorithm>

#include "actors/logic/number_text.hpp"
#include "actors/logic/text.hpp"

namespace ratchet {

namespace {

bool starts_with_any(std::string_view text, std::string_view signs) {
  return !text.empty() && signs.find(text[0]) != std::string_view::npos;
}

/// The only target that is `name` or ends with "/name".
std::string resolve(std::string_view name, const std::vector<std::string>& targets) {
  std::string found;
  for (const auto& target : targets) {
    if (target == name) return target;
    bool ends = target.size() > name.size() && target.ends_with(name) &&
                target[target.size() - name.size() - 1] == '/';
    if (!ends) continue;
    if (!found.empty()) return "";
    found = target;
  }
  return found;
}

bool looks_like_path(std::string_view word) {
  if (word.empty() || word.find_first_of(" \t`\"*<>|:;(){}=,") != std::string_view::npos)
    return false;
  if (word.find('/') != std::string_view::npos) return true;
  std::size_t dot = word.rfind('.');
  return dot != std::string_view::npos && dot + 1 < word.size() && word != "...";
}

}  // namespace

std::vector<text_line> split_lines(std::string_view text) {
  std::vector<text_line> lines;
  while (!text.empty()) {
    std::size_t feed = text.find('\n');
    if (feed == std::string_view::npos) {
      lines.push_back({text, ""});
      break;
    }
    std::size_t end = feed > 0 && text[feed - 1] == '\r' ? feed - 1 : feed;
    lines.push_back({text.substr(0, end), text.substr(end, feed + 1 - end)});
    text.remove_prefix(feed + 1);
  }
  return lines;
}

std::string_view indentation(std::string_view line) {
  return line.substr(0, std::min(line.find_first_not_of(" \t"), line.size()));
}

bool is_crlf(std::string_view text) {
  bool any = false;
  for (std::size_t i = text.find('\n'); i != std::string_view::npos; i = text.find('\n', i + 1)) {
    if (i == 0 || text[i - 1] != '\r') return false;
    any = true;
  }
  return any;
}

std::string with_line_ends(std::string_view text, std::string_view end) {
  std::string out;
  for (const auto& line : split_lines(text)) {
    out += line.text;
    if (!line.end.empty()) out += end;
  }
  return out;
}

std::optional<fence> fence_of(std::string_view line) {
  line = trimmed(line);
  if (!starts_with_any(line, "`~")) return std::nullopt;
  char sign = line[0];
  std::size_t n = std::min(line.find_first_not_of(sign), line.size());
  if (n < 3) return std::nullopt;
  std::string_view info = trimmed(line.substr(n));
  if (info.find('`') != std::string_view::npos) return std::nullopt;  // inline code
  return fence{sign, n, info};
}

block_marker marker_of(std::string_view line) {
  line = trimmed_right(line);
  std::size_t indent = indentation(line).size();
  if (indent > 3) return {};
  line.remove_prefix(indent);
  if (!starts_with_any(line, "<=>")) return {};
  std::size_t n = std::min(line.find_first_not_of(line[0]), line.size());
  if (n < 5 || n > 9) return {};
  std::string_view rest = trimmed(line.substr(n));
  if (line[0] == '<' && (rest == "SEARCH" || rest == "ORIGINAL")) return {marker::search, n};
  if (line[0] == '>' && (rest == "REPLACE" || rest == "UPDATED")) return {marker::replace, n};
  if (line[0] == '=' && rest.empty()) return {marker::divider, n};
  return {};
}

bool starts_diff(const std::vector<text_line>& lines, std::size_t i) {
  auto at = [&](std::size_t k) { return k < lines.size() ? lines[k].text : std::string_view{}; };
  if (at(i).starts_with("diff --git ")) return true;
  return at(i).starts_with("--- ") && at(i + 1).starts_with("+++ ") && at(i + 2).starts_with("@@");
}

std::string_view plain_path(std::string_view path) {
  while (path.starts_with("./")) path.remove_prefix(2);
  return path;
}

std::string named_file(std::string_view line, const std::vector<std::string>& targets, bool near) {
  line = trimmed(line);
  // Names in backticks: one that is a target, else the only one that looks like a path.
  std::string path_like;
  bool several = false, quoted = false;
  for (std::size_t open = line.find('`'); open != std::string_view::npos;) {
    std::size_t close = line.find('`', open + 1);
    if (close == std::string_view::npos) break;
    std::string_view word = plain_path(trimmed(line.substr(open + 1, close - open - 1)));
    quoted = quoted || !word.empty();
    if (std::string target = resolve(word, targets); !target.empty()) return target;
    bool alone = open == 0 && close + 1 == line.size() && word.find(' ') == std::string_view::npos;
    if (looks_like_path(word) || (near && alone && !word.empty())) {
      several = several || !path_like.empty();
      path_like = word;
    }
    open = line.find('`', close + 1);
  }
  if (!path_like.empty() && !several) return path_like;
  if (quoted) return "";

  // A heading, a list item, bold, "File: name", "name:".
  bool marked = false;
  while (starts_with_any(line, "#*->_\"' ")) {
    marked = marked || starts_with_any(line, "#*");
    line.remove_prefix(1);
  }
  for (std::string_view word : {"file", "filename", "path"}) {
    if (line.size() <= word.size() + 1) continue;
    bool same = std::equal(word.begin(), word.end(), line.begin(),
                           [](char a, char b) { return a == ascii_lower(b); });
    if (!same || (line[word.size()] != ':' && line[word.size()] != ' ')) continue;
    marked = true;
    line = trimmed(line.substr(word.size() + 1));
    break;
  }
  while (!line.empty() && starts_with_any(line.substr(line.size() - 1), ":*_\"' "))
    line.remove_suffix(1);
  while (starts_with_any(line, "*_\"' ")) line.remove_prefix(1);
  line = plain_path(line);
  if (std::string target = resolve(line, targets); !target.empty()) return target;
  if (line.empty() || line.find_first_of(" \t") != std::string_view::npos) return "";
  if (looks_like_path(line) && (near || marked)) return std::string(line);
  // A bare word such as "Makefile": only where no list of targets says otherwise.
  bool word = std::all_of(line.begin(), line.end(), is_token_char);
  return near && word && targets.empty() ? std::string(line) : "";
}

}  // namespace ratchet
