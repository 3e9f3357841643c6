// SPDX-License-Identifier: MIT
//
// A program to be made better and the ideas that somebody may have of it. The program is a list of
// settings, each 0 or 1; what it prints follows from its text alone, so that a run costs nothing.
// What the ideas are worth is the program's secret: whoever writes edits sees words, a part and a
// setting.
//
//   good       one small gain each
//   half       two that lose a little alone, as a neutral one does, and gain most together
//   mendable   crashes until another setting is on, which only the full text of the failure names
//   neutral    loses a little
//   harmful    loses much
//   crashing   ends the run
//   twin       another one's edit in other words
//
// Two of the six parts hold nothing but harm: one that the user warns of and one nobody knows.
#pragma once

#include <algorithm>
#include <map>
#include <string>
#include <utility>
#include <vector>

#include "actors/logic/text.hpp"
#include "actors/ports/process_port.hpp"
#include "runtime/edit/random.hpp"

namespace ratchet::testing {

struct idea {
  std::string words;    ///< how its author calls it; no other idea has them
  std::string part;     ///< of the program
  std::string setting;  ///< to be turned on
};

class idea_pool {
 public:
  // Three of four ideas bring nothing, and one of four that are left is harmful or worse.
  static constexpr std::size_t parts = 6;
  static constexpr std::size_t ideas_a_part = 8;
  static constexpr int good = 4, halves = 2, mendable = 1, harmful = 6, crashing = 2, twins = 3;
  static constexpr double baseline = 100;
  static constexpr double gain = 4;        ///< of a good one: a few per cent
  static constexpr double pair_gain = 12;  ///< as much as three: no search is done without it
  static constexpr double little = 1;      ///< what halves and neutral ones lose at most
  static constexpr double least_harm = 5, most_harm = 20;
  /// What a part takes of the time though nothing can be won there, at most: as much as two gains,
  /// so that a profile may mislead.
  static constexpr double idle_weight = 2 * gain;

  explicit idea_pool(std::uint64_t seed) : random_(seed) {
    std::vector<std::string> names{"parse", "sort", "cache", "hash", "merge", "write"};
    shuffle(names);
    for (const auto& name : names) weight_[name] = idle_weight * random_.uniform();
    warned_of_ = names[0];
    for (std::size_t at : {0, 1}) add_bad_part(names[at]);
    std::vector<std::string> places;
    for (std::size_t at = 2; at < parts; ++at) places.insert(places.end(), ideas_a_part, names[at]);
    // The halves are of one part, as what belongs together mostly is.
    const auto home = names[2 + random_.below(parts - 2)];
    for (int i = 0; i < halves; ++i) places.erase(std::find(places.begin(), places.end(), home));
    shuffle(places);
    add_open_parts(places, home);
    shuffle(ideas_);
  }

  /// As an author may have them, in no order.
  const std::vector<idea>& ideas() const { return ideas_; }
  /// The part of which the user knows that nothing is to be won there.
  const std::string& warned_of() const { return warned_of_; }
  /// The user's own: one helps, one does not.
  const std::vector<std::string>& of_the_user() const { return of_the_user_; }
  /// One small gain may be missing, and what was kept along with others may have cost half of one.
  static constexpr double solved_at() {
    return baseline + good * gain + pair_gain + mendable * gain - gain - gain / 2;
  }

  std::string text() const {
    std::string out;
    for (const auto& [setting, worth] : worth_) out += setting + " = 0\n";
    return out;
  }

  /// What the program prints and how it ends.
  process_outcome run(const std::string& text) const {
    process_outcome o;
    o.exit_code = 0;
    o.output_tail = "score: " + shortest(value(text)) + "\n" + profile(text);
    for (const auto& [setting, worth] : worth_)
      if (on(text, setting) && worth.crashes && !on(text, worth.lacks)) {
        o.exit_code = 1;
        o.output_tail = traceback(setting, worth.lacks);
      }
    o.output_bytes = static_cast<long long>(o.output_tail.size());
    return o;
  }

  static bool on(const std::string& text, const std::string& setting) {
    return !setting.empty() && ("\n" + text).find("\n" + setting + " = 1\n") != std::string::npos;
  }

