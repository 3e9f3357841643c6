// SPDX-License-Identifier: MIT
//
// What each part of a prompt is worth to a reader that takes it up: searches whose model is a
// script (tests/support/scripted_programmer.hpp, its habits with their reasons), over the same
// seeds with all parts and with each part left out in turn. Prints how many candidates were
// measured until the search was solved (median, quartiles), the share that was, the calls of the
// model, and on how many seeds it took more and fewer candidates than with all parts, with the
// two-sided level of a sign test.
//
//   prompt_bench [seeds 50] [first 1001]
#include <algorithm>
#include <cmath>
#include <cstdio>
#include <cstdlib>
#include <string>
#include <vector>

#include "tests/support/prompt_search.hpp"

namespace {

using namespace ratchet;
using namespace ratchet::testing;
using topic = prompt_topic;

/// Most searches are of a night or less: some hundred candidates.
constexpr int most_measured = 100;
/// A reader that is told nothing proposes what is refused as tried before, for ever: as many again.
constexpr int most_edits = 2 * most_measured;

struct variant {
  std::string name;
  prompt_topics left_out;
  reader_habits habits{};
  std::size_t beside = 0;  ///< the variant that it is compared with
};

std::vector<variant> variants() {
  std::vector<variant> out{{"all parts", {}},
                           {"as before", {topic::earlier, topic::combine}},
                           {"no results", {topic::results}},
                           {"no near changes", {topic::near_changes}},
                           {"no kept changes", {topic::kept_changes}},
                           {"never COMBINE", {topic::combine}},
                           {"no lessons", {topic::lessons}},
                           {"no failure text", {topic::failure}},
                           {"no output", {topic::printed}},
                           {"no instructions", {topic::instructions}},
                           {"no idea list", {topic::idea}},
                           {"no angle", {topic::angle}},
                           {"no unapplied", {topic::unapplied}},
                           {"task text only", every_topic()}};
  reader_habits by_results, asked_alone;
  by_results.combines_from_results = true;
  asked_alone.combines_unasked = 0;
  out.push_back({"pairs by results too: all parts", {}, by_results, out.size()});
  out.push_back({"  no near changes", {topic::near_changes}, by_results, out.size() - 1});
  out.push_back({"combines only if asked: all parts", {}, asked_alone, out.size()});
  out.push_back({"  never COMBINE", {topic::combine}, asked_alone, out.size() - 1});
  return out;
}

struct column {
  std::vector<int> measured;  ///< one more than the cap where it was not solved
  std::vector<int> calls;
  int solved = 0;
};

int quantile(std::vector<int> v, double share) {
  std::sort(v.begin(), v.end());
  return v[static_cast<std::size_t>(share * static_cast<double>(v.size() - 1) + 0.5)];
}

std::string shown(int measured) {
  return measured > most_measured ? ">" + std::to_string(most_measured) : std::to_string(measured);
}

/// That of `n` fair tosses no more than `few` fall on one side, either of the two.
double sign_level(int few, int n) {
  double sum = 0;
  for (int k = 0; k <= few; ++k)
    sum += std::exp(std::lgamma(n + 1) - std::lgamma(k + 1) - std::lgamma(n - k + 1) -
                    n * std::log(2.0));
  return std::min(1.0, 2 * sum);
}

column searched(const variant& v, std::uint64_t first, int seeds) {
  column c;
  for (int i = 0; i < seeds; ++i) {
    prompt_search search(first + static_cast<std::uint64_t>(i), v.left_out, v.habits);
    const auto end = search.until_solved(most_measured, most_edits);
    if (!end.failed.empty()) {
      std::fprintf(stderr, "benchmark: %s\n", end.failed.c_str());
      std::exit(1);
    }
    c.measured.push_back(end.solved ? end.measured : most_measured + 1);
    c.calls.push_back(end.calls);
    c.solved += end.solved;
  }
  return c;
}

std::string compared(const column& with, const column& without) {
  int more = 0, fewer = 0;
  for (std::size_t i = 0; i < with.measured.size(); ++i) {
    more += without.measured[i] > with.measured[i];
    fewer += without.measured[i] < with.measured[i];
  }
  char text[80];
  std::snprintf(text, sizeof text, "%d : %d  p %.2g", more, fewer,
                sign_level(std::min(more, fewer), more + fewer));
  return text;
}

}  // namespace

int main(int argc, char** argv) {
  const int seeds = std::max(1, argc > 1 ? std::atoi(argv[1]) : 50);
  const auto first = static_cast<std::uint64_t>(argc > 2 ? std::atoll(argv[2]) : 1001);
  std::printf("seeds %llu to %llu; not solved: after %d measured candidates, or %d edits\n",
              static_cast<unsigned long long>(first),
              static_cast<unsigned long long>(first) + static_cast<unsigned>(seeds) - 1,
              most_measured, most_edits);
  std::printf("%-34s %6s  %-18s %6s  %s\n", "", "solved", "candidates", "calls", "more : fewer");
  const auto rows = variants();
  std::vector<column> columns;
  for (std::size_t i = 0; i < rows.size(); ++i) {
    columns.push_back(searched(rows[i], first, seeds));
    const auto& c = columns.back();
    const auto range = shown(quantile(c.measured, 0.5)) + " [" + shown(quantile(c.measured, 0.25)) +
                       ", " + shown(quantile(c.measured, 0.75)) + "]";
    std::printf("%-34s %4d %%  %-18s %6d  %s\n", rows[i].name.c_str(), 100 * c.solved / seeds,
                range.c_str(), quantile(c.calls, 0.5),
                rows[i].beside == i ? "" : compared(columns[rows[i].beside], c).c_str());
    std::fflush(stdout);
  }
}
