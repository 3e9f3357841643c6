// SPDX-License-Identifier: MIT
//
// The corpus: inputs of these tests' own kind, and every input that once was a finding.
#include <doctest/doctest.h>

#include <filesystem>
#include <fstream>
#include <iterator>
#include <string>

#include "tests/fuzz/targets.hpp"

namespace fs = std::filesystem;
using namespace ratchet;

namespace {

/// Runs a target over its folder of the corpus; how many inputs there were.
int replay(const std::string& target, void (*run)(std::string_view)) {
  int count = 0;
  for (const auto& file : fs::directory_iterator(fs::path(RATCHET_FUZZ_CORPUS) / target)) {
    CAPTURE(file.path().string());
    std::ifstream in(file.path(), std::ios::binary);
    const std::string bytes((std::istreambuf_iterator<char>(in)), {});
    CHECK_NOTHROW(run(bytes));
    ++count;
  }
  return count;
}

}  // namespace

TEST_CASE("what readers of strangers' bytes promise holds for every input of the corpus") {
  CHECK(replay("edit_format", fuzz::edit_format) > 0);
  CHECK(replay("metric_scan", fuzz::metric_scan) > 0);
  CHECK(replay("change_format", fuzz::change_format) > 0);
  CHECK(replay("json_rpc", fuzz::json_rpc) > 0);
  CHECK(replay("basp_filter", fuzz::basp_filter) > 0);
}
