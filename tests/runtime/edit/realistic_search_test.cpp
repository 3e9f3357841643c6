// SPDX-License-Identifier: MIT
//
// The search on files as people have them: what it takes for settings, and how far it comes without
// being told any range.
#include <doctest/doctest.h>
#include <re2/re2.h>

#include <algorithm>
#include <cmath>
#include <cstdio>

#include "actors/logic/text.hpp"
#include "runtime/edit/parameters.hpp"
#include "runtime/edit/tokens.hpp"
#include "tests/runtime/edit/realistic_files.hpp"
#include "tests/runtime/edit/search_trial.hpp"

using namespace ratchet;
using namespace ratchet::test;

namespace {

double value_of(const std::string& text, const std::string& name) {
  RE2 pattern("(?m)(?:^|[^\\w])" + RE2::QuoteMeta(name) +
              "\\s*[=:]?\\s*([-+]?[\\d.]+(?:e-?\\d+)?)");
  std::string number;
  REQUIRE_MESSAGE(RE2::PartialMatch(text, pattern, &number), name);
  return std::stod(number);
}

/// Quadratic in doublings, with neighbours that depend on each other; 1 for the file as it is.
double response(const realistic_file& f, const std::string& text) {
  auto sum = [&](const std::string& of) {
    double total = 0, before = 0;
    for (const auto& s : f.response) {
      double x = std::log2(value_of(of, s.name) / value_of(f.text, s.name)) - s.doublings;
      total += x * x + 0.5 * x * before;
      before = x;
    }
    return total;
  };
  return sum(text) / sum(f.text);
}

/// The names of the literals in which two texts of the file differ.
std::vector<std::string> changed_names(const realistic_file& f, const std::string& text) {
  std::vector<std::string> out;
  static std::map<std::string, std::vector<parameter>> known;
  auto& parameters = known[f.file];
  if (parameters.empty()) parameters = *parameters_of({{f.file, f.text}}, json::object(), f.metric);
  auto before = tokens_of(f.file, f.text), after = tokens_of(f.file, text);
  REQUIRE(before.size() == after.size());
  for (std::size_t i = 0; i < before.size(); ++i) {
    if (before[i].text(f.text) == after[i].text(text)) continue;
    auto p = std::find_if(parameters.begin(), parameters.end(),
                          [&](const parameter& x) { return x.begin == before[i].begin; });
    out.push_back(p == parameters.end() ? "?" : p->name);
  }
  return out;
}

}  // namespace

TEST_CASE("of a realistic file all settings are found, and nothing else") {
  for (const auto& f : realistic_files()) {
    CAPTURE(f.file);
    auto found = parameters_of({{f.file, f.text}}, json::object(), f.metric);
    REQUIRE(found.has_value());
    std::vector<std::string> names;
    for (const auto& p : *found) names.push_back(p.name);
    CHECK(listed(names, 99) == listed(f.settings, 99));
  }
}

TEST_CASE("without ranges the search comes to a tenth of a realistic file's loss in 50 tries") {
  for (const auto& f : realistic_files()) {
    CAPTURE(f.file);
    std::vector<double> best;
    int changed = 0, wrong = 0;
    for (int seed = 1; seed <= 10; ++seed) {
      auto loss = [&](const std::string& text) {
        for (const auto& name : changed_names(f, text)) {
          ++changed;
          if (std::find(f.settings.begin(), f.settings.end(), name) == f.settings.end()) {
            ++wrong;
            return std::numeric_limits<double>::infinity();
          }
        }
        return response(f, text);
      };
      best.push_back(run_trial(f.file, f.text, {{"seed", seed}}, loss, 50).best);
    }
    std::sort(best.begin(), best.end());
    std::printf("%-14s 50 tries, 10 seeds: loss %.4f (%.4f … %.4f), %d of %d changes no setting\n",
                f.file.c_str(), (best[4] + best[5]) / 2, best.front(), best.back(), wrong, changed);
    CHECK((best[4] + best[5]) / 2 <= 0.1);
    CHECK(wrong * 100 <= changed * 3);
  }
}

TEST_CASE("a literal whose change broke the run twice is left alone") {
  std::string text = "fragile = 64\nsteady = 32\nother = 0.5\n";
  int broken = 0;
  auto loss = [&](const std::string& t) {
    if (t.find("fragile = 64\n") != std::string::npos)
      return std::fabs(std::log2(std::stod(t.substr(t.find("steady = ") + 9))) - 7);
    ++broken;
    return std::numeric_limits<double>::infinity();
  };
  for (int seed = 1; seed <= 5; ++seed) {
    broken = 0;
    auto result = run_trial("a.py", text, {{"seed", seed}}, loss, 60);
    CHECK(broken >= 2);
    CHECK(broken <= 4);  // joint steps share the blame
    CHECK(result.best < 0.1);
  }
}

TEST_CASE("the first steps of a literal without a range are halvings and doublings") {
  std::string text = "block = 64\nrate = 0.01\n";
  for (int seed = 1; seed <= 20; ++seed) {
    auto result = run_trial(
        "a.py", text, {{"seed", seed}}, [](auto&) { return 1.0; }, 2);
    for (const auto& c : result.contents) {
      double block = std::stod(c.substr(c.find("block = ") + 8));
      double rate = std::stod(c.substr(c.find("rate = ") + 7));
      CHECK((block >= 16 && block <= 256));
      CHECK((rate >= 0.0024 && rate <= 0.041));
    }
  }
}
