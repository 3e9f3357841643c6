// SPDX-License-Identifier: MIT
//
// How fast a metric is read from the output of a run. Prints one line a case: MB/s and what was
// read. Exit status 1 when a case that stands in the README is below its floor.
#include <chrono>
#include <cstdio>
#include <string>
#include <vector>

#include "actors/logic/metric.hpp"
#include "actors/logic/text.hpp"

using namespace ratchet;

namespace {

double seconds_since(std::chrono::steady_clock::time_point begin) {
  return std::chrono::duration<double>(std::chrono::steady_clock::now() - begin).count();
}

/// Feeds `block` in chunks of 64 KiB until `megabytes` are through, then the last line.
bool measure(const char* what, const metric_rule& rule, const std::string& block, double megabytes,
             double floor_mb_s) {
  auto metric = compile_metric(rule);
  if (!metric) {
    std::printf("%s: %s\n", what, metric.error().text.c_str());
    return false;
  }
  metric_scanner scanner(*metric);
  const std::string last = "\nscore: 0.875\n";
  auto begin = std::chrono::steady_clock::now();
  double bytes = 0;
  while (bytes < megabytes * 1e6)
    for (std::size_t i = 0; i < block.size(); i += 65536) {
      auto chunk = std::string_view(block).substr(i, 65536);
      scanner.consume(chunk);
      bytes += static_cast<double>(chunk.size());
    }
  scanner.consume(last);
  auto reading = scanner.finish();
  double s = seconds_since(begin), rate = bytes / 1e6 / s;
  std::printf("%-44s %8.0f MB/s  floor %5.0f  value %s  %.1f s\n", what, rate, floor_mb_s,
              reading.value ? shortest(*reading.value).c_str() : "none", s);
  return rate >= floor_mb_s;
}

}  // namespace

int main(int argc, char** argv) {
  double mb = argc > 1 ? std::stod(argv[1]) : 1000;
  std::string log, dense, noise;
  for (int i = 0; log.size() < 4'000'000; ++i)
    log += "2026-01-05 12:30:05 INFO step " + std::to_string(i) +
           " loss=0.2345 lr=1e-3 tokens/s=18234 some more words of a log line\n";
  for (int i = 0; dense.size() < 4'000'000; ++i)
    dense += "epoch " + std::to_string(i) + " score: 0." + std::to_string(1000 + i % 9000) + "\n";
  for (unsigned i = 0, x = 1; i < 4'000'000; ++i, x = x * 1664525u + 1013904223u)
    noise += static_cast<char>(x >> 24);
  std::string digits(80'000, '7');

  bool ok = true;
  ok &= measure("name, rare", {"score", ""}, log, mb, 700);
  ok &= measure("name, in every line", {"score", ""}, dense, mb / 4, 0);
  ok &= measure("name, random bytes", {"score", ""}, noise, mb, 700);
  ok &= measure("pattern with a literal, rare", {"", "^score: ([0-9.]+)$"}, log, mb, 700);
  ok &=
      measure("pattern with a literal, in every line", {"", "score: ([0-9.]+)"}, dense, mb / 10, 0);
  ok &= measure("pattern with two literals, rare", {"", "(?:score|bleu): ([0-9.]+)"}, log, mb, 700);
  ok &= measure("pattern without a literal", {"", "^(-?[0-9.]+)$"}, log, mb / 10, 0);
  ok &= measure("pattern, one endless line of digits", {"", "([0-9]+) passed"}, digits, mb / 10, 0);
  return ok ? 0 : 1;
}
