// SPDX-License-Identifier: MIT
#pragma once

#include <filesystem>
#include <string>

namespace ratchet {

/// The file of that name that came with this program: beside it, else in ../libexec/ratchet/ seen
/// from there. Empty when there is none.
inline std::filesystem::path beside_program(const std::string& name) {
  namespace fs = std::filesystem;
  std::error_code error;
  const fs::path here = fs::read_symlink("/proc/self/exe", error).parent_path();
  for (const auto& path : {here / name, here.parent_path() / "libexec" / "ratchet" / name})
    if (fs::is_regular_file(path, error)) return path;
  return {};
}

}  // namespace ratchet
