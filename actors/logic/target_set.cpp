// SPDX-License-Identifier: MIT
#include "actors/logic/target_set.hpp"

#include <algorithm>

namespace ratchet {

namespace {

/// The folders that a pattern starts with, as far as they are plain: "src/core" of
/// "src/core/*.cpp".
std::string_view plain_folder(std::string_view pattern) {
  const auto plain = pattern.substr(0, pattern.find_first_of("*?"));
  if (plain.size() == pattern.size() && !plain.ends_with('/')) return plain;
  const auto slash = plain.rfind('/');
  return slash == plain.npos ? std::string_view{} : plain.substr(0, slash);
}

bool is_at_or_below(std::string_view path, std::string_view top) {
  return top.empty() || path == top ||
         (path.starts_with(top) && path.substr(top.size()).starts_with('/'));
}

/// An edit that changed one of these would change what counts as a file of the code.
bool tells_git(std::string_view path) {
  const auto name = path.substr(path.rfind('/') + 1);
  return name == ".gitignore" || name == ".gitattributes" || name == ".gitmodules";
}

}  // namespace

target_set::target_set(std::vector<std::string> given) : given_(std::move(given)), all_(given_) {
  for (const auto& pattern : given_) each_.emplace_back(std::vector{pattern});
}

bool target_set::names(std::string_view path) const {
  return std::find(given_.begin(), given_.end(), path) != given_.end();
}

bool target_set::contains(std::string_view path) const {
  return all_.match(path) && (!tells_git(path) || names(path));
}

std::size_t target_set::place(std::string_view path) const {
  auto gives = [&](const path_globs& one) { return one.match(path); };
  return static_cast<std::size_t>(std::find_if(each_.begin(), each_.end(), gives) - each_.begin());
}

bool target_set::may_hold(std::string_view folder) const {
  return std::any_of(given_.begin(), given_.end(), [&](std::string_view pattern) {
    if (pattern.starts_with('!')) return false;
    const auto top = plain_folder(pattern);
    return is_at_or_below(folder, top) || is_at_or_below(top, folder);
  });
}

bool target_set::only_names() const {
  return std::none_of(given_.begin(), given_.end(),
                      [](const std::string& pattern) { return is_glob(pattern); });
}

std::vector<std::string> target_names(const std::vector<std::string>& given,
                                      const std::map<std::string, std::string>& files) {
  std::vector<std::string> names;
  for (const auto& [path, bytes] : files) names.push_back(path);
  for (const auto& one : given) {
    auto below = files.lower_bound(one + '/');
    const bool folder = below != files.end() && below->first.starts_with(one + '/');
    if (!is_glob(one) && !folder && !files.contains(one)) names.push_back(one);
  }
  return names;
}

}  // namespace ratchet
