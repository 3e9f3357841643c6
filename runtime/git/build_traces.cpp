// SPDX-License-Identifier: MIT
#include "runtime/git/build_traces.hpp"

#include <algorithm>
#include <array>
#include <string>

namespace ratchet::git {

namespace {

using std::string_view_literals::operator""sv;

std::string_view name_of(std::string_view path) { return path.substr(path.rfind('/') + 1); }

std::string_view extension_of(std::string_view path) {
  auto name = name_of(path);
  auto dot = name.rfind('.');
  return dot == name.npos ? std::string_view{} : name.substr(dot + 1);
}

bool one_of(std::string_view word, const auto& words) {
  return std::find(words.begin(), words.end(), word) != words.end();
}

/// A component of the path has this name.
bool passes(std::string_view path, std::string_view folder) {
  for (auto at = path.find(folder); at != path.npos; at = path.find(folder, at + 1))
    if ((at == 0 || path[at - 1] == '/') && path.substr(at + folder.size()).starts_with('/'))
      return true;
  return false;
}

bool is_log(std::string_view path) {
  constexpr std::array names{".ninja_log"sv,         ".ninja_deps"sv,    ".ninja_lock"sv,
                             "build.ninja"sv,        "CMakeCache.txt"sv, ".sconsign.dblite"sv,
                             ".wafpickle"sv,         ".cargo-lock"sv,    "CACHEDIR.TAG"sv,
                             "compiler_depend.ts"sv, "config.status"sv};
  // Python's and pytest's caches carry such a tag too.
  if (name_of(path) == "CACHEDIR.TAG"sv) return passes(path, "target"sv);
  return one_of(name_of(path), names) || passes(path, ".fingerprint"sv) ||
         passes(path, "meson-private"sv);
}

bool is_dependency(std::string_view path, std::string_view head) {
  constexpr std::array extensions{"d"sv, "dep"sv, "deps"sv, "Po"sv, "Plo"sv, "P"sv, "dd"sv};
  constexpr std::array names{".depend"sv,         "depend"sv,    ".dep"sv,   "Makefile.dep"sv,
                             "Makefile.depend"sv, "depend.mk"sv, "deps.mk"sv};
  auto name = name_of(path);
  if (one_of(extension_of(path), extensions) || one_of(name, names)) return true;
  if (extension_of(path) == "cmd"sv && name.starts_with('.')) return true;  // Kbuild
  auto line = head.substr(0, head.find('\n'));
  for (auto object : {".o:"sv, ".o :"sv, ".lo:"sv, ".obj:"sv})
    if (auto at = line.find(object); at != line.npos && line.find(' ') >= at) return true;
  return false;
}

}  // namespace

trace trace_of(std::string_view path, std::string_view head) {
  if (head.starts_with("\x7f"
                       "ELF"sv)) {
    const bool big_endian = head.size() > 17 && head[5] == 2;
    const char type = head.size() > 17 ? head[big_endian ? 17 : 16] : 0;
    return type == 1 ? trace::object : trace::compiled;
  }
  if (head.starts_with("BC\xC0\xDE"sv) || head.starts_with("\xDE\xC0\x17\x0B"sv) ||
      head.starts_with("gpch"sv) || head.starts_with("\xCA\xFE\xBA\xBE"sv))
    return trace::object;
  for (auto magic : {"!<arch>\n"sv, "!<thin>\n"sv, "\xCF\xFA\xED\xFE"sv, "\xCE\xFA\xED\xFE"sv,
                     "\0asm"sv, "Caml1999"sv, "rust\0\0"sv, "CPCH"sv})
    if (head.starts_with(magic)) return trace::compiled;
  constexpr std::array compiled{"rmeta"sv, "rlib"sv, "mod"sv, "hi"sv, "gch"sv, "pcm"sv};
  if (one_of(extension_of(path), compiled) && head.find('\0') != head.npos) return trace::compiled;
  if (is_log(path)) return trace::log;
  return is_dependency(path, head) ? trace::dependency : trace::none;
}

bool is_compiled_source(std::string_view path) {
  constexpr std::array extensions{
      "c"sv,     "cc"sv,  "cpp"sv,   "cxx"sv, "c++"sv,   "C"sv,    "h"sv,   "hh"sv,   "hpp"sv,
      "hxx"sv,   "inc"sv, "inl"sv,   "ipp"sv, "tpp"sv,   "def"sv,  "S"sv,   "s"sv,    "asm"sv,
      "rs"sv,    "go"sv,  "zig"sv,   "f"sv,   "f90"sv,   "F90"sv,  "f95"sv, "cu"sv,   "cuh"sv,
      "m"sv,     "mm"sv,  "swift"sv, "d"sv,   "cmake"sv, "toml"sv, "mk"sv,  "java"sv, "kt"sv,
      "scala"sv, "hs"sv,  "ml"sv,    "pyx"sv, "proto"sv, "y"sv,    "l"sv};
  constexpr std::array names{"Makefile"sv, "makefile"sv, "GNUmakefile"sv, "CMakeLists.txt"sv,
                             "meson.build"sv};
  return one_of(extension_of(path), extensions) || one_of(name_of(path), names);
}

bool shows_building(std::string_view path, trace found) {
  // Packages bring compiled files along.
  for (auto folder : {"node_modules"sv, "site-packages"sv, "dist-packages"sv})
    if (passes(path, folder)) return false;
  return found == trace::object || found == trace::log;
}

}  // namespace ratchet::git
