// SPDX-License-Identifier: MIT
#include "runtime/edit/search_memory.hpp"

#include <algorithm>
#include <cmath>

namespace ratchet {

namespace {

constexpr std::size_t max_seen = 600, max_evaluated = 100, max_best = 30, max_gains = 16,
                      max_pending = 64;
constexpr std::string_view alphabet =
    "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_";

/// Keys are long and occur often: each is written once.
class key_table {
 public:
  std::size_t index(const std::string& key) {
    auto [it, fresh] = indices_.emplace(key, names_.size());
    if (fresh) names_.push_back(key);
    return it->second;
  }
  json pairs(const assignment& a) {
    json j = json::array();
    for (const auto& [key, value] : a) j.push_back({index(key), value});
    return j;
  }
  const std::vector<std::string>& names() const { return names_; }

 private:
  std::map<std::string, std::size_t> indices_;
  std::vector<std::string> names_;
};

}  // namespace

void search_memory::note(std::uint64_t content) {
  content &= mask;
  if (!seen_.insert(content).second) return;
  order_.push_back(content);
  if (order_.size() > max_seen) {
    seen_.erase(order_.front());
    order_.pop_front();
  }
}

search_memory search_memory::from(const json& state) try {
  search_memory m;
  if (!state.is_object() || state.value("version", 0) != 2) return m;
  const auto keys = state.at("keys").get<std::vector<std::string>>();
  auto key = [&](const json& k) { return keys.at(k.get<std::size_t>()); };
  auto values = [&](const json& j) {
    assignment out;
    for (const auto& pair : j) out[key(pair.at(0))] = pair.at(1).get<double>();
    return out;
  };
  m.proposals = state.at("proposals").get<long long>();
  m.origin = values(state.at("origin"));
  for (const auto& c : state.at("credit"))
    m.credit[key(c.at(0))] = {c.at(1).get<double>(), c.at(2).get<double>(), c.at(3).get<double>(),
                              c.at(4).get<int>(),    c.at(5).get<double>(), c.at(6).get<double>()};
  for (const auto& [name, c] : state.at("moves").items())
    m.moves[name] = {c.at(0).get<double>(), c.at(1).get<double>()};
  const auto& model = state.at("model");
  m.model_length = model.at(0).get<double>();
  m.model_noise = model.at(1).get<double>();
  m.model_at = model.at(2).get<long long>();
  m.settled = model.at(3).get<long long>();
  for (const auto& p : state.at("pending"))
    m.pending.push_back({p.at("iteration").get<int>(), p.at("hypothesis").get<std::string>(),
                         p.at("move").get<std::string>(), values(p.at("from")),
                         values(p.at("to"))});
  for (const auto& e : state.at("evaluated")) {
    evaluated_place place;
    if (!e.at(0).is_null()) place.loss = e[0].get<double>();
    for (std::size_t i = 1; i + 1 < e.size(); i += 2) place.at[key(e[i])] = e[i + 1].get<double>();
    m.evaluated.push_back(std::move(place));
  }
  for (const auto& g : state.at("gains")) {
    auto& gain = m.gains.emplace_back();
    for (const auto& c : g) gain[key(c.at(0))] = {c.at(1).get<double>(), c.at(2).get<double>()};
  }
  const auto seen = state.at("seen").get<std::string>();
  for (std::size_t i = 0; i + 8 <= seen.size(); i += 8) {
    std::uint64_t content = 0;
    for (std::size_t k = 0; k < 8; ++k) content = content << 6 | (alphabet.find(seen[i + k]) & 63);
    m.note(content);
  }
  return m;
} catch (const std::exception&) {
  return {};
}

json search_memory::to_state() const {
  key_table keys;
  json credits = json::array(), move_credits = json::object(), open = json::array(),
       places = json::array(), won = json::array(), origins = keys.pairs(origin);
  for (const auto& [key, c] : credit)
    credits.push_back({keys.index(key), c.step, c.wins, c.tries, c.direction, c.broken, c.sound});
  for (const auto& [key, c] : moves) move_credits[key] = {c.wins, c.tries};
  for (const auto& p : pending)
    open.push_back({{"iteration", p.iteration},
                    {"hypothesis", p.hypothesis},
                    {"move", p.move},
                    {"from", keys.pairs(p.from)},
                    {"to", keys.pairs(p.to)}});
  for (const auto& e : evaluated) {
    json place = json::array();
    place.push_back(e.loss ? json(*e.loss) : json());
    for (const auto& [key, value] : e.at) {
      place.push_back(keys.index(key));
      place.push_back(value);
    }
    places.push_back(std::move(place));
  }
  for (const auto& g : gains) {
    json gain = json::array();
    for (const auto& [key, c] : g) gain.push_back({keys.index(key), c.first, c.second});
    won.push_back(std::move(gain));
  }
  std::string seen;
  for (auto content : order_)
    for (int k = 7; k >= 0; --k) seen += alphabet[content >> (6 * k) & 63];
  return {{"version", 2},          {"proposals", proposals},
          {"keys", keys.names()},  {"origin", origins},
          {"seen", seen},          {"credit", credits},
          {"moves", move_credits}, {"model", {model_length, model_noise, model_at, settled}},
          {"pending", open},       {"evaluated", places},
          {"gains", won}};
}

// The one literal that was changed is to blame. Of several, those that never went well are.
void search_memory::blame(const std::vector<std::string>& changed, bool failed) {
  std::vector<std::string> suspects;
  for (const auto& key : changed)
    if (!failed || credit[key].sound == 0) suspects.push_back(key);
  if (suspects.empty()) suspects = changed;
  double share = failed ? 1.0 / static_cast<double>(suspects.size()) : 1;
  for (const auto& key : suspects) (failed ? credit[key].broken : credit[key].sound) += share;
}

// The oldest goes that is neither the baseline, which is the first, nor one of the best.
void search_memory::forget_one() {
  std::vector<double> losses;
  for (const auto& e : evaluated)
    if (e.loss) losses.push_back(*e.loss);
  double good = losses.size() > max_best ? 0 : INFINITY;
  if (losses.size() > max_best) {
    std::nth_element(losses.begin(), losses.begin() + max_best, losses.end());
    good = losses[max_best];
  }
  for (std::size_t i = 1; i < evaluated.size(); ++i)
    if (!evaluated[i].loss || *evaluated[i].loss >= good) {
      evaluated.erase(evaluated.begin() + static_cast<std::ptrdiff_t>(i));
      return;
    }
  evaluated.erase(evaluated.begin() + 1);
}

void search_memory::settle(const pending_proposal& p, const iteration_record* record,
                           bool higher_is_better) {
  bool won = record && record->decision == "kept";
  evaluated_place place{p.to, {}};
  if (record && record->result && record->result->metric_value && !record->result->error &&
      record->decision != "rejected_by_gate")
    place.loss = higher_is_better ? -*record->result->metric_value : *record->result->metric_value;
  // What a place leaves out is as in the origin; `to` names all that differs from it.
  for (auto it = place.at.begin(); it != place.at.end();)
    it = origin.count(it->first) && origin[it->first] == it->second ? place.at.erase(it)
                                                                    : std::next(it);
  std::map<std::string, std::pair<double, double>> changed;
  for (const auto& [key, value] : p.to) {
    auto from = p.from.find(key);
    if (from != p.from.end() && from->second != value) changed[key] = {from->second, value};
  }
  if (record) {  // a variant that was proposed but not chosen says nothing
    ++settled;
    evaluated.push_back(std::move(place));
    if (evaluated.size() > max_evaluated) forget_one();
    std::vector<std::string> keys;
    for (const auto& [key, change] : changed) keys.push_back(key);
    bool failed = record->result && record->result->error && !record->result->error->empty();
    if (record->result) blame(keys, failed);
    double share = 1.0 / static_cast<double>(std::max<std::size_t>(1, changed.size()));
    for (const auto& [key, change] : changed) {
      auto& c = credit[key];
      c.wins = c.wins * 0.95 + (won ? share : 0);
      c.tries = c.tries * 0.95 + share;
      int direction = change.second > change.first ? 1 : -1;
      c.direction = won ? direction : -direction;
      // The 1/5th success rule: one gain makes up for four failures.
      if (p.move == "local step" || p.move == "joint step")
        c.step = std::clamp(c.step * (won ? 1.6 : 0.89), 0.004, 0.5);
    }
    auto& m = moves[p.move];
    m.wins = m.wins * 0.97 + (won ? 1 : 0);
    m.tries = m.tries * 0.97 + 1;
  }
  if (won) {
    gains.push_back(std::move(changed));
    if (gains.size() > max_gains) gains.erase(gains.begin());
  }
}

void search_memory::learn(const edit_context& context) {
  bool higher = context.settings->metric_direction == metric_direction::higher_is_better;
  if (evaluated.empty()) {
    evaluated_place baseline;
    if (context.baseline_metric)
      baseline.loss = higher ? -*context.baseline_metric : *context.baseline_metric;
    evaluated.push_back(baseline);
  }
  std::vector<pending_proposal> open;
  for (auto& p : pending) {
    const iteration_record *same = nullptr, *other = nullptr;
    for (const auto& r : context.history)
      if (r.iteration == p.iteration && !r.decision.empty())
        (r.candidate.hypothesis == p.hypothesis ? same : other) = &r;
    if (same)
      settle(p, same, higher);
    else if (!other && p.iteration >= context.iteration)
      open.push_back(std::move(p));  // not decided yet
    // Otherwise another variant was taken, or the iteration has left the history unseen.
  }
  pending = std::move(open);
  if (pending.size() > max_pending) pending.erase(pending.begin(), pending.end() - max_pending);
}

}  // namespace ratchet
