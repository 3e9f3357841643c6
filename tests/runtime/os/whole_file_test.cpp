// SPDX-License-Identifier: MIT
#include "runtime/os/whole_file.hpp"

#include <doctest/doctest.h>
#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>
#include <filesystem>
#include <thread>
#include <vector>

#include "runtime/os/file_descriptor.hpp"
#include "tests/runtime/store/scratch.hpp"

using namespace ratchet;
using ratchet::testing::content_of;
using ratchet::testing::scratch;

namespace {

std::size_t entries(const std::filesystem::path& folder) {
  return static_cast<std::size_t>(std::distance(std::filesystem::directory_iterator(folder), {}));
}

}  // namespace

TEST_CASE("a file is made and replaced whole, and nothing is left beside it") {
  scratch folder;
  const auto file = folder.path / "file";
  CHECK(put_whole_file(file, "one") == 0);
  CHECK(put_whole_file(file, "another", {.durable = false}) == 0);
  CHECK(content_of(file) == "another");
  CHECK(entries(folder.path) == 1);
}

TEST_CASE("a file that must be new leaves alone what has the name, a dangling link too") {
  scratch folder;
  const auto file = folder.path / "file";
  CHECK(put_whole_file(file, "mine", {.mode = 0600, .only_new = true}) == 0);
  struct stat found {};
  REQUIRE(::stat(file.c_str(), &found) == 0);
  CHECK((found.st_mode & 0777) == 0600);
  CHECK(found.st_nlink == 1);
  CHECK(put_whole_file(file, "yours", {.only_new = true}) == EEXIST);
  CHECK(content_of(file) == "mine");
  std::filesystem::create_symlink("nowhere", folder.path / "link");
  CHECK(put_whole_file(folder.path / "link", "x", {.only_new = true}) == EEXIST);
  CHECK(entries(folder.path) == 2);
}

TEST_CASE("what cannot be written says the system's reason and leaves nothing") {
  scratch folder;
  CHECK(put_whole_file(folder.path / "none" / "file", "x") == ENOENT);
  std::filesystem::create_directory(folder.path / "taken");
  CHECK(put_whole_file(folder.path / "taken", "x") == EISDIR);
  CHECK(entries(folder.path) == 1);
}

TEST_CASE("many writers at once each put a whole file in place") {
  scratch folder;
  const auto file = folder.path / "file";
  std::vector<std::thread> writers;
  for (char c : {'a', 'b', 'c', 'd'})
    writers.emplace_back([&file, c] {
      for (int i = 0; i < 20; ++i)
        put_whole_file(file, std::string(100'000, c), {.durable = false});
    });
  for (auto& w : writers) w.join();
  const auto text = content_of(file);
  CHECK(text == std::string(100'000, text.at(0)));
  CHECK(entries(folder.path) == 1);
}

TEST_CASE("all is written to a pipe that takes a little at a time and does not block") {
  int ends[2];
  REQUIRE(::pipe2(ends, O_CLOEXEC) == 0);
  file_descriptor reader(ends[0]), writer(ends[1]);
  REQUIRE(::fcntl(writer.get(), F_SETFL, O_NONBLOCK) == 0);
  const std::string sent(1'000'000, 'x');
  std::string got;
  std::thread other([&] {
    std::string bytes(65'536, '\0');
    for (ssize_t n = 0; (n = ::read(reader.get(), bytes.data(), bytes.size())) > 0;)
      got.append(bytes, 0, static_cast<std::size_t>(n));
  });
  CHECK(write_all(writer.get(), sent) == 0);
  writer.close();
  other.join();
  CHECK(got == sent);
}