 private:
  struct value_of {
    std::string part;
    double alone = 0;
    double together = 0;  ///< with all others of which this is not 0
    bool crashes = false;
    std::string lacks;  ///< without which it crashes; empty: always
  };

  template <class Item>
  void shuffle(std::vector<Item>& items) {
    for (std::size_t i = items.size(); i > 1; --i) std::swap(items[i - 1], items[random_.below(i)]);
  }

  double harm() { return least_harm + (most_harm - least_harm) * random_.uniform(); }
  std::string words_in(const std::string& part) {
    return part + " draft " + std::to_string(++drafts_[part]);
  }
  std::string add(value_of worth) {
    const auto part = worth.part;
    const auto setting = part + "_" + std::to_string(++settings_[part]);
    worth_[setting] = std::move(worth);
    ideas_.push_back({words_in(part), part, setting});
    return ideas_.back().words;
  }

  void add_bad_part(const std::string& part) {
    for (std::size_t i = 0; i < ideas_a_part; ++i)
      i % 2 == 0 ? add({part, -harm()}) : add({part, 0, 0, true});
  }

  void add_open_parts(std::vector<std::string> places, const std::string& home) {
    auto place = [&] {
      auto part = places.back();
      places.pop_back();
      return part;
    };
    for (int i = 0; i < halves; ++i) add({home, -little * random_.uniform(), pair_gain / halves});
    for (int i = 0; i < good; ++i) {
      auto words = add({place(), gain});
      if (i == 0) of_the_user_.push_back(words);
    }
    for (int i = 0; i < mendable; ++i) add_mendable(place());
    for (int i = 0; i < harmful; ++i) add({place(), -harm()});
    for (int i = 0; i < crashing; ++i) add({place(), 0, 0, true});
    while (places.size() > twins) {
      auto words = add({place(), -little * random_.uniform()});
      if (of_the_user_.size() == 1) of_the_user_.push_back(words);
    }
    while (!places.empty()) add_twin(place());
  }

  void add_mendable(const std::string& part) {
    const auto lacks = part + "_ready";
    worth_[lacks] = {part};
    add({part, gain, 0, true, lacks});
  }

  void add_twin(const std::string& part) {
    std::vector<const idea*> of_the_part;
    for (const auto& i : ideas_)
      if (i.part == part) of_the_part.push_back(&i);
    const auto same = *of_the_part[random_.below(of_the_part.size())];
    ideas_.push_back({words_in(part), part, same.setting});
  }

  double value(const std::string& text) const {
    double sum = baseline, pair = 0;
    bool all = true;
    for (const auto& [setting, worth] : worth_) {
      const bool is_on = on(text, setting);
      if (is_on) sum += worth.alone;
      pair += worth.together;
      all = all && (is_on || worth.together == 0);
    }
    return all ? sum + pair : sum;
  }

  /// Where much can be won much time goes; and some goes where there is nothing to be won.
  std::string profile(const std::string& text) const {
    auto weight = weight_;
    for (const auto& [setting, worth] : worth_)
      if (!on(text, setting)) weight[worth.part] += std::max(0.0, worth.alone) + worth.together;
    double all = 0;
    for (const auto& [part, w] : weight) all += w;
    std::string out;
    for (const auto& [part, w] : weight)
      out += "time in " + part + ": " + std::to_string(static_cast<int>(100 * w / all)) + " %\n";
    return out;
  }

  /// Its last line, which a list of results tells, says less than those before it.
  static std::string traceback(const std::string& setting, const std::string& lacks) {
    return "Traceback (most recent call last):\n  File \"train.py\", in " + setting + "\n" +
           (lacks.empty() ? "" : "    # needs " + lacks + "\n") + "ValueError: wrong shape\n";
  }

  random_source random_;
  std::vector<idea> ideas_;
  std::map<std::string, value_of> worth_;  ///< by setting
  std::map<std::string, double> weight_;   ///< of a part, whatever can be won there
  std::map<std::string, int> drafts_, settings_;
  std::vector<std::string> of_the_user_;
  std::string warned_of_;
};

}  // namespace ratchet::testing
