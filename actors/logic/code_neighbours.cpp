// SPDX-License-Identifier: MIT
#include "actors/logic/code_neighbours.hpp"

#include <re2/re2.h>

#include <array>
#include <filesystem>

namespace ratchet {

namespace {

/// A file further in has nothing to say of this at its end.
constexpr std::size_t most_read_bytes = 64 << 10;

std::string folder_of(const std::string& path) {
  const auto slash = path.rfind('/');
  return slash == path.npos ? "" : path.substr(0, slash + 1);
}

std::string plain(const std::string& path) {
  return std::filesystem::path(path).lexically_normal().generic_string();
}

/// "a.b.c" as a path; leading dots go up from the file's folder.
std::string module_path(std::string_view dotted) {
  std::string path;
  for (std::size_t up = 0; dotted.starts_with('.'); ++up, dotted.remove_prefix(1))
    path += up == 0 ? "./" : "../";
  for (char c : dotted) path += c == '.' ? '/' : c;
  return path;
}

}  // namespace

void code_neighbours::add(const std::string& folder, const std::string& name) {
  exact_.insert(plain(folder + name));
  if (!name.starts_with('.')) ends_.insert("/" + plain(name));
}

void code_neighbours::read(const std::string& path, std::string_view text) {
  static const re2::RE2 include(R"re((?m)^[ \t]*#[ \t]*include[ \t]*"([^"\n]+)")re");
  static const re2::RE2 python(
      R"re((?m)^[ \t]*(?:from[ \t]+([.\w]+)[ \t]+import|import[ \t]+([.\w]+)))re");
  static const re2::RE2 script(
      R"re((?:from|require\(|import\(|import)[ \t]*['"](\.[^'"\n]+)['"])re");
  static const re2::RE2 rust(R"re((?m)^[ \t]*(?:pub[ \t]+)?mod[ \t]+(\w+)[ \t]*;)re");
  const std::string folder = folder_of(path);
  const re2::StringPiece whole(text.data(), std::min(text.size(), most_read_bytes));
  std::string name, other;
  for (auto rest = whole; re2::RE2::FindAndConsume(&rest, include, &name);) add(folder, name);
  for (auto rest = whole; re2::RE2::FindAndConsume(&rest, python, &name, &other);)
    for (const char* end : {".py", "/__init__.py"})
      add(folder, module_path(name.empty() ? other : name) + end);
  for (auto rest = whole; re2::RE2::FindAndConsume(&rest, script, &name);)
    for (const char* end : {"", ".js", ".mjs", ".ts", ".tsx", ".jsx", "/index.js", "/index.ts"})
      add(folder, name + end);
  for (auto rest = whole; re2::RE2::FindAndConsume(&rest, rust, &name);)
    for (const char* end : {".rs", "/mod.rs"}) add(folder, "./" + name + end);
}

bool code_neighbours::match(const std::string& path) const {
  if (exact_.contains(path)) return true;
  const std::string from_root = "/" + path;
  for (auto slash = from_root.find('/'); slash != from_root.npos;
       slash = from_root.find('/', slash + 1))
    if (ends_.contains(from_root.substr(slash))) return true;
  return false;
}

}  // namespace ratchet
