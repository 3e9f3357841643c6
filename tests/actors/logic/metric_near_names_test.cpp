// SPDX-License-Identifier: MIT
#include "actors/logic/metric_near_names.hpp"

#include <doctest/doctest.h>

#include <algorithm>
#include <string>

#include "actors/logic/text.hpp"
#include "tests/support/read_metric.hpp"
#include "tests/support/text.hpp"

using namespace ratchet;
using namespace ratchet::testing;

TEST_CASE("a name is near when letters, case, separators or a part of it differ") {
  for (auto [asked, other] : {std::pair{"acuracy", "accuracy"},
                              {"val_acc", "val-acc"},
                              {"val_acc", "ValAcc"},
                              {"loss", "val_loss"},
                              {"time", "runtime"},
                              {"acc", "accuracy"},
                              {"score", "scores"},
                              {"throughput", "troughput"},
                              {"m", "val.m"},
                              {"test_loss", "test loss"}}) {
    CAPTURE(asked);
    CHECK(is_near(asked, other));
  }
  for (auto [asked, other] : {std::pair{"acuracy", "loss"},
                              {"throughput", "score"},
                              {"m", "loss"},
                              {"bpb", "bps"},
                              {"score", "loss"},
                              {"qps", "passed"}}) {
    CAPTURE(asked);
    CHECK(!is_near(asked, other));
  }
}

TEST_CASE("where a near name stands in the output nothing else is taken, and it is named") {
  struct {
    const char* name;
    const char* output;
    const char* says;
  } cases[] = {
      {"acuracy", "accuracy: 0.6\nscore: 0.6", "did you mean \"accuracy\" (accuracy: 0.6)?"},
      {"val_acc", "val-acc = 0.7\nloss: 3", "\"val-acc\" (val-acc: 0.7)"},
      {"loss", "val_loss=0.5\n7 passed", "\"val_loss\" (val_loss: 0.5)"},
      {"test_loss", "test loss: 2.25\nscore: 1", "\"test loss\" (test loss: 2.25)"},
      {"latencyy", "latency (ms): 1.5\nscore: 1", "\"latency\" (latency: 1.5)"},
      {"BM_sort", "BM_sort/64  12 ns  12 ns 500\nscore: 1", "\"BM_sort/64\""}};
  for (auto& c : cases) {
    CAPTURE(c.output);
    auto reading = by_name(c.name, c.output);
    CHECK(!reading.value);
    CAPTURE(reading.missing);
    CHECK(contains(reading.missing, c.says));
  }
  // Far from the ends of a long output too, as long as it is within 32 KiB of one.
  std::string filler;
  while (filler.size() < 25'000) filler += "some words of a log\n";
  CHECK(!by_name("acuracy", filler + "accuracy: 0.6\n" + filler + filler + "score: 1").value);
}

TEST_CASE("no metric says which lines hold the name, which names have numbers, and a pattern") {
  auto reading = by_name("score", "speed=3 size=4MB\nthe score here is now 0.5 or so\n");
  CHECK(!reading.value);
  std::string all = listed(reading.hints, 10);
  CHECK(contains(all, "it stands in: the score here is now 0.5 or so"));
  CHECK(contains(all, "speed (3)"));
  CHECK(contains(all, "size (4MB)"));
  CHECK(contains(all, "\\bscore\\s+here\\s+is\\s+now\\s+(\\S+)"));
}

TEST_CASE("where no name is near, the pattern is that of a number which looks measured") {
  auto hints = [](const std::string& output) { return listed(by_name("score", output).hints, 10); };
  CHECK(contains(hints("sorted 300000 ints in 78.291 ms\n"), "match: \\bin\\s+(\\S+)"));
  CHECK(contains(hints("runs 3 median 0.25 of 7\n"), "match: \\bmedian\\s+(\\S+)"));
  CHECK(contains(hints("items 3\n"), "match: \\bitems\\s+(\\S+)"));
}

TEST_CASE("a pattern is built from the line that has the name and a number") {
  CHECK(pattern_for("avg of all 38.4ms", "avg") == "\\bavg\\s+of\\s+all\\s+(\\S+)");
  CHECK(pattern_for("  1234 qps", "qps") == "(\\S+)\\s+qps\\b");
  CHECK(pattern_for("score is (0.5)", "Score") == "\\bscore\\s+is\\s+\\(([-+.0-9eE]+)");
  CHECK(pattern_for("score is unknown", "score").empty());
  CHECK(pattern_for("nothing", "score").empty());
}

TEST_CASE("the text of no metric is short whatever was printed, and ends with the output") {
  auto reading = by_name("acuracy", "accuracy: 0.6\n");
  std::string text = no_metric_text(reading, "\x1b[1mepoch 1\x1b[0m\n 1%\r 99%\naccuracy: 0.6\n\n");
  CHECK(contains(text, "no metric: \"acuracy\" with a number after it is nowhere in the output"));
  CHECK(contains(text, "the output:\n  epoch 1\n   99%\n  accuracy: 0.6"));
  CHECK(contains(no_metric_text(reading, " \n"), "the output is empty"));
  std::string long_tail;
  for (int i = 0; i < 100; ++i) long_tail += std::string(400, 'x') + "\xC3\xA9\n";
  metric_reading wordy = reading;
  wordy.hints.assign(30, std::string(1000, 'y'));
  text = no_metric_text(wordy, long_tail);
  CHECK(text.size() <= 4096);
  CHECK(std::count(text.begin(), text.end(), '\n') < 20);
  CHECK(valid_utf8(text) == text);
}

TEST_CASE("a reading is converted to the unit that counts, or says why not") {
  CHECK(in_unit(by_name("t", "t: 900 us"), "ms").value == 0.9);
  CHECK(in_unit(by_name("t", "t: 900 us"), "ms").unit == "ms");
  CHECK(in_unit(by_name("t", "t: 900"), "").value == 900);
  CHECK(in_unit(by_name("t", "t: 3.4k"), "").value == 3400);
  CHECK(contains(in_unit(by_name("t", "t: 3 MB"), "ms").missing,
                 "the metric was in ms, this run printed \"3 MB\": another kind of unit"));
  CHECK(contains(in_unit(by_name("t", "t: 0.96"), "%").missing,
                 "the metric was in %, this run printed \"0.96\" without a unit"));
  CHECK(contains(in_unit(by_name("t", "t: 3 ms"), "").missing,
                 "the metric had no unit, this run printed \"3 ms\""));
  CHECK(!in_unit(by_name("t", "t: 3 ms"), "").value);
}
