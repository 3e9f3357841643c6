// SPDX-License-Identifier: MIT
#include "actors/logic/metric_file.hpp"

#include <algorithm>
#include <cmath>

#include "actors/logic/metric_scan.hpp"
#include "actors/logic/text.hpp"
#include "messages/json.hpp"

namespace ratchet {

std::optional<std::vector<pointer_step>> pointer_steps(std::string_view pointer) {
  std::vector<pointer_step> steps;
  while (!pointer.empty()) {
    if (pointer[0] != '/') return std::nullopt;
    pointer.remove_prefix(1);
    pointer_step step;
    std::size_t equals = pointer.find('=');
    if (pointer.starts_with('[') && equals != std::string_view::npos && equals > 1) {
      std::size_t close = pointer.find("]/");
      if (close == std::string_view::npos) close = pointer.size() - 1;
      if (pointer[close] != ']' || equals > close) return std::nullopt;
      step.member = pointer.substr(1, equals - 1);
      step.text = pointer.substr(equals + 1, close - equals - 1);
      pointer.remove_prefix(close + 1);
    } else {
      std::size_t end = std::min(pointer.find('/'), pointer.size());
      for (std::size_t i = 0; i < end; ++i) {
        if (pointer[i] != '~') {
          step.text += pointer[i];
          continue;
        }
        if (++i == end || (pointer[i] != '0' && pointer[i] != '1')) return std::nullopt;
        step.text += pointer[i] == '0' ? '~' : '/';
      }
      pointer.remove_prefix(end);
    }
    steps.push_back(std::move(step));
  }
  return steps;
}

namespace {

/// JSON, also as Python and JavaScript write what is not finite: such a word becomes that text.
json lenient_json(std::string_view text) {
  json document = json::parse(text, nullptr, false);
  if (!document.is_discarded()) return document;
  std::string fixed;
  bool in_text = false, any = false;
  for (std::size_t i = 0; i < text.size(); ++i) {
    char c = text[i];
    if (in_text) {
      if (c == '\\' && i + 1 < text.size()) fixed += text[i++];
      if (c == '"') in_text = false;
    } else if (c == '"') {
      in_text = true;
    } else {
      bool found = false;
      for (std::string_view word : {"NaN", "Infinity", "-Infinity"})
        if (text.substr(i).starts_with(word)) {
          fixed += '"' + std::string(word) + '"';
          i += word.size() - 1;
          found = any = true;
          break;
        }
      if (found) continue;
    }
    fixed += text[i];
  }
  return any ? json::parse(fixed, nullptr, false) : document;
}

const json* at_steps(const json& document, const std::vector<pointer_step>& steps) {
  const json* value = &document;
  for (const auto& step : steps) {
    if (!step.member.empty()) {
      if (!value->is_array()) return nullptr;
      auto named = std::find_if(value->begin(), value->end(), [&](const json& element) {
        if (!element.is_object()) return false;
        auto member = element.find(step.member);
        if (member == element.end()) return false;
        return member->is_string() ? member->get_ref<const std::string&>() == step.text
                                   : member->dump() == step.text;
      });
      if (named == value->end()) return nullptr;
      value = &*named;
    } else if (value->is_object()) {
      auto member = value->find(step.text);
      if (member == value->end()) return nullptr;
      value = &*member;
    } else if (value->is_array()) {
      bool index = !step.text.empty() && step.text.size() < 10 &&
                   std::all_of(step.text.begin(), step.text.end(), is_digit) &&
                   (step.text == "0" || step.text[0] != '0');
      if (!index || std::stoul(step.text) >= value->size()) return nullptr;
      value = &(*value)[std::stoul(step.text)];
    } else {
      return nullptr;
    }
  }
  return value;
}

std::string written(const json& value) {
  return value.dump(-1, ' ', true, json::error_handler_t::replace);
}

printed_value value_of(const json& value, lone_comma comma) {
  printed_value result;
  if (value.is_string()) return whole_value(value.get_ref<const std::string&>(), comma);
  if (!value.is_number()) return result;
  result.value = value.get<double>();
  result.kind = std::isfinite(result.value) ? number_kind::finite : number_kind::not_finite;
  return result;
}

metric_reading finished(const metric_choice& choice, const char* source, const std::string& where) {
  auto reading = choice.reading(source);
  if (!reading.value) reading.missing = where + ": " + reading.missing;
  return reading;
}

/// The names that a list's elements have, for a step by name that found none.
std::string names_in(const json& document, const std::vector<pointer_step>& steps) {
  for (std::size_t n = 0; n < steps.size(); ++n) {
    if (steps[n].member.empty()) continue;
    std::vector<pointer_step> before(steps.begin(), steps.begin() + static_cast<std::ptrdiff_t>(n));
    const json* list = at_steps(document, before);
    if (!list || !list->is_array()) return "";
    std::vector<std::string> names;
    for (const auto& element : *list)
      if (element.is_object() && element.contains(steps[n].member)) {
        const auto& name = element[steps[n].member];
        names.push_back(name.is_string() ? name.get<std::string>() : written(name));
      }
    std::string near = nearest_word(steps[n].text, names);
    return steps[n].member + " is one of " + listed(names, 8) +
           (near.empty() || near == steps[n].text ? "" : "; did you mean " + shown(near) + "?");
  }
  return "";
}

metric_reading read_json(const compiled_metric& metric, std::string_view bytes) {
  const std::string where = metric.file_path + "#" + metric.file_place;
  const auto steps = *pointer_steps(metric.file_place);
  const metric_pick pick = metric.rule.pick;
  std::vector<json> documents{lenient_json(bytes)};
  if (documents[0].is_discarded()) {
    documents.clear();
    auto lines = lines_of(bytes);
    std::erase_if(lines, [](std::string_view line) {
      return line.find_first_not_of(" \t\r") == std::string_view::npos;
    });
    // JSON Lines; of a torn file the first line is no document either.
    bool several = lines.size() > 1 && !lenient_json(lines.front()).is_discarded();
    if (several && pick == metric_pick::last) lines = {lines.back()};
    for (auto line : lines) {
      if (!several) break;
      documents.push_back(lenient_json(line));
      if (documents.back().is_discarded()) {
        documents.clear();
        break;
      }
    }
    if (documents.empty())
      return {{}, "", "the file " + metric.file_path + " is not valid JSON, nor JSON Lines"};
  }
  metric_choice choice;
  const json* other = nullptr;
  for (const auto& document : documents) {
    const json* value = at_steps(document, steps);
    if (!value) continue;
    auto number = value_of(*value, metric.comma);
    if (number.kind == number_kind::none) other = value;
    choice.take(number, written(*value), pick);
  }
  if (choice.any()) return finished(choice, "json", where);
  if (other) return {{}, "", where + " is no number but " + shown(written(*other))};
  metric_reading reading{{}, "", where + " names nothing in the file that the run left"};
  if (auto names = names_in(documents.back(), steps); !names.empty())
    reading.hints.push_back(names);
  return reading;
}

/// The next row of a CSV file; quoted cells may hold separators, quotes twice, and line breaks.
std::vector<std::string> next_row(std::string_view& text, char separator) {
  std::vector<std::string> cells(1);
  bool quoted = false;
  std::size_t i = 0;
  for (; i < text.size(); ++i) {
    char c = text[i];
    if (quoted) {
      if (c != '"')
        cells.back() += c;
      else if (i + 1 < text.size() && text[i + 1] == '"')
        cells.back() += text[i++];
      else
        quoted = false;
    } else if (c == '"' && cells.back().find_first_not_of(" \t") == std::string::npos) {
      cells.back().clear();
      quoted = true;
    } else if (c == separator) {
      cells.emplace_back();
    } else if (c == '\n') {
      ++i;
      break;
    } else if (c != '\r') {
      cells.back() += c;
    }
  }
  text.remove_prefix(i);
  for (auto& cell : cells) {
    std::size_t begin = std::min(cell.find_first_not_of(" \t"), cell.size());
    std::size_t end = cell.find_last_not_of(" \t");
    cell = begin == cell.size() ? "" : cell.substr(begin, end - begin + 1);
  }
  return cells;
}

char separator_of(std::string_view text) {
  std::string_view header = text.substr(0, text.find('\n'));
  char best = ',';
  std::ptrdiff_t most = 0;
  for (char c : {',', ';', '\t'}) {
    auto n = std::count(header.begin(), header.end(), c);
    if (n > most) {
      most = n;
      best = c;
    }
  }
  return best;
}

metric_reading read_csv(const compiled_metric& metric, std::string_view bytes) {
  const std::string& column = metric.file_place;
  if (bytes.starts_with("\xEF\xBB\xBF")) bytes.remove_prefix(3);
  const char separator = separator_of(bytes);
  const auto header = next_row(bytes, separator);
  auto at = std::find(header.begin(), header.end(), column);
  if (at == header.end()) {
    metric_reading reading{
        {}, "", "the file " + metric.file_path + " has no column " + shown(column)};
    std::string near = nearest_word(column, header);
    if (!near.empty()) reading.missing += "; did you mean " + shown(near) + "?";
    reading.hints.push_back("its columns are: " + listed(header, 12));
    return reading;
  }
  const auto index = static_cast<std::size_t>(at - header.begin());
  const std::string where = metric.file_path + "#" + column;
  metric_choice choice;
  std::string other;
  bool other_last = false;
  while (!bytes.empty()) {
    auto row = next_row(bytes, separator);
    if (index >= row.size() || row[index].empty()) continue;
    auto value = whole_value(row[index], metric.comma);
    other_last = value.kind == number_kind::none;
    if (other_last) other = row[index];
    choice.take(value, row[index], metric.rule.pick);
  }
  bool wants_last = metric.rule.pick == metric_pick::last;
  if (choice.any() && !(wants_last && other_last)) return finished(choice, "csv", where);
  if (!other.empty()) return {{}, "", where + " is no number but " + shown(other)};
  return {{}, "", where + " has no row with a value"};
}

}  // namespace

metric_reading read_file_metric(const compiled_metric& metric,
                                std::optional<std::string_view> bytes) {
  if (!bytes)
    return {{}, "", "the run left no file " + metric.file_path + " to read the metric from"};
  return metric.csv ? read_csv(metric, *bytes) : read_json(metric, *bytes);
}

}  // namespace ratchet
