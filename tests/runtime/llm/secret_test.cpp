// SPDX-License-Identifier: MIT
#include "runtime/llm/secret.hpp"

#include <doctest/doctest.h>
#include <stdlib.h>

#include <filesystem>
#include <fstream>

#include "tests/support/expected_printing.hpp"
#include "tests/support/text.hpp"

using namespace ratchet;
using ratchet::testing::contains;

namespace {

struct key_file {
  key_file() {
    std::string name = (std::filesystem::temp_directory_path() / "ratchet_key_XXXXXX").string();
    REQUIRE(::mkdtemp(name.data()) != nullptr);
    folder = name;
    model.api_key_file = (folder / "key").string();
  }
  ~key_file() { std::filesystem::remove_all(folder); }
  expected<std::string> with(const std::string& text) {
    std::ofstream(model.api_key_file, std::ios::binary) << text;
    return read_key(model);
  }
  std::filesystem::path folder;
  chat_model model;
};

}  // namespace

TEST_CASE_FIXTURE(key_file, "a key is read from its file, without the blanks around it") {
  CHECK(*with("  abc-123\n") == "abc-123");
  for (const char* wrong : {"", "\n", "two words", "two\nlines", "caf\xC3\xA9"}) {
    auto refused = with(wrong);
    REQUIRE_FALSE(refused);
    CHECK(contains(refused.error().text, model.api_key_file));
  }
  CHECK_FALSE(with(std::string(5000, 'x')));
  std::filesystem::remove(model.api_key_file);
  CHECK(contains(read_key(model).error().text, "no regular file"));
  CHECK_FALSE(contains(with("secret word").error().text, "secret"));
}

TEST_CASE("a key is read from a variable, whose absence is said by its name") {
  chat_model m;
  CHECK(read_key(m)->empty());
  m.api_key_env = "RATCHET_TEST_KEY";
  ::unsetenv("RATCHET_TEST_KEY");
  CHECK(contains(read_key(m).error().text, "RATCHET_TEST_KEY"));
  ::setenv("RATCHET_TEST_KEY", "k1\n", 1);
  CHECK(*read_key(m) == "k1");
  ::setenv("RATCHET_TEST_KEY", "two words", 1);
  CHECK_FALSE(contains(read_key(m).error().text, "two words"));
  ::unsetenv("RATCHET_TEST_KEY");
}

TEST_CASE("a key is taken out of a text wherever it stands") {
  CHECK(without_key("a k1 b k1", "k1") == "a [key] b [key]");
  CHECK(without_key("[key]", "key") == "[[key]]");
  CHECK(without_key("text", "") == "text");
}
