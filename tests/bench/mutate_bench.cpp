// SPDX-License-Identifier: MIT
//
// What a proposal of the mutate backend costs as its session gets old: reading its state, looking
// at the file, choosing, writing the state. Prints medians in milliseconds of a core around
// proposal 100, 1,000 and 10,000, and how large the state is there, as JSON.
//
//   mutate_bench [proposals 10000] [literals 12]
#include <algorithm>
#include <chrono>
#include <cmath>
#include <cstdio>
#include <cstdlib>
#include <ctime>
#include <string>
#include <vector>

#include "runtime/edit/editors.hpp"
#include "tests/support/changed.hpp"

namespace {

using namespace ratchet;
using ratchet::testing::changed;

double cpu_ms() { return 1000.0 * static_cast<double>(std::clock()) / CLOCKS_PER_SEC; }

double value_in(const std::string& text, const std::string& name) {
  return std::atof(text.c_str() + text.find(name + " = ") + name.size() + 3);
}

}  // namespace

int main(int argc, char** argv) {
  const int proposals = argc > 1 ? std::atoi(argv[1]) : 10'000;
  const int literals = argc > 2 ? std::atoi(argv[2]) : 12;
  std::string text;
  for (int i = 0; i < literals; ++i)
    text += "width_" + std::string(1, static_cast<char>('a' + i % 26)) + std::to_string(i / 26) +
            "x = " + std::to_string(64 + i) + ".5\n";
  auto editor = make_mutate_editor(json::object());
  edit_context context;
  context.session_id = "0123456789ab";
  changed(context.settings)->metric_direction = metric_direction::lower_is_better;
  auto loss = [&](const std::string& of) {
    double sum = 0;
    for (int i = 0; i < literals; ++i) {
      std::string name =
          "width_" + std::string(1, static_cast<char>('a' + i % 26)) + std::to_string(i / 26) + "x";
      double x = std::log2(value_in(of, name) / (64.5 + i)) - 1.3 * std::sin(i);
      sum += x * x;
    }
    return sum;
  };
  double best = loss(text);
  context.baseline_metric = context.best_metric = best;
  std::vector<double> spent;
  json figures = json::object();
  for (int i = 1; i <= proposals; ++i) {
    context.iteration = i;
    context.targets = {{"a.py", text}};
    double begin = cpu_ms();
    // As text, as the store keeps it.
    std::string state = context.backend_state.dump();
    context.backend_state = json::parse(state);
    auto proposed = editor->propose(context, {});
    spent.push_back(cpu_ms() - begin);
    if (!proposed) {
      std::fprintf(stderr, "proposal %d: %s\n", i, proposed.error().text.c_str());
      return 1;
    }
    context.backend_state = proposed->state;
    iteration_record record;
    record.iteration = i;
    record.candidate.hypothesis = proposed->hypothesis;
    record.result.emplace();
    double value = loss(*proposed->changes.at(0).content);
    record.result->metric_value = value;
    record.decision = value < best ? "kept" : "reverted";
    if (value < best) {
      best = value;
      text = *proposed->changes.at(0).content;
      context.best_metric = best;
    }
    context.history.push_back(record);
    if (context.history.size() > 10) context.history.erase(context.history.begin());
    if (i == 100 || i == 1000 || i == 10'000) {
      std::vector<double> last(spent.end() - std::min<long>(100, i), spent.end());
      std::nth_element(last.begin(), last.begin() + last.size() / 2, last.end());
      figures[std::to_string(i)] = {{"ms", std::round(1000 * last[last.size() / 2]) / 1000},
                                    {"state_bytes", state.size()}};
    }
  }
  std::printf("%s\n", figures.dump().c_str());
}
