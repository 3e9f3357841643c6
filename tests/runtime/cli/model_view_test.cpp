// SPDX-License-Identifier: MIT
#include "runtime/cli/model_view.hpp"

#include <doctest/doctest.h>

#include "tests/support/text.hpp"

using namespace ratchet;
using namespace ratchet::cli;
using namespace ratchet::testing;

namespace {

const text_style plain_models{};

iteration_record row_by(const std::string& model, const std::string& decision,
                        std::optional<double> usd = 0.25) {
  iteration_record row;
  row.decision = decision;
  row.candidate.usage = edit_usage{model, 1, 900, 100, usd, 1000, usd};
  row.result = run_result{.metric_value = 5, .best_metric = 10};
  return row;
}

std::vector<std::string> table_of(const std::vector<iteration_record>& rows,
                                  const usage_totals& all = {}, int width = 200) {
  return model_table(rows, all, width, plain_models);
}

}  // namespace

TEST_CASE("each model has a line: asked, applied, kept, gain, tokens, cost, gain per cost") {
  auto lines = table_of({row_by("large", "kept"), row_by("large", "reverted"),
                         row_by("small-and-quick", "edit_failed", 0.125)});
  REQUIRE(lines.size() == 3);
  CHECK(lines[0] ==
        "model            asked  applied  kept  gain       tokens      USD         gain/USD");
  CHECK(lines[1] ==
        "large            2      2        1     +50 %      2000        0.5         +100 %");
  CHECK(lines[2] ==
        "small-and-quick  1      0        0     0 %        1000        0.125       0 %");
}

TEST_CASE("without the price of one, gains are told per token for all") {
  auto text = joined(table_of({row_by("a", "kept"), row_by("b", "kept", {})}));
  CHECK(contains(text, "gain/million tokens"));
  CHECK(contains(text, "–"));
  CHECK(contains(text, "+50000 %"));
}

TEST_CASE("what was paid and is in no row is told below the table") {
  usage_totals all;
  all.calls = 4;
  all.counted_tokens = 4100;
  all.counted_cost_usd = 1;
  const std::vector<iteration_record> rows{row_by("a", "kept"), row_by("a", "reverted")};
  CHECK(table_of(rows, all).back() ==
        "and 2 calls, 2100 tokens, 0.5 USD, for edits that came to nothing and cost no iteration");
  all.calls = 2;
  CHECK(table_of(rows, all).size() == 2);
}

TEST_CASE("no model, no table; a strange name neither steers the terminal nor breaks the lines") {
  iteration_record written_by_hand;
  written_by_hand.decision = "kept";
  CHECK(table_of({written_by_hand}).empty());
  auto lines = table_of({row_by("\x1b[2J" + std::string(300, 'n'), "kept")}, {}, 70);
  REQUIRE(lines.size() == 2);
  CHECK_FALSE(contains(lines[1], "\x1b"));
  for (const auto& line : lines) CHECK(display_width(line) <= 70);
}
