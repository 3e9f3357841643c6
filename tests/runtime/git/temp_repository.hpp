// SPDX-License-Identifier: MIT
//
// Real repositories in a fresh folder, made with the git command, and a picture of every path in a
// folder to compare with a later one.
#pragma once

#include <filesystem>
#include <map>
#include <string>
#include <vector>

#include "actors/ports/workspace_port.hpp"

namespace ratchet::test {

/// Removed at the end, whatever was done to it.
class temp_folder {
 public:
  temp_folder();
  ~temp_folder();
  temp_folder(const temp_folder&) = delete;
  temp_folder& operator=(const temp_folder&) = delete;
  std::filesystem::path path;
};

/// Runs a shell command in `directory`; returns its output. Fails the test when it fails.
std::string shell(const std::filesystem::path& directory, const std::string& command);
void write_text(const std::filesystem::path& path, const std::string& text);
std::string read_text(const std::filesystem::path& path);

/// Path → type, mode, bytes or link target; never through a link. Byte-exact names.
using picture = std::map<std::string, std::string>;
picture picture_of(const std::filesystem::path& folder,
                   const std::vector<std::string>& without = {});
/// The first differences as text; "" when there are none.
std::string differences(const picture& before, const picture& after);

/// The git folder of the repository at `root`, without objects and with references as text.
picture git_state(const std::filesystem::path& root);

/// A repository with a folder, an executable, links, odd names and two targets: `train.py` and
/// `src/model.py`.
class temp_repository {
 public:
  temp_repository();
  /// One target: train.py.
  session_settings settings() const;
  std::string git(const std::string& arguments) const;
  temp_folder folder;
  std::filesystem::path root;     ///< the repository
  std::filesystem::path outside;  ///< a folder with files that nobody may touch
  std::filesystem::path state;    ///< for open_workspaces()
};

/// One kept edit of train.py; returns the commit.
std::string keep_edit(workspace_port& port, const std::string& id, const std::string& parent,
                      const std::string& text);

/// The value, or a failed test that shows the error's text.
template <class T>
T must(const expected<T>& x);
void must(const expected<>& x);
/// The error's text; fails the test when there is none or its code is another.
template <class T>
failure failed_with(errc code, const expected<T>& x);

}  // namespace ratchet::test

#include <doctest/doctest.h>

namespace ratchet::test {

template <class T>
T must(const expected<T>& x) {
  if (!x) FAIL(x.error().text);
  return *x;
}
inline void must(const expected<>& x) {
  if (!x) FAIL(x.error().text);
}
template <class T>
failure failed_with(errc code, const expected<T>& x) {
  if (x) FAIL("it did not fail");
  INFO(x.error().text);
  CHECK(name_of(x.error().code) == name_of(code));
  CHECK_FALSE(x.error().text.empty());
  return x.error();
}

}  // namespace ratchet::test
