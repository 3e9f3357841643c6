// SPDX-License-Identifier: MIT
#include "runtime/edit/mutation_search.hpp"

#include <algorithm>
#include <array>
#include <cmath>
#include <set>

namespace ratchet {

namespace {

constexpr std::size_t drafts_per_proposal = 160;
constexpr std::uint64_t max_enumerated = 4096;
/// Above this many literals the model's places say little and cost much.
constexpr std::size_t max_modelled = 400;

struct move_kind {
  const char* name;
  double base;
};
constexpr std::array<move_kind, 5> move_kinds{{{"local step", 1.0},
                                               {"jump", 0.6},
                                               {"joint step", 0.5},
                                               {"towards earlier gains", 0.4},
                                               {"combination of earlier tries", 0.3}}};

}  // namespace

mutation_search::mutation_search(const std::vector<parameter>& parameters, search_memory& memory,
                                 random_source random,
                                 std::function<bool(const std::vector<std::string>&)> fresh)
    : parameters_(parameters), memory_(memory), random_(random), fresh_(std::move(fresh)) {
  for (const auto& p : parameters_) {
    auto value = p.values.value_of(p.text);
    current_.push_back(value ? *value : p.values.outside(p.text));
    origin_.push_back(memory_.origin.emplace(p.key, current_.back()).first->second);
    credit_.push_back(&memory_.credit[p.key]);
  }
  for (const auto& e : memory_.evaluated) {
    place at(parameters_.size());
    for (std::size_t i = 0; i < parameters_.size(); ++i) {
      auto it = e.at.find(parameters_[i].key);
      at[i] = it != e.at.end() ? it->second : origin_[i];
    }
    if (e.loss) sorted_.push_back(evaluated_.size());
    evaluated_.push_back(std::move(at));
  }
  std::sort(sorted_.begin(), sorted_.end(), [&](std::size_t a, std::size_t b) {
    return *memory_.evaluated[a].loss < *memory_.evaluated[b].loss;
  });
}

std::string mutation_search::draw_move() {
  std::array<double, move_kinds.size()> weights{};
  double sum = 0;
  for (std::size_t i = 0; i < move_kinds.size(); ++i) {
    auto it = memory_.moves.find(move_kinds[i].name);
    double rate =
        it == memory_.moves.end() ? 0.4 : (it->second.wins + 0.8) / (it->second.tries + 2);
    sum += weights[i] = move_kinds[i].base * (0.1 + rate);
  }
  double at = random_.uniform() * sum;
  for (std::size_t i = 0; i < move_kinds.size(); ++i)
    if ((at -= weights[i]) < 0) return move_kinds[i].name;
  return move_kinds[0].name;
}

std::size_t mutation_search::draw_literal() {
  // Thompson-like: the success rate so far plus doubt that shrinks with the tries.
  std::size_t best = 0;
  double best_score = -1e300;
  for (std::size_t i = 0; i < parameters_.size(); ++i) {
    double tries = credit_[i]->tries;
    double rate = (credit_[i]->wins + 0.5) / (tries + 1.5);
    double doubt = 0.5 / std::sqrt(tries + 1);
    double score = parameters_[i].weight * (rate + doubt) * -std::log(1 - random_.uniform());
    if (score > best_score) best_score = score, best = i;
  }
  return best;
}

void mutation_search::step(place& values, std::size_t i) {
  const auto& values_of = parameters_[i].values;
  if (!values_of.ordered()) return jump(values, i);
  const auto& credit = *credit_[i];
  int direction = random_.chance(0.5) ? 1 : -1;
  if (credit.direction != 0 && random_.chance(0.7)) direction = credit.direction;
  double length = std::fabs(random_.normal()) * credit.step;
  // Nobody gave the range: doublings and halvings at first.
  if (parameters_[i].implied)
    length = credit.tries == 0 ? first_reach * (0.5 + 0.5 * random_.uniform())
                               : std::min(length, reach(i));
  double from = values_of.unit(values[i]);
  if (from + direction * length > 1 || from + direction * length < 0) direction = -direction;
  double value = values_of.at(from + direction * length);
  if (value == values[i]) value = values_of.neighbour(values[i], direction);
  if (value == values[i]) value = values_of.neighbour(values[i], -direction);
  values[i] = value;
}

void mutation_search::jump(place& values, std::size_t i) {
  const auto& values_of = parameters_[i].values;
  double old = values[i];
  if (auto count = values_of.size())
    if (!values_of.ordered() || *count <= 8) {
      values[i] = values_of.nth(random_.below(*count));
      if (values[i] == old) values[i] = values_of.nth(random_.below(*count));
      return;
    }
  double near = reach(i), from = values_of.unit(old);
  values[i] = near >= 1 ? values_of.at(random_.uniform())
                        : values_of.at(from + near * (2 * random_.uniform() - 1));
}

// How far from where it stands a literal may go: wider with every try, if nobody gave its range.
double mutation_search::reach(std::size_t i) const {
  if (!parameters_[i].implied) return 1;
  double tries = credit_[i]->sound + credit_[i]->broken;
  return tries < 3 ? first_reach : tries < 8 ? 2 * first_reach : 1;
}

// Goes on where a gain was made, by half to twice its length.
bool mutation_search::follow_gains(place& values) {
  if (memory_.gains.empty()) return false;
  std::size_t recent = std::min<std::size_t>(memory_.gains.size(), 4);
  const auto& gain = memory_.gains[memory_.gains.size() - 1 - random_.below(recent)];
  double factor = 0.5 + 1.5 * random_.uniform();
  for (std::size_t i = 0; i < parameters_.size(); ++i) {
    auto it = gain.find(parameters_[i].key);
    const auto& values_of = parameters_[i].values;
    if (it == gain.end() || !values_of.ordered()) continue;
    double length = values_of.unit(it->second.second) - values_of.unit(it->second.first);
    values[i] = values_of.at(values_of.unit(values[i]) + factor * length);
  }
  return true;
}

// Takes some values of one of the better places that were evaluated.
bool mutation_search::cross(place& values) {
  if (sorted_.size() < 3) return false;
  const auto& other =
      evaluated_[sorted_[random_.below(std::max<std::size_t>(2, sorted_.size() / 3))]];
  for (std::size_t i = 0; i < parameters_.size(); ++i) {
    double theirs = other[i];
    if (theirs == values[i] || !random_.chance(0.5)) continue;
    const auto& values_of = parameters_[i].values;
    values[i] =
        values_of.ordered() && random_.chance(0.4)
            ? values_of.at(values_of.unit(values[i]) +
                           random_.uniform() * (values_of.unit(theirs) - values_of.unit(values[i])))
            : values_of.snapped(theirs);
  }
  return true;
}

std::optional<mutation_search::draft> mutation_search::draw() {
  draft d{draw_move(), current_};
  if (d.move == "towards earlier gains" && !follow_gains(d.values)) d.move = "local step";
  if (d.move == "combination of earlier tries" && !cross(d.values)) d.move = "joint step";
  if (d.move == "joint step" && parameters_.size() < 2) d.move = "local step";
  if (d.move == "local step") step(d.values, draw_literal());
  if (d.move == "jump") jump(d.values, draw_literal());
  if (d.move == "joint step") {
    std::size_t count = std::min<std::size_t>(parameters_.size(), 2 + random_.below(3));
    std::set<std::size_t> chosen;
    for (std::size_t tries = 0; chosen.size() < count && tries < 4 * count; ++tries)
      chosen.insert(draw_literal());
    for (std::size_t i : chosen) random_.chance(0.85) ? step(d.values, i) : jump(d.values, i);
  }
  if (!differs(d.values)) return std::nullopt;
  return d;
}

std::vector<double> mutation_search::units(const place& values) const {
  std::vector<double> out(values.size());
  for (std::size_t i = 0; i < values.size(); ++i) out[i] = parameters_[i].values.unit(values[i]);
  return out;
}

void mutation_search::rank(std::vector<draft>& drafts) {
  std::vector<axis> axes;
  for (const auto& p : parameters_) axes.push_back({p.values.ordered()});
  std::vector<std::vector<double>> places;
  std::vector<double> losses;
  for (std::size_t k = 0; k < evaluated_.size(); ++k) {
    places.push_back(units(evaluated_[k]));
    losses.push_back(memory_.evaluated[k].loss.value_or(INFINITY));
  }
  // The model's constants change slowly: they are fitted anew when it knows a tenth more.
  auto age = memory_.settled - memory_.model_at;
  bool fitted = memory_.model_length > 0 && memory_.settled > 12 &&
                age <= static_cast<long long>(places.size() / 10);
  surrogate model(std::move(axes), std::move(places), std::move(losses),
                  fitted ? memory_.model_length : 0, memory_.model_noise);
  if (!fitted) {
    memory_.model_length = model.length();
    memory_.model_noise = model.noise();
    memory_.model_at = memory_.settled;
  }
  auto by_promise = [](const draft& a, const draft& b) { return a.promise > b.promise; };
  for (auto& d : drafts) d.promise = model.promise(units(d.values));
  std::stable_sort(drafts.begin(), drafts.end(), by_promise);
  // The best few are moved about once more: a draft is only as fine as the move that made it.
  for (int round = 0; round < 3; ++round) {
    std::size_t few = std::min<std::size_t>(drafts.size(), 4);
    for (std::size_t k = 0; k < few; ++k)
      for (int n = 0; n < 10; ++n) {
        draft d = drafts[k];
        std::size_t i = random_.below(parameters_.size());
        if (d.values[i] == current_[i] && parameters_.size() > 8) continue;
        const auto& values_of = parameters_[i].values;
        double unit = values_of.unit(d.values[i]);
        d.values[i] = values_of.ordered()
                          ? values_of.at(unit + random_.normal() * 0.05 / (1 + round))
                          : d.values[i];
        if (!differs(d.values)) continue;
        d.promise = model.promise(units(d.values));
        drafts.push_back(std::move(d));
      }
    std::stable_sort(drafts.begin(), drafts.end(), by_promise);
  }
}

bool mutation_search::differs(const place& values) const {
  for (std::size_t i = 0; i < values.size(); ++i)
    if (values[i] != current_[i]) return true;
  return false;
}

std::vector<std::string> mutation_search::texts_of(const place& values) const {
  std::vector<std::string> out;
  for (std::size_t i = 0; i < values.size(); ++i)
    out.push_back(values[i] == current_[i]
                      ? parameters_[i].text
                      : parameters_[i].values.text(values[i], parameters_[i].form));
  return out;
}

std::optional<mutation> mutation_search::accept(const draft& d) {
  auto texts = texts_of(d.values);
  bool same = true;
  for (std::size_t i = 0; i < texts.size(); ++i) same = same && texts[i] == parameters_[i].text;
  if (same || !fresh_(texts)) return std::nullopt;
  return mutation{d.move, d.values, std::move(texts)};
}

std::optional<mutation> mutation_search::next() {
  std::vector<draft> drafts;
  for (std::size_t i = 0; i < drafts_per_proposal; ++i)
    if (auto d = draw()) drafts.push_back(std::move(*d));
  // Some proposals go by the drawing alone, so that a wrong model cannot hold the search.
  bool modelled = parameters_.size() <= max_modelled && random_.chance(0.85);
  if (modelled && !drafts.empty()) rank(drafts);
  std::size_t asked = 0;
  for (const auto& d : drafts) {
    if (auto m = accept(d)) return m;
    if (++asked == 200) break;
  }
  return enumerate();
}

// The neighbourhood is used up. Few combinations are gone through one by one from a random one;
// of many, a random one is fresh almost surely.
std::optional<mutation> mutation_search::enumerate() {
  std::uint64_t count = 1;
  for (const auto& p : parameters_) {
    auto size = p.values.size();
    count = size && *size <= max_enumerated ? count * *size : max_enumerated + 1;
    if (count > max_enumerated) break;
  }
  if (count <= max_enumerated) {
    std::uint64_t start = random_.next() % count;
    for (std::uint64_t n = 0; n < count; ++n) {
      draft d{"remaining value", current_};
      std::uint64_t rest = (start + n) % count;
      for (std::size_t i = 0; i < parameters_.size(); ++i) {
        auto size = *parameters_[i].values.size();
        d.values[i] = parameters_[i].values.nth(rest % size);
        rest /= size;
      }
      if (auto m = accept(d)) return m;
    }
    // A literal that is now outside its domain sits nominally on one of the values just left out.
    return std::nullopt;
  }
  for (int n = 0; n < 400; ++n) {
    draft d{"jump", current_};
    for (std::size_t i = 0, k = 1 + random_.below(parameters_.size()); i < k; ++i) {
      auto literal = draw_literal();
      d.values[literal] = parameters_[literal].values.at(random_.uniform());
    }
    if (auto m = accept(d)) return m;
  }
  return std::nullopt;
}

}  // namespace ratchet
