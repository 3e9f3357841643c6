// SPDX-License-Identifier: MIT
#include "runtime/edit/parameters.hpp"

#include <algorithm>
#include <map>
#include <set>

#include "actors/logic/text.hpp"
#include "runtime/edit/file_survey.hpp"

namespace ratchet {

namespace {

/// "SEED: a seed; 9 numbers in expressions": the named ones first.
std::string left_out_in_words(const std::vector<left_out_literal>& left_out) {
  std::vector<std::string> parts;
  std::map<std::string, int> others;
  for (const auto& l : left_out) {
    if (l.named && !l.name.empty())
      parts.push_back(l.name + ": " + l.why);
    else
      ++others[l.why];
  }
  for (const auto& [why, count] : others) parts.push_back(std::to_string(count) + " × " + why);
  return listed(parts, 6);
}

/// Named one by one, all are searched; of a folder what is worth it.
std::vector<const std::map<std::string, std::string>::value_type*> within_limits(
    const std::map<std::string, std::string>& targets, settings_survey& survey) {
  std::vector<const std::map<std::string, std::string>::value_type*> files;
  std::size_t bytes = 0;
  for (const auto& target : targets) {
    const auto& [file, text] = target;
    const bool fits = text.size() <= most_searched_bytes_of_a_file &&
                      bytes + text.size() <= most_searched_bytes &&
                      files.size() < most_searched_files;
    if (!fits && targets.size() > 1) {
      survey.not_searched.push_back(file + " (" + std::to_string(text.size()) + " bytes)");
      continue;
    }
    bytes += text.size();
    survey.files.push_back(file);
    files.push_back(&target);
  }
  return files;
}

}  // namespace

failure nothing_to_search(const settings_survey& survey) {
  std::vector<std::string> files = survey.files;
  std::string where = files.empty() ? "the targets" : listed(files, 3);
  std::string text = "found no literal to change";
  if (survey.regions)
    text += " between \"ratchet: begin\" and \"ratchet: end\" in " + where;
  else if (survey.annotated_only)
    text += " that is annotated in " + where;
  else
    text += " in " + where +
            ": nothing there reads like a setting (a literal that is the whole value of an "
            "assignment, constant, #define, default or key)";
  if (!survey.not_searched.empty()) text += "; not searched: " + listed(survey.not_searched, 3);
  if (!survey.left_out.empty()) text += "; left out: " + left_out_in_words(survey.left_out);
  text +=
      ". Please annotate one, with a comment at the end of its line such as \"ratchet: range "
      "8..512\" or \"ratchet: choices 1, 2, 4\"; or use another edit backend. `ratchet settings "
      "FILE` lists what is found";
  auto why = fail(errc::edit_refused, text);
  why.permanent = true;
  return why;
}

expected<settings_survey> survey_settings(const std::map<std::string, std::string>& targets,
                                          const json& options, std::string_view metric_name,
                                          const searched_keys& searched) {
  settings_survey out;
  std::vector<file_survey> surveys;
  std::vector<std::string> files;
  for (const auto* target : within_limits(targets, out)) {
    const auto& [file, text] = *target;
    if (text.find('\0') != std::string::npos) continue;
    std::set<std::string> names;
    for (const auto& key : searched)
      if (key.starts_with(file + ":"))
        names.insert(key.substr(file.size() + 1, key.rfind('#') - file.size() - 1));
    surveys.emplace_back(file, text, metric_name, names);
    files.push_back(file);
  }
  bool annotated = false;
  for (auto& survey : surveys) {
    if (auto read = survey.read_annotations(); !read) return read.error();
    out.regions = out.regions || survey.has_regions();
    annotated = annotated || survey.has_annotations();
  }
  const json named = options.value("parameters", json::array());
  out.annotated_only = options.contains("only_annotated") ? options["only_annotated"].get<bool>()
                                                          : annotated || !named.empty();
  for (auto& survey : surveys) {
    if (auto taken = survey.take_annotated(); !taken) return taken.error();
    if (!out.annotated_only || survey.has_regions()) survey.take_settings();
  }
  for (std::size_t i = 0; i < named.size(); ++i) {
    std::string file = named[i].value("file", targets.empty() ? "" : targets.begin()->first);
    auto it = std::find(files.begin(), files.end(), file);
    if (it == files.end())
      return fail(errc::edit_refused, "edit_backend parameter " + std::to_string(i + 1) +
                                          " names \"" + file + "\", which is not a target");
    auto& survey = surveys[static_cast<std::size_t>(it - files.begin())];
    if (auto taken = survey.take_option(named[i], i); !taken) return taken.error();
  }
  for (auto& survey : surveys) {
    if (out.regions) survey.keep_regions_only();
    for (auto& p : survey.result()) {
      auto count = p.values.size();
      if (!count || *count > 1) out.found.push_back(std::move(p));
    }
    for (auto& l : survey.left_out()) out.left_out.push_back(std::move(l));
  }
  return out;
}

expected<std::vector<parameter>> parameters_of(const std::map<std::string, std::string>& targets,
                                               const json& options, std::string_view metric_name,
                                               const searched_keys& searched) {
  auto survey = survey_settings(targets, options, metric_name, searched);
  if (!survey) return survey.error();
  if (survey->found.empty()) return nothing_to_search(*survey);
  return std::move(survey->found);
}

std::vector<file_change> with_values(const std::map<std::string, std::string>& targets,
                                     const std::vector<parameter>& parameters,
                                     const std::vector<std::string>& texts) {
  std::vector<file_change> changes;
  for (std::size_t i = 0; i < parameters.size();) {
    const auto& file = parameters[i].file;
    const std::string& old = targets.at(file);
    std::string fresh;
    std::size_t copied = 0;
    for (; i < parameters.size() && parameters[i].file == file; ++i) {
      const auto& p = parameters[i];
      fresh.append(old, copied, p.begin - copied);
      // "a-3" with -2 would become "a--2", another operator.
      if (texts[i].starts_with('-') && !fresh.empty() && fresh.back() == '-') fresh += ' ';
      fresh += texts[i];
      copied = p.end;
    }
    fresh.append(old, copied);
    if (fresh != old) changes.push_back({file, std::move(fresh), std::nullopt});
  }
  return changes;
}

}  // namespace ratchet
