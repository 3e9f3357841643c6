// SPDX-License-Identifier: MIT
#include "runtime/edit/search_memory.hpp"

#include <algorithm>
#include <cmath>

namespace ratchet {

namespace {

constexpr std::size_t max_seen = 5000, max_evaluated = 120, max_gains = 16, max_pending = 64;
constexpr std::string_view alphabet =
    "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_";

assignment values(const json& j) {
  assignment out;
  for (const auto& [key, value] : j.items()) out[key] = value.get<double>();
  return out;
}

json as_json(const assignment& a) {
  json j = json::object();
  for (const auto& [key, value] : a) j[key] = value;
  return j;
}

}  // namespace

void search_memory::note(std::uint64_t content) {
  content &= mask;
  if (!seen_.insert(content).second) return;
  order_.push_back(content);
  if (order_.size() > max_seen) {
    seen_.erase(order_.front());
    order_.erase(order_.begin());
  }
}

search_memory search_memory::from(const json& state) try {
  search_memory m;
  if (!state.is_object() || state.value("version", 0) != 1) return m;
  m.proposals = state.at("proposals").get<long long>();
  m.origin = values(state.at("origin"));
  for (const auto& [key, c] : state.at("credit").items())
    m.credit[key] = {c.at(0).get<double>(), c.at(1).get<double>(), c.at(2).get<double>(),
                     c.at(3).get<int>()};
  for (const auto& [key, c] : state.at("moves").items())
    m.moves[key] = {c.at(0).get<double>(), c.at(1).get<double>()};
  for (const auto& p : state.at("pending"))
    m.pending.push_back({p.at("iteration").get<int>(), p.at("hypothesis").get<std::string>(),
                         p.at("move").get<std::string>(), values(p.at("from")),
                         values(p.at("to"))});
  for (const auto& e : state.at("evaluated")) {
    evaluated_place place{values(e.at("at")), {}};
    if (!e.at("loss").is_null()) place.loss = e["loss"].get<double>();
    m.evaluated.push_back(std::move(place));
  }
  for (const auto& g : state.at("gains")) {
    auto& gain = m.gains.emplace_back();
    for (const auto& [key, c] : g.items())
      gain[key] = {c.at(0).get<double>(), c.at(1).get<double>()};
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
  json credits = json::object(), move_credits = json::object(), open = json::array(),
       places = json::array(), won = json::array();
  for (const auto& [key, c] : credit) credits[key] = {c.step, c.wins, c.tries, c.direction};
  for (const auto& [key, c] : moves) move_credits[key] = {c.wins, c.tries};
  for (const auto& p : pending)
    open.push_back({{"iteration", p.iteration},
                    {"hypothesis", p.hypothesis},
                    {"move", p.move},
                    {"from", as_json(p.from)},
                    {"to", as_json(p.to)}});
  for (const auto& e : evaluated) {
    json place{{"at", as_json(e.at)}, {"loss", nullptr}};
    if (e.loss) place["loss"] = *e.loss;
    places.push_back(std::move(place));
  }
  for (const auto& g : gains) {
    json gain = json::object();
    for (const auto& [key, c] : g) gain[key] = {c.first, c.second};
    won.push_back(std::move(gain));
  }
  std::string seen;
  for (auto content : order_)
    for (int k = 7; k >= 0; --k) seen += alphabet[content >> (6 * k) & 63];
  return {{"version", 1},    {"proposals", proposals}, {"origin", as_json(origin)},
          {"seen", seen},    {"credit", credits},      {"moves", move_credits},
          {"pending", open}, {"evaluated", places},    {"gains", won}};
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
    evaluated.push_back(std::move(place));
    // The oldest goes, but never the first: it is the baseline.
    if (evaluated.size() > max_evaluated) evaluated.erase(evaluated.begin() + 1);
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
  bool higher = context.settings.metric_direction == metric_direction::higher_is_better;
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
