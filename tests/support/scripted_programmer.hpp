// SPDX-License-Identifier: MIT
//
// Who writes edits in tests/bench/prompt_bench.cpp in place of a model: it has the ideas of a pool,
// in no order, and knows of the search what a prompt tells it. From one prompt to the next it keeps
// nothing but where its random numbers stand. An idea's worth it does not know.
#pragma once

#include <set>

#include "tests/support/idea_pool.hpp"
#include "tests/support/prompt_reading.hpp"

namespace ratchet::testing {

/// What a reader does with what it reads. Each number was settled before anything was measured with
/// it, and stands with its reason.
struct reader_habits {
  /// The rules of every prompt say to combine when stuck, one sentence of five, and most of what is
  /// asked for is one change: so half of a fifth.
  double combines_unasked = 0.1;
  /// Who reads two changes may or may not see that they belong together: the toss of a coin.
  double sees_relation = 0.5;
  /// Two changes are put together when their diffs are there to be read; with this also when they
  /// stand in the list of results.
  bool combines_from_results = false;
  /// Goes on with the part that it reads of last, as models do: once in three times.
  double goes_on = 1.0 / 3;
  /// A profile says where time goes, not what can be won there: it is followed every second time.
  double follows_profile = 0.5;
  /// A list tells of single changes. That all of one part went wrong is seen by one reader of four.
  double generalises = 0.25;
  /// So many of a part, and none that went well.
  int enough_bad = 3;
  /// Worse than the best of its time by this share is bad, and less than it near.
  double bad_share = 0.02;
  /// Quotes the line that it wants to replace wrongly: one reply of ten, and none once it is told.
  double misquotes = 0.1;
  /// More changes than these are no combination of two near ones.
  std::size_t most_combined = 4;
};

class scripted_programmer {
 public:
  scripted_programmer(const idea_pool& pool, reader_habits habits, std::uint64_t seed)
      : pool_(pool), habits_(habits), random_(seed) {}

  std::string reply(const std::string& prompt) {
    const auto told = read_prompt(prompt);
    return written(told, choice(told), told.unapplied.empty());
  }

  /// Once more: its last reply was no use, for the reason that is told.
  std::string reply_again(const std::string& prompt, const std::string& last,
                          const std::string& why) {
    auto told = read_prompt(prompt);
    const auto words = first_line(last);
    if (why.find("tried before") == std::string::npos) return written(told, named(words), false);
    told.results.push_back({words, {}, false, false});
    told.idea.clear();
    return written(told, choice(told), false);
  }

 private:
  /// Words of ideas, or bare settings.
  using change = std::vector<std::string>;
  static constexpr const char* joint = " with ";

  // -- what was read -----------------------------------------------------------------------------

  const idea* known(const std::string& words) const {
    const auto& all = pool_.ideas();
    auto it = std::find_if(all.begin(), all.end(), [&](const idea& i) { return i.words == words; });
    return it == all.end() ? nullptr : &*it;
  }
  static change named(std::string words) {
    change c;
    for (std::size_t at; (at = words.find(joint)) != std::string::npos;) {
      c.push_back(words.substr(0, at));
      words.erase(0, at + std::string_view(joint).size());
    }
    c.push_back(words);
    return c;
  }
  static std::string called(const change& c) {
    std::string words;
    for (const auto& one : c) words += (words.empty() ? "" : joint) + one;
    return words;
  }
  static bool tried(const told_prompt& told, const std::string& words) {
    return std::any_of(told.results.begin(), told.results.end(),
                       [&](const told_result& r) { return r.words == words; });
  }
  std::string part_of(const std::string& words) const {
    const auto* first = known(named(words).front());
    return first ? first->part : "";
  }
  static std::string advice_against(const std::string& part) { return "Leave " + part + " alone"; }
  static bool advised_against(const std::string& text, const std::string& part) {
    return text.find(advice_against(part)) != std::string::npos;
  }

  /// A part of which several went wrong and none well, by the list of results; it may escape it.
  std::string bad_part(const told_prompt& told) {
    if (!random_.chance(habits_.generalises)) return "";
    std::map<std::string, int> bad;
    std::set<std::string> sound;
    double best = told.baseline;
    for (const auto& r : told.results) {
      const bool wrong = r.crashed || (r.value && *r.value < best * (1 - habits_.bad_share));
      if (wrong) ++bad[part_of(r.words)];
      if (r.value && !wrong) sound.insert(part_of(r.words));
      if (r.kept && r.value) best = *r.value;
    }
    for (const auto& [part, times] : bad)
      if (times >= habits_.enough_bad && !sound.contains(part)) return part;
    return "";
  }

  // -- what is chosen ----------------------------------------------------------------------------

  struct plan {
    change what;
    std::string bad_part;
  };

  plan choice(const told_prompt& told) {
    plan p;
    p.bad_part = bad_part(told);
    if (known(told.idea)) p.what = {told.idea};
    if (p.what.empty()) p.what = mended(told);
    if (p.what.empty() && (told.combine || random_.chance(habits_.combines_unasked)))
      p.what = combination(told);
    if (p.what.empty()) p.what = single(told, p.bad_part);
    return p;
  }

