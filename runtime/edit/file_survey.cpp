// SPDX-License-Identifier: MIT
#include "runtime/edit/file_survey.hpp"

#include <re2/re2.h>

#include <algorithm>
#include <cmath>

#include "actors/logic/text.hpp"
#include "runtime/edit/pieces.hpp"
#include "runtime/edit/tokens.hpp"

namespace ratchet {

namespace {

failure refused_at(const std::string& file, int line, const std::string& why) {
  return fail(errc::edit_refused, file + ":" + std::to_string(line) + ": " + why);
}

domain numeric(double lo, double hi, double step, std::optional<bool> log, bool whole,
               const number_form& form) {
  bool scale_like = log.value_or(lo > 0 && hi / lo >= 64);
  if (step == 1 && whole && !form.real) step = 0;
  if (step > 0) return domain::steps(lo, hi, step, form);
  if (whole && !form.real) return domain::integers(lo, hi, scale_like);
  return domain::reals(lo, hi, scale_like, form);
}

}  // namespace

file_survey::file_survey(const std::string& file, std::string_view text,
                         std::string_view metric_name, const std::set<std::string>& searched)
    : file_(file),
      text_(text),
      source_(file, text, tokens_of(file, text)),
      places_(literal_places(source_, metric_name, searched)) {
  for (const auto& t : source_.tokens()) {
    if (t.kind == token_kind::comment) continue;
    for (int l = t.line, n = l + lines_in(t); l <= n; ++l) code_lines_.insert(l);
  }
  for (const auto& p : places_)
    if (!p.name.empty()) names_[source_.tokens()[p.token].begin] = one_line(valid_utf8(p.name), 60);
}

expected<void> file_survey::read_annotations() {
  for (std::size_t i = 0; i < source_.tokens().size(); ++i) {
    const auto& t = source_.tokens()[i];
    if (t.kind != token_kind::comment) continue;
    auto clauses = clauses_of(t.text(text_), t.line);
    if (!clauses) return refused_at(file_, t.line, clauses.error().text);
    int last = t.line + lines_in(t);
    for (auto& c : *clauses) {
      if (c.kind == clause_kind::begin || c.kind == clause_kind::end) {
        regions_.push_back({c.line, c.kind == clause_kind::begin});
        continue;
      }
      int line = code_lines_.count(c.line) ? c.line : next_code_line(last);
      if (line == 0)
        return refused_at(file_, c.line, "the annotation has no line of code to apply to");
      clauses_[line].push_back(c);
    }
  }
  return {};
}

bool file_survey::has_annotations() const {
  return std::any_of(clauses_.begin(), clauses_.end(), [](const auto& entry) {
    return std::any_of(entry.second.begin(), entry.second.end(),
                       [](const clause& c) { return c.kind != clause_kind::skip; });
  });
}

expected<void> file_survey::take_annotated() {
  for (auto& [line, clauses] : clauses_) {
    if (std::any_of(clauses.begin(), clauses.end(),
                    [](const clause& c) { return c.kind == clause_kind::skip; }))
      continue;
    std::size_t used = 0;
    for (const auto& c : clauses) {
      auto taken =
          c.kind == clause_kind::choices ? take_choice(line, c, used) : take_number(line, c, used);
      if (!taken) return taken.error();
    }
  }
  return {};
}

void file_survey::take_settings() {
  for (const auto& p : places_) {
    const auto& t = source_.tokens()[p.token];
    // Inside a region the user has asked for all numbers, but a seed is still a seed.
    bool asked = has_regions() && in_region(t.line) && t.setting && !p.named;
    if ((!p.why_not.empty() && !asked) || clauses_.count(t.line) || overlaps(t.begin, t.end))
      continue;
    if (t.kind == token_kind::number) {
      auto form = *parse_number(t.text(text_));
      add(t.begin, t.end, t.line, implied_domain(form), form, p.weight);
      found_.back().implied = true;
    } else {
      bool capital = t.text(text_).front() == 'T' || t.text(text_).front() == 'F';
      add(t.begin, t.end, t.line,
          domain::choices(capital ? std::vector<std::string>{"False", "True"}
                                  : std::vector<std::string>{"false", "true"}),
          {}, p.weight);
    }
  }
}

void file_survey::keep_regions_only() {
  std::erase_if(found_, [&](const parameter& p) { return p.weight >= 0 && !in_region(p.line); });
}

expected<void> file_survey::take_option(const json& option, std::size_t index) {
  std::string where = "edit_backend parameter " + std::to_string(index + 1);
  auto pattern = option.at("match").get<std::string>();
  RE2 regex(pattern, RE2::Quiet);
  re2::StringPiece match[2];
  if (!regex.ok() || regex.NumberOfCapturingGroups() != 1 ||
      !regex.Match(re2::StringPiece(text_.data(), text_.size()), 0, text_.size(), RE2::UNANCHORED,
                   match, 2) ||
      match[1].data() == nullptr)
    return fail(errc::edit_refused, where + ": its pattern \"" + one_line(pattern, 80) +
                                        "\" matches nothing in " + file_ +
                                        "; correct match, or leave the parameter out");
  auto begin = static_cast<std::size_t>(match[1].data() - text_.data());
  auto end = begin + match[1].size();
  std::string literal(text_.substr(begin, end - begin));
  int line = 1 + static_cast<int>(std::count(text_.begin(), text_.begin() + begin, '\n'));
  auto form = parse_number(literal);
  domain values;
  if (option.contains("choices")) {
    std::vector<std::string> texts;
    for (const auto& c : option["choices"])
      texts.push_back(c.is_string() ? c.get<std::string>() : c.dump());
    values = domain::choices(std::move(texts));
  } else if (!form) {
    return refused_at(file_, line,
                      where + " matches \"" + one_line(literal, 40) +
                          "\", which is no number; give it choices instead of a range");
  } else if (option.contains("range")) {
    const auto& range = option["range"];
    double lo = range[0].get<double>(), hi = range[1].get<double>();
    double step = option.value("step", 0.0);
    bool whole = lo == std::floor(lo) && hi == std::floor(hi) && step == std::floor(step);
    std::optional<bool> log;
    if (option.contains("log")) log = option["log"].get<bool>();
    values = numeric(lo, hi, step, log, whole, *form);
  } else {
    values = implied_domain(*form);
  }
  std::erase_if(found_, [&](const parameter& p) { return p.begin < end && begin < p.end; });
  add(begin, end, line, std::move(values), form.value_or(number_form{}), 1);
  found_.back().weight = -1;  // an option counts inside and outside regions
  return {};
}

std::vector<parameter> file_survey::result() {
  std::sort(found_.begin(), found_.end(),
            [](const auto& a, const auto& b) { return a.begin < b.begin; });
  std::map<std::string, int> seen;
  for (auto& p : found_) {
    p.weight = std::fabs(p.weight);
    p.key = valid_utf8(file_ + ":" + p.name + "#" + std::to_string(++seen[p.name]));
  }
  return found_;
}

std::vector<left_out_literal> file_survey::left_out() const {
  std::vector<left_out_literal> out;
  for (const auto& p : places_) {
    const auto& t = source_.tokens()[p.token];
    if (overlaps(t.begin, t.end)) continue;
    left_out_literal l;
    auto name = names_.find(t.begin);
    l.name = name == names_.end() ? "" : name->second;
    l.file = file_;
    l.line = t.line;
    l.text = valid_utf8(t.text(text_));
    l.named = p.named;
    auto clauses = clauses_.find(t.line);
    bool skipped = clauses != clauses_.end() &&
                   std::any_of(clauses->second.begin(), clauses->second.end(),
                               [](const clause& c) { return c.kind == clause_kind::skip; });
    l.why = skipped              ? "its line says skip"
            : !p.why_not.empty() ? p.why_not
            : has_regions()      ? "outside the region"
                                 : "others are annotated, this is not";
    out.push_back(std::move(l));
  }
  return out;
}

int file_survey::lines_in(const token& t) const {
  auto s = t.text(text_);
  return static_cast<int>(std::count(s.begin(), s.end(), '\n'));
}

int file_survey::next_code_line(int after) const {
  auto it = code_lines_.upper_bound(after);
  return it == code_lines_.end() ? 0 : *it;
}

bool file_survey::in_region(int line) const {
  bool inside = false;
  for (const auto& [at, begins] : regions_) {
    if (at > line) break;
    inside = begins;
  }
  return inside;
}

bool file_survey::overlaps(std::size_t begin, std::size_t end) const {
  return std::any_of(found_.begin(), found_.end(),
                     [&](const auto& p) { return p.begin < end && begin < p.end; });
}

// Else the nearest word or string to the left on the same line.
std::string file_survey::name_before(std::size_t begin, int line) const {
  for (auto at : {begin, begin > 0 ? begin - 1 : begin})  // a string's contents begin one later
    if (auto known = names_.find(at); known != names_.end()) return known->second;
  // Part of an expression: what that is assigned to.
  static const RE2 assigned("^[^=]*?([A-Za-z_][\\w.\\-]*)\\s*(?:[-+*/:?]?=)[^=]");
  std::string name;
  if (RE2::PartialMatch(piece(source_.line_before(begin)), assigned, &name))
    return one_line(valid_utf8(name), 60);
  const auto& tokens = source_.tokens();
  auto t = std::lower_bound(tokens.begin(), tokens.end(), begin,
                            [](const token& a, std::size_t at) { return a.begin < at; });
  while (t != tokens.begin()) {
    --t;
    if (t->line != line) break;
    if (t->end > begin) continue;
    auto s = t->text(text_);
    if (t->kind == token_kind::string && s.size() > 2)
      s = s.substr(1, s.size() - 2);
    else if (t->kind != token_kind::word || t->setting)
      continue;
    name = one_line(valid_utf8(s), 60);
    break;
  }
  return name.empty() ? "literal" : name;
}

void file_survey::add(std::size_t begin, std::size_t end, int line, domain values, number_form form,
                      double weight) {
  parameter p;
  p.name = name_before(begin, line);
  p.file = file_;
  p.line = line;
  p.begin = begin;
  p.end = end;
  p.text = text_.substr(begin, end - begin);
  p.form = std::move(form);
  p.values = std::move(values);
  p.weight = weight;
  found_.push_back(std::move(p));
}

/// `used`: where the last clause's literal ended, so that each clause takes the next one.
expected<void> file_survey::take_number(int line, const clause& c, std::size_t& used) {
  for (const auto& t : source_.tokens()) {
    if (t.line != line || t.kind != token_kind::number || t.begin < used) continue;
    auto form = *parse_number(t.text(text_));
    domain values;
    if (c.kind == clause_kind::power_of_two) {
      values = domain::powers_of_two(c.lo, c.hi, form);
      if (*values.size() < 2)
        return refused_at(file_, c.line, "the range holds fewer than two powers of two");
    } else if (form.hex && (c.lo < 0 || !c.whole)) {
      return refused_at(file_, c.line,
                        "a hexadecimal literal needs a range of whole numbers from 0");
    } else {
      values = numeric(c.lo, c.hi, c.step, c.log, c.whole, form);
    }
    used = t.end;
    add(t.begin, t.end, line, std::move(values), form, 1);
    return {};
  }
  return refused_at(file_, line, "the line is annotated with a range but has no number for it");
}

expected<void> file_survey::take_choice(int line, const clause& c, std::size_t& used) {
  bool numbers = !c.quoted && std::all_of(c.choices.begin(), c.choices.end(), [](const auto& t) {
    return parse_number(t).has_value();
  });
  const token *equal = nullptr, *only_string = nullptr;
  int strings = 0;
  for (const auto& t : source_.tokens()) {
    if (t.line != line || t.begin < used) continue;
    if (numbers && t.kind == token_kind::number) {
      used = t.end;
      add(t.begin, t.end, line, domain::choices(c.choices), *parse_number(t.text(text_)), 1);
      return {};
    }
    if (numbers || t.kind != token_kind::string || t.end - t.begin < 2) continue;
    ++strings;
    only_string = &t;
    auto inside = text_.substr(t.begin + 1, t.end - t.begin - 2);
    if (!equal && std::find(c.choices.begin(), c.choices.end(), inside) != c.choices.end())
      equal = &t;
  }
  if (!equal && c.quoted && strings == 1) equal = only_string;
  if (equal) {
    used = equal->end;
    add(equal->begin + 1, equal->end - 1, line, domain::choices(c.choices), {}, 1);
    return {};
  }
  auto span = find_word(line, c, used);
  if (!span)
    return refused_at(file_, line, "the line is annotated with choices but has none of them");
  used = span->second;
  auto form = parse_number(text_.substr(span->first, span->second - span->first));
  add(span->first, span->second, line, domain::choices(c.choices), form.value_or(number_form{}), 1);
  return {};
}

/// One of the choices as a whole word of the line, outside strings and comments.
std::optional<std::pair<std::size_t, std::size_t>> file_survey::find_word(int line, const clause& c,
                                                                          std::size_t from) const {
  std::size_t begin = 0;
  for (int l = 1; l < line; ++l) begin = text_.find('\n', begin) + 1;
  auto end = std::min(text_.find('\n', begin), text_.size());
  auto part = [](char ch) {
    return std::isalnum(static_cast<unsigned char>(ch)) || ch == '_' || ch == '-';
  };
  for (std::size_t i = std::max(begin, from); i < end; ++i) {
    bool covered =
        std::any_of(source_.tokens().begin(), source_.tokens().end(), [&](const token& t) {
          return (t.kind == token_kind::comment || t.kind == token_kind::string) && t.begin <= i &&
                 i < t.end;
        });
    if (covered || (i > begin && part(text_[i - 1]))) continue;
    for (const auto& choice : c.choices)
      if (!choice.empty() && text_.substr(i, choice.size()) == choice && i + choice.size() <= end &&
          (i + choice.size() == text_.size() || !part(text_[i + choice.size()])))
        return std::pair{i, i + choice.size()};
  }
  return std::nullopt;
}

}  // namespace ratchet
