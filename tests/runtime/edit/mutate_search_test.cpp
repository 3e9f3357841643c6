// SPDX-License-Identifier: MIT
//
// How good the search of the mutate backend is: medians over seeds, against uniform random search
// with the same number of proposals.
#include <doctest/doctest.h>

#include <algorithm>
#include <cmath>
#include <cstdio>

#include "runtime/edit/parameters.hpp"
#include "runtime/edit/random.hpp"
#include "tests/runtime/edit/search_trial.hpp"
#include "tests/support/long_tests.hpp"

using namespace ratchet;
using namespace ratchet::test;

namespace {

/// The value right of `name =`.
double value_in(const std::string& text, const std::string& name) {
  auto at = text.find(name + " = ");
  REQUIRE(at != std::string::npos);
  return std::stod(text.substr(at + name.size() + 3));
}

struct objective {
  std::string name;
  std::string text;
  std::function<double(const std::string&)> loss;
};

objective sphere() {
  return {"sphere, 4 whole numbers 0..1000",
          "a = 500  # ratchet: range 0..1000\nb = 500  # ratchet: range 0..1000\n"
          "c = 500  # ratchet: range 0..1000\nd = 500  # ratchet: range 0..1000\n",
          [](const std::string& t) {
            auto d = [&](const char* n, double best) { return (value_in(t, n) - best) / 1000; };
            return std::pow(d("a", 120), 2) + std::pow(d("b", 810), 2) + std::pow(d("c", 333), 2) +
                   std::pow(d("d", 905), 2);
          }};
}

objective mixed() {
  return {"choices and logarithmic scales",
          "block = 64  # ratchet: choices 8, 16, 32, 64, 128, 256\n"
          "rate = 0.1  # ratchet: range 1e-5..1.0 log\n"
          "workers = 1  # ratchet: range 1..64\n"
          "mode = \"slow\"  # ratchet: choices \"slow\" \"fast\" \"tiny\"\n"
          "decay = 0.5  # ratchet: range 1e-4..1.0 log\n",
          [](const std::string& t) {
            double loss = std::pow(std::log2(value_in(t, "block")) - 4, 2) +
                          std::pow(std::log10(value_in(t, "rate")) + 3.3, 2) +
                          std::pow(std::log2(value_in(t, "workers")) - 4.6, 2) +
                          std::pow(std::log10(value_in(t, "decay")) + 2.2, 2);
            if (t.find("\"fast\"") == std::string::npos) loss += 2;
            return loss;
          }};
}

objective rastrigin() {
  return {"Rastrigin-like, 3 numbers -5..5",
          "x = 3.9  # ratchet: range -5..5\ny = -4.1  # ratchet: range -5..5\n"
          "z = 2.2  # ratchet: range -5..5\n",
          [](const std::string& t) {
            double sum = 0;
            for (auto [n, best] : {std::pair{"x", -1.3}, {"y", 2.4}, {"z", 0.7}}) {
              double d = value_in(t, n) - best;
              sum += d * d + 4 * (1 - std::cos(3 * d));
            }
            return sum;
          }};
}

double uniform_search(const objective& o, int proposals, std::uint64_t seed) {
  std::map<std::string, std::string> targets{{"f.py", o.text}};
  auto parameters = *parameters_of(targets, json::object());
  random_source random(seed * 7919);
  double best = o.loss(o.text);
  for (int i = 0; i < proposals; ++i) {
    std::vector<std::string> texts;
    for (const auto& p : parameters) {
      auto size = p.values.size();
      double v = size ? p.values.nth(random.below(*size)) : p.values.at(random.uniform());
      texts.push_back(p.values.text(v, p.form));
    }
    auto changes = with_values(targets, parameters, texts);
    if (!changes.empty()) best = std::min(best, o.loss(*changes[0].content));
  }
  return best;
}

double median(std::vector<double> v) {
  std::sort(v.begin(), v.end());
  return v[v.size() / 2];
}

struct figures {
  double start, searched, uniform, worst;
};

figures measure(const objective& o, int proposals, int seeds) {
  std::vector<double> searched, uniform;
  for (int seed = 1; seed <= seeds; ++seed) {
    searched.push_back(run_trial("f.py", o.text, {{"seed", seed}}, o.loss, proposals).best);
    uniform.push_back(uniform_search(o, proposals, static_cast<std::uint64_t>(seed)));
  }
  figures f{o.loss(o.text), median(searched), median(uniform),
            *std::max_element(searched.begin(), searched.end())};
  std::printf("%-34s %3d proposals, %d seeds: start %.4g, mutate %.4g (worst %.4g), uniform %.4g\n",
              o.name.c_str(), proposals, seeds, f.start, f.searched, f.worst, f.uniform);
  return f;
}

int seeds() { return long_tests() ? 21 : 7; }

}  // namespace

TEST_CASE("the search comes within 0.1 % of a smooth optimum in 60 proposals") {
  auto f = measure(sphere(), 60, seeds());
  CHECK(f.searched < 0.001 * f.start);
  CHECK(f.searched < 0.1 * f.uniform);
}

TEST_CASE("the search finds choices and scales together in 60 proposals") {
  auto f = measure(mixed(), 60, seeds());
  CHECK(f.searched < 0.02 * f.start);
  CHECK(f.searched < 0.25 * f.uniform);
}

TEST_CASE("the search leaves local optima behind in 80 proposals") {
  auto f = measure(rastrigin(), 80, seeds());
  CHECK(f.searched < 0.05 * f.start);
  CHECK(f.searched < 0.5 * f.uniform);
}