  /// What crashed, with what the text of the failure says that it lacks.
  change mended(const told_prompt& told) const {
    const auto setting = between(told.failure, "\", in ", "\n");
    const auto lacks = between(told.failure, "# needs ", "\n");
    if (lacks.empty()) return {};
    for (const auto& i : pool_.ideas())
      if (i.setting == setting)
        if (change c{i.words, lacks}; !tried(told, called(c))) return c;
    return {};
  }

  /// The changes that may be put together, as lists of ideas; not what the program has by now.
  std::vector<change> near(const told_prompt& told) const {
    std::vector<change> found;
    auto add = [&](const std::string& words) {
      auto c = named(words);
      if (std::any_of(c.begin(), c.end(), [&](const std::string& one) {
            return !idea_pool::on(told.target, setting_of(one));
          }))
        found.push_back(std::move(c));
    };
    for (const auto& c : told.changes)
      if (c.lost) add(c.words);
    if (habits_.combines_from_results)
      for (const auto& r : told.results)
        if (r.value && !r.kept) add(r.words);
    return found;
  }

  /// Two of those that are shown, which were not tried together yet.
  change combination(const told_prompt& told) {
    const auto shown = near(told);
    std::vector<change> any, related;
    for (std::size_t a = 0; a < shown.size(); ++a)
      for (std::size_t b = a + 1; b < shown.size(); ++b) {
        std::set<std::string> all(shown[a].begin(), shown[a].end());
        all.insert(shown[b].begin(), shown[b].end());
        const change both(all.begin(), all.end());
        if (both.size() > habits_.most_combined || both.size() == shown[a].size() ||
            both.size() == shown[b].size() || tried(told, called(both)))
          continue;
        any.push_back(both);
        if (part_of(both.front()) == part_of(both.back())) related.push_back(both);
      }
    const bool sees = random_.chance(habits_.sees_relation) && !related.empty();
    const auto& from = sees ? related : any;
    return from.empty() ? change{} : from[random_.below(from.size())];
  }

  using ideas = std::vector<const idea*>;

  template <class Predicate>
  static ideas those(const ideas& from, Predicate wanted) {
    ideas out;
    std::copy_if(from.begin(), from.end(), std::back_inserter(out),
                 [&](const idea* i) { return wanted(*i); });
    return out;
  }
  /// Those alone, if there are any.
  template <class Predicate>
  static void prefer(ideas& from, Predicate wanted) {
    if (auto some = those(from, wanted); !some.empty()) from = std::move(some);
  }

  /// Not done yet; the rest as far as anything is left.
  ideas left(const told_prompt& told, const std::string& bad) const {
    ideas all;
    for (const auto& i : pool_.ideas()) all.push_back(&i);
    prefer(all, [&](auto& i) { return !idea_pool::on(told.target, i.setting); });
    prefer(all, [&](auto& i) { return !advised_against(told.instructions, i.part); });
    prefer(all, [&](auto& i) { return !tried(told, i.words); });
    prefer(all, [&](auto& i) { return !advised_against(told.lessons, i.part) && i.part != bad; });
    return all;
  }

  change single(const told_prompt& told, const std::string& bad) {
    auto from = left(told, bad);
    // As the rules say for when every idea is used up.
    if (tried(told, from.front()->words))
      if (auto both = combination(told); !both.empty()) return both;
    const auto last = told.results.empty() ? "" : part_of(told.results.back().words);
    if (told.angle)
      prefer(from, [&](auto& i) { return i.part != last; });
    else if (random_.chance(habits_.goes_on))
      prefer(from, [&](auto& i) { return i.part == last; });
    if (random_.chance(habits_.follows_profile))
      if (const auto hot = hottest(told.printed); !hot.empty())
        prefer(from, [&](auto& i) { return i.part == hot; });
    return {from[random_.below(from.size())]->words};
  }

  static std::string hottest(const std::string& printed) {
    std::string hot;
    int most = 0;
    for (const auto line : lines_of(printed)) {
      const std::string text(line);
      const auto part = between(text, "time in ", ":");
      const int share = std::atoi(between(text, ": ", " %").c_str());
      if (!part.empty() && share > most) hot = part, most = share;
    }
    return hot;
  }

  // -- what is written ---------------------------------------------------------------------------

  std::string setting_of(const std::string& one) const {
    const auto* i = known(one);
    return i ? i->setting : one;
  }

  std::string written(const told_prompt& told, const plan& p, bool may_slip) {
    return written(told, p.what, may_slip) +
           (p.bad_part.empty()
                ? ""
                : "\nLESSON: " + advice_against(p.bad_part) + ": all that was tried there lost.\n");
  }
  std::string written(const told_prompt& told, const change& what, bool may_slip) {
    const char* now = may_slip && random_.chance(habits_.misquotes) ? " = 2" : " = 0";
    std::string out = called(what) + "\n";
    for (const auto& one : what)
      if (const auto setting = setting_of(one); !idea_pool::on(told.target, setting))
        out += "\ntrain.py\n<<<<<<< SEARCH\n" + setting + now + "\n=======\n" + setting +
               " = 1\n>>>>>>> REPLACE\n";
    return out;
  }

  const idea_pool& pool_;
  reader_habits habits_;
  random_source random_;
};

}  // namespace ratchet::testing
