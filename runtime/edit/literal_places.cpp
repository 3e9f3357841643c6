// SPDX-License-Identifier: MIT
#include "runtime/edit/literal_places.hpp"

#include <algorithm>
#include <cmath>

#include "actors/logic/metric_lines.hpp"
#include "runtime/edit/code_places.hpp"
#include "runtime/edit/config_places.hpp"
#include "runtime/edit/setting_names.hpp"
#include "runtime/edit/variable_uses.hpp"

namespace ratchet {

namespace {

class place_reader {
 public:
  place_reader(const source_map& source, std::string_view metric,
               const std::set<std::string>& searched)
      : source_(source), searched_(searched), code_(is_code(source.family())), uses_(source) {
    names_.metric_name = metric;
    names_.code = code_;
    names_.training = trains();
    names_.has_n = !source.uses("N").empty();
    auto both = [&](const char* a, const char* b) {
      return !source.uses(a).empty() && !source.uses(b).empty();
    };
    names_.has_width = both("width", "height") || both("WIDTH", "HEIGHT") || both("W", "H");
    if (code_) roles_ = metric_lines(source.text(), metric);
  }

  literal_place place_of(std::size_t i) {
    literal_place p;
    p.token = i;
    if (code_)
      read_code(p);
    else
      read_config(p);
    return p;
  }

 private:
  bool trains() const {
    for (const char* word :
         {"lr",           "LR",           "learning_rate", "LEARNING_RATE", "learningRate",
          "weight_decay", "WEIGHT_DECAY", "dropout",       "DROPOUT",       "momentum",
          "MOMENTUM",     "optimizer",    "torch",         "backward",      "tensorflow",
          "sklearn",      "n_estimators", "epochs",        "EPOCHS",        "num_epochs"})
      if (!source_.uses(word).empty()) return true;
    return false;
  }

  number_form form_of(const literal_place& p, bool& boolean) const {
    const auto& t = source_.tokens()[p.token];
    boolean = t.kind == token_kind::word;
    if (boolean) return {};
    auto form = parse_number(source_.word(p.token)).value_or(number_form{});
    if (searched_.count(p.name)) {
      form.value = 12;  // says nothing
      form.significant = 2;
    }
    return form;
  }

  metric_role role_of(int line) const {
    auto i = static_cast<std::size_t>(line - 1);
    return i < roles_.size() ? roles_[i] : metric_role::none;
  }

  static bool in_capitals(std::string_view name) {
    return std::none_of(name.begin(), name.end(), [](unsigned char c) { return std::islower(c); });
  }

  void read_code(literal_place& p) {
    const auto& t = source_.tokens()[p.token];
    auto place = code_place_of(source_, p.token);
    p.name = std::move(place.name);
    p.why_not = std::move(place.why_not);
    if (!p.why_not.empty()) {
      if (role_of(t.line) != metric_role::none)
        p.why_not = role_of(t.line) == metric_role::prints ? "on the line that prints the metric"
                                                           : "in a formula of the metric";
      return;
    }
    if (auto apart = source_.set_apart(t.line); !apart.empty()) {
      p.why_not = apart;
      return;
    }
    if (role_of(t.line) == metric_role::prints && place.kind != code_place_kind::assignment) {
      p.why_not = "on the line that prints the metric";
      return;
    }
    p.named = true;
    bool boolean = false;
    auto form = form_of(p, boolean);
    auto names = names_;
    names.boolean = boolean;
    names.call_keyword = place.kind == code_place_kind::call_keyword;
    bool keyword = names.call_keyword || place.kind == code_place_kind::keyword;
    if (boolean && keyword) {
      p.why_not = "a switch of a call";
      return;
    }
    p.why_not = name_objection(p.name, form, names);
    if (p.why_not.empty() && place.kind == code_place_kind::keyword &&
        (form.value == 0 || form.value == 1))
      p.why_not = "a neutral default";
    if (p.why_not.empty() && place.kind == code_place_kind::enumerator && form.value < 8)
      p.why_not = "a number of an enumeration";
    if (p.why_not.empty() && place.kind == code_place_kind::assignment && !place.fixed)
      p.why_not = uses_.objection(place.variable, p.token, form, boolean);
    if (p.why_not.empty() && place.kind == code_place_kind::assignment && !place.fixed &&
        !boolean && !form.real && std::fabs(form.value) <= 1 && !in_capitals(p.name))
      p.why_not = "a starting value";
    if (p.why_not.empty() && !boolean && form.value == -1 && !form.real)
      p.why_not = "-1 stands for none";
    if (p.why_not.empty() && uses_.averages(place.variable, roles_))
      p.why_not = "the metric is divided by it";
    p.weight = place.weight * (boolean                                    ? 0.4
                               : !form.real && std::fabs(form.value) <= 1 ? 0.2
                                                                          : 1.0);
  }

