// SPDX-License-Identifier: MIT
#include "actors/logic/egress_guard.hpp"

#include <algorithm>

#include "actors/logic/egress_patterns.hpp"

namespace ratchet {

namespace {

std::string mark(const std::string& kind) { return "[redacted:" + kind + "]"; }

/// Replaces every accepted match of one pattern.
std::string without(const std::string& text, const egress_pattern& pattern,
                    std::vector<std::string>& kinds) {
  std::string out;
  std::size_t done = 0, from = 0;
  re2::StringPiece match[2];
  while (from <= text.size() &&
         pattern.expression->Match(text, from, text.size(), re2::RE2::UNANCHORED, match, 2)) {
    auto begin = static_cast<std::size_t>(match[1].data() - text.data());
    auto end = begin + match[1].size();
    std::string_view all = text;
    if (pattern.accept(all.substr(begin, end - begin), all.substr(0, begin), all.substr(end))) {
      out += text.substr(done, begin - done) + mark(pattern.kind);
      kinds.push_back(pattern.kind);
      done = from = end;
    } else {
      // A refused match may hide a true one that begins inside it.
      from = begin + 1;
    }
  }
  return out + text.substr(done);
}

std::string pointer_step(const std::string& key) {
  std::string out = "/";
  for (char c : key) {
    if (c == '~')
      out += "~0";
    else if (c == '/')
      out += "~1";
    else
      out += c;
  }
  return out;
}

class walk {
 public:
  explicit walk(std::vector<egress_finding>& findings) : findings_(findings) {}

  json of(const json& x, const std::string& where) {
    if (x.is_string()) return text(x.get_ref<const std::string&>(), where);
    if (x.is_array()) {
      json out = json::array();
      for (std::size_t i = 0; i < x.size(); ++i)
        out.push_back(of(x[i], where + "/" + std::to_string(i)));
      return out;
    }
    if (!x.is_object()) return x;
    json out = json::object();
    for (const auto& [key, value] : x.items()) {
      std::string name = text(key, where);
      for (int n = 2; out.contains(name); ++n) name = text(key, where) + " " + std::to_string(n);
      out[name] = member(key, value, where + pointer_step(name));
    }
    return out;
  }

 private:
  std::string text(const std::string& s, const std::string& where) {
    std::vector<std::string> kinds;
    std::string clean = redacted_text(s, kinds);
    for (auto& kind : kinds) findings_.push_back({where, std::move(kind)});
    return clean;
  }

  json member(const std::string& key, const json& value, const std::string& where) {
    if (!value.is_string() || !names_a_secret(key)) return of(value, where);
    const auto& secret = value.get_ref<const std::string&>();
    if (secret.empty() || secret.rfind("[redacted:", 0) == 0) return value;
    findings_.push_back({where, "credential"});
    return mark("credential");
  }

  std::vector<egress_finding>& findings_;
};

}  // namespace

std::string redacted_text(std::string_view text, std::vector<std::string>& kinds) {
  std::string out(text);
  for (const auto& pattern : egress_patterns()) out = without(out, pattern, kinds);
  return out;
}

guarded_document guard_egress(const json& document) {
  guarded_document result;
  result.document = walk(result.findings).of(document, "");
  return result;
}

std::string describe(const std::vector<egress_finding>& findings) {
  std::string out;
  for (const auto& f : findings) {
    if (!out.empty()) out += ", ";
    out += (f.where.empty() ? "/" : f.where) + " (" + f.kind + ")";
  }
  return out;
}

}  // namespace ratchet
