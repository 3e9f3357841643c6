// SPDX-License-Identifier: MIT
#include "runtime/git/paths.hpp"

#include <algorithm>

#include "actors/logic/text.hpp"

namespace ratchet::git {

bool possible_name(std::string_view name) {
  if (name.empty() || name == "." || name == "..") return false;
  if (name.find('/') != name.npos || name.find('\0') != name.npos) return false;
  return !(name.size() == 4 && name[0] == '.' && (name[1] | 32) == 'g' && (name[2] | 32) == 'i' &&
           (name[3] | 32) == 't');
}

std::string path_fault(std::string_view path) {
  if (path.empty()) return "is empty";
  if (path.front() == '/') return "is absolute";
  if (path.find('\0') != path.npos) return "holds a NUL byte";
  if (path.size() > 4096) return "is longer than 4096 bytes";
  for (std::string_view rest = path;;) {
    auto slash = rest.find('/');
    auto name = rest.substr(0, slash);
    if (name == "..") return "leaves the repository";
    if (name.empty() || name == ".") return "has an empty or \".\" component";
    if (!possible_name(name)) return "lies in git's own folder";
    if (slash == rest.npos) return "";
    rest.remove_prefix(slash + 1);
  }
}

std::pair<std::string, std::string> split_path(std::string_view path) {
  auto slash = path.rfind('/');
  if (slash == path.npos) return {"", std::string(path)};
  return {std::string(path.substr(0, slash)), std::string(path.substr(slash + 1))};
}

bool is_within(std::string_view path, std::string_view root) {
  return path.substr(0, root.size()) == root &&
         (path.size() == root.size() || path[root.size()] == '/');
}

bool is_within_any(std::string_view path, const std::vector<std::string>& roots) {
  return std::any_of(roots.begin(), roots.end(),
                     [&](const auto& root) { return is_within(path, root); });
}

}  // namespace ratchet::git