  void read_config(literal_place& p) {
    auto place = config_place_of(source_, p.token);
    p.name = std::move(place.name);
    p.why_not = std::move(place.why_not);
    if (!p.why_not.empty()) return;
    p.named = true;
    bool boolean = false;
    auto form = form_of(p, boolean);
    auto names = names_;
    names.boolean = boolean;
    names.parents = std::move(place.parents);
    if (source_.family() == file_family::prose) {
      // A text that holds one number is the user's own choice, whatever that is called.
      names.metric_name.clear();
    }
    p.why_not = name_objection(p.name, form, names);
    if (p.why_not.empty() && place.variable)
      p.why_not = uses_.objection(p.name, p.token, form, boolean);
    if (p.why_not.empty() && !boolean && form.value == -1 && !form.real)
      p.why_not = "-1 stands for none";
    p.weight = boolean ? 0.4 : !form.real && std::fabs(form.value) <= 1 ? 0.2 : 1.0;
  }

  const source_map& source_;
  const std::set<std::string>& searched_;
  bool code_;
  name_context names_;
  variable_uses uses_;
  std::vector<metric_role> roles_;
};

/// Constants that only number something: 0, 1, 2, … or 1, 2, 4, … on lines one below the other.
void leave_numbered_out(const source_map& source, const std::set<std::string>& searched,
                        std::vector<literal_place>& places) {
  auto value_of = [&](const literal_place& p) -> double {
    if (searched.count(p.name)) return NAN;
    auto form = parse_number(source.word(p.token));
    return form && !form->real ? form->value : NAN;
  };
  auto line_of = [&](const literal_place& p) { return source.tokens()[p.token].line; };
  for (std::size_t begin = 0; begin < places.size();) {
    std::size_t end = begin + 1;
    bool doubles = true;
    while (end < places.size() && places[end - 1].named && places[end].named) {
      double before = value_of(places[end - 1]), now = value_of(places[end]);
      bool next = now == before + 1;
      bool twice = doubles && value_of(places[begin]) == 1 && now == 2 * before;
      int apart = line_of(places[end]) - line_of(places[end - 1]);
      if ((!next && !twice) || apart > 2) break;
      doubles = twice;
      ++end;
    }
    if (end - begin >= 3)
      for (std::size_t i = begin; i < end; ++i)
        if (places[i].why_not.empty()) places[i].why_not = "one of a numbered list";
    begin = end;
  }
}

}  // namespace

std::vector<literal_place> literal_places(const source_map& source, std::string_view metric_name,
                                          const std::set<std::string>& searched) {
  std::vector<literal_place> out;
  place_reader all(source, metric_name, searched);
  for (std::size_t i = 0; i < source.tokens().size(); ++i) {
    const auto& t = source.tokens()[i];
    if (t.kind == token_kind::number || (t.kind == token_kind::word && t.setting))
      out.push_back(all.place_of(i));
  }
  if (is_code(source.family())) leave_numbered_out(source, searched, out);
  return out;
}

}  // namespace ratchet
