// SPDX-License-Identifier: MIT
#include "actors/logic/constitution.hpp"

#include <re2/re2.h>

#include <algorithm>
#include <charconv>
#include <set>

#include "actors/logic/sha256.hpp"
#include "actors/logic/text.hpp"

namespace ratchet {

namespace {

failure refuse(const std::string& why) {
  return fail(errc::invalid_argument, "constitution: " + why, json{{"field", "constitution"}});
}

bool finds(const RE2& pattern, std::string_view text) {
  return RE2::PartialMatch({text.data(), text.size()}, pattern);
}

/// "./a//b/" is "a/b"; ".." takes a part away, so that no detour hides a path.
std::string normal_path(std::string_view path) {
  std::vector<std::string_view> parts;
  for (std::size_t begin = 0; begin <= path.size();) {
    std::size_t end = std::min(path.find('/', begin), path.size());
    std::string_view part = path.substr(begin, end - begin);
    if (part == "..") {
      if (!parts.empty()) parts.pop_back();
    } else if (!part.empty() && part != ".") {
      parts.push_back(part);
    }
    begin = end + 1;
  }
  std::string out;
  for (auto part : parts) out += (out.empty() ? "" : "/") + std::string(part);
  return out;
}

bool lies_in(const std::string& path, const std::string& folder) {
  return path == folder || (path.starts_with(folder) && path[folder.size()] == '/');
}

/// The lines that a diff adds. The "+++" of a file's header is none; in a hunk, which the counts of
/// its own header bound, every '+' is one.
std::vector<std::string_view> added_lines(std::string_view diff) {
  std::vector<std::string_view> added;
  std::string_view before;
  long long old_left = 0, new_left = 0;
  for (std::string_view line : lines_of(diff)) {
    bool header = line.starts_with("+++ ") && before.starts_with("--- ") && new_left <= 0;
    if (line.starts_with("@@ -") && old_left <= 0 && new_left <= 0) {
      auto count_after = [&](char sign) {
        std::size_t at = line.find(sign, 2);
        if (at == std::string_view::npos) return 0LL;
        std::string_view range = line.substr(at + 1);
        range = range.substr(0, range.find(' '));
        std::size_t comma = range.find(',');
        if (comma == std::string_view::npos) return 1LL;
        long long count = 0;
        std::from_chars(range.data() + comma + 1, range.data() + range.size(), count);
        return count;
      };
      old_left = count_after('-');
      new_left = count_after('+');
    } else if (line.starts_with('+') && !header) {
      added.push_back(line.substr(1));
      --new_left;
    } else if (line.starts_with('-')) {
      --old_left;
    } else if (line.starts_with(' ') || line.empty()) {
      --old_left;
      --new_left;
    }
    before = line;
  }
  return added;
}

constexpr std::string_view where_hypothesis = "hypothesis";
constexpr std::string_view where_diff = "diff_added";
constexpr std::string_view where_path = "path";

}  // namespace

std::string constitution::rules_digest() const {
  std::string all;
  for (const auto& rule : rules_) {
    for (const std::string& part : {rule.id,
                                    std::string{rule.hypothesis ? 'h' : '-',
                                                rule.diff_added ? 'd' : '-', rule.path ? 'p' : '-'},
                                    rule.pattern->pattern(), rule.reason})
      all += std::to_string(part.size()) + ':' + part;
  }
  return sha256_hex(all);
}

expected<constitution> constitution::load(std::string_view json_text) {
  return load(json_text, samples::tried);
}

expected<constitution> constitution::load(std::string_view json_text, samples how) {
  json document = json::parse(json_text, nullptr, false);
  if (document.is_discarded() || !document.is_object())
    return refuse("the rule file is not a JSON object");
  for (const auto& [key, value] : document.items())
    if (key != "version" && key != "rules" && key != "comment")
      return refuse("unknown key " + shown(key) + "; known are version, rules and comment");
  if (document.value("version", json()) != 1)
    return refuse("version must be 1, the only one that this Ratchet knows");
  if (!document.contains("rules") || !document["rules"].is_array())
    return refuse("rules must be a list");

  constitution result;
  result.text_ = json_text;
  RE2::Options options;
  options.set_log_errors(false);
  std::set<std::string> ids;
  std::size_t number = 0;
  for (const json& entry : document["rules"]) {
    const std::string which = "rule " + std::to_string(++number) + ": ";
    if (!entry.is_object()) return refuse(which + "it is not an object");
    auto text_of = [&](const char* key) {
      auto at = entry.find(key);
      return at != entry.end() && at->is_string() ? at->get<std::string>() : std::string();
    };
    const std::set<std::string> known{"id",      "applies_to", "pattern", "reason",
                                      "refuses", "allows",     "comment"};
    for (const auto& [key, value] : entry.items())
      if (known.count(key) == 0)
        return refuse(which + "unknown key " + shown(key) + "; did you mean " +
                      nearest_word(key, {known.begin(), known.end()}) + "?");
    rule r;
    r.id = text_of("id");
    r.reason = text_of("reason");
    static const RE2 good_id("[a-z0-9_]{1,64}");
    if (!RE2::FullMatch(r.id, good_id))
      return refuse(which + "id must be of a-z, 0-9 and _, at most 64 of them");
    if (!ids.insert(r.id).second) return refuse(which + "the id " + r.id + " is there twice");
    if (r.reason.empty()) return refuse(which + "reason must say why it refuses");
    json places = entry.value("applies_to", json());
    if (places.is_string()) places = json::array({places});
    if (!places.is_array() || places.empty())
      return refuse(which + "applies_to must be hypothesis, diff_added or path, or a list of them");
    for (const json& place : places) {
      if (place == where_hypothesis)
        r.hypothesis = true;
      else if (place == where_diff)
        r.diff_added = true;
      else if (place == where_path)
        r.path = true;
      else
        return refuse(which +
                      "applies_to must be hypothesis, diff_added or path, or a list of "
                      "them");
    }
    std::string pattern = text_of("pattern");
    if (pattern.empty()) return refuse(which + "pattern is missing");
    r.pattern = std::make_shared<const RE2>(pattern, options);
    if (!r.pattern->ok())
      return refuse(which + "pattern " + shown(pattern) +
                    " does not compile: " + r.pattern->error());
    if (finds(*r.pattern, ""))
      return refuse(which + "pattern " + shown(pattern) +
                    " is found in everything, even in nothing");
    for (const char* kind : {"refuses", "allows"}) {
      json samples = entry.value(kind, json::array());
      if (!samples.is_array()) return refuse(which + kind + " must be a list of samples");
      for (const json& sample : samples) {
        if (!sample.is_string()) return refuse(which + kind + " must be a list of samples");
        if (how == samples::proven) continue;
        bool found = finds(*r.pattern, sample.get_ref<const std::string&>());
        if (found != (std::string_view(kind) == "refuses"))
          return refuse(which + "its pattern " + (found ? "finds" : "does not find") +
                        " something in the sample " + shown(sample.get<std::string>()) +
                        ", which it " + kind);
      }
    }
    result.rules_.push_back(std::move(r));
  }
  result.seal_ = sha256_hex(result.text_);
  result.rules_seal_ = result.rules_digest();
  return result;
}

constitution constitution::built_in() {
  // Its own samples prove it in the tests; without it nothing may pass.
  auto loaded = load(built_in_text(), samples::proven);
  if (loaded) return *std::move(loaded);
  constitution broken;
  broken.seal_ = "broken";
  return broken;
}

constitution_verdict constitution::check(std::string_view hypothesis, std::string_view diff,
                                         const std::vector<std::string>& paths,
                                         const std::vector<std::string>& protected_paths) const {
  if (sha256_hex(text_) != seal_ || rules_digest() != rules_seal_)
    return {false, "guardrail_tamper: the rules in memory are not those that were loaded (seal " +
                       seal_ + "); nothing is kept until Ratchet is started again"};

  for (const auto& path : paths)
    for (const auto& guarded : protected_paths) {
      std::string folder = normal_path(guarded), name = normal_path(path);
      if (folder.empty() || lies_in(name, folder))
        return {false,
                "protected_path: the edit changes a protected path (path: " + shown(path) + ")"};
    }

  auto refusal = [](const rule& r, std::string_view where, std::string_view what) {
    return constitution_verdict{
        false, r.id + ": " + r.reason + " (" + std::string(where) + ": " + shown(what) + ")"};
  };
  const std::string idea = one_line(hypothesis, 10'000);
  const auto added = added_lines(diff);
  for (const auto& r : rules_) {
    if (r.hypothesis && finds(*r.pattern, idea)) return refusal(r, where_hypothesis, idea);
    if (r.diff_added)
      for (std::string_view line : added)
        if (finds(*r.pattern, line)) return refusal(r, where_diff, line);
    if (r.path)
      for (const auto& path : paths)
        if (finds(*r.pattern, path)) return refusal(r, where_path, path);
  }
  return {};
}

}  // namespace ratchet
