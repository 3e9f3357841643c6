// SPDX-License-Identifier: MIT
#include <cctype>
#include <cstdlib>
#include <set>

#include "actors/logic/metric_lines.hpp"
#include "actors/logic/text.hpp"

namespace ratchet {

namespace {

struct diff_line {
  char sign = ' ';
  int number = 0;  ///< in the new file; of a removed line the next one's
  std::string text;
};

/// "valAccuracy" and "val_accuracy" are one name here.
std::string plain_name(std::string_view name) {
  std::string out;
  for (unsigned char c : name)
    if (std::isalnum(c)) out += static_cast<char>(std::tolower(c));
  return out;
}

/// Whether the line calculates something of this name; a plain number is a starting value.
bool calculates_it(std::string_view line, std::string_view metric) {
  auto equal = line.find('=');
  if (equal == std::string_view::npos || equal == 0 || line.substr(equal, 2) == "==") return false;
  auto right = line.substr(equal + 1);
  bool more = false;
  for (std::size_t i = 0; i < right.size(); ++i) {
    auto c = static_cast<unsigned char>(right[i]);
    more = more || c == '_' || c == '(' || c == '*' || c == '/' || c == '+' ||
           (std::isalpha(c) && (i == 0 || !std::isdigit(static_cast<unsigned char>(right[i - 1]))));
  }
  auto end = line.find_last_not_of(" \t+-*/%:", equal - 1);
  if (!more || end == std::string_view::npos) return false;
  auto start = line.find_last_of(" \t.*&(", end);
  auto name = line.substr(start == std::string_view::npos ? 0 : start + 1,
                          end - (start == std::string_view::npos ? std::size_t(-1) : start));
  return !metric.empty() && plain_name(name) == plain_name(metric);
}

void places_in_hunk(const std::string& file, const std::vector<diff_line>& hunk,
                    std::string_view metric, std::set<std::string>& seen,
                    std::vector<std::string>& out) {
  for (char side : {'-', '+'}) {
    std::string text;
    std::vector<const diff_line*> lines;
    for (const auto& l : hunk)
      if (l.sign == side || l.sign == ' ') {
        text += l.text + "\n";
        lines.push_back(&l);
      }
    auto roles = metric_lines(text, metric, false);
    for (std::size_t i = 0; i < lines.size() && i < roles.size(); ++i) {
      if (lines[i]->sign != side) continue;
      if (roles[i] == metric_role::none && !calculates_it(lines[i]->text, metric)) continue;
      std::string place = file + ":" + std::to_string(lines[i]->number);
      if (seen.insert(place).second) out.push_back(place);
    }
  }
}

}  // namespace

std::vector<std::string> metric_places_in_diff(std::string_view diff,
                                               std::string_view metric_name) {
  std::vector<std::string> out;
  std::set<std::string> seen;
  std::string file;
  std::vector<diff_line> hunk;
  int number = 0;
  bool inside = false;
  auto close = [&] {
    if (!hunk.empty()) places_in_hunk(file, hunk, metric_name, seen, out);
    hunk.clear();
  };
  for (auto line : lines_of(diff)) {
    if (line.starts_with("diff ")) {
      close();
      inside = false;
    } else if (!inside && line.starts_with("+++ ")) {
      file = line.substr(line.starts_with("+++ b/") ? 6 : 4);
    } else if (line.starts_with("@@ ")) {
      close();
      inside = true;
      auto plus = line.find('+');
      number = plus == std::string_view::npos ? 1 : std::atoi(line.data() + plus + 1);
    } else if (inside && !line.empty() && (line[0] == ' ' || line[0] == '+' || line[0] == '-')) {
      hunk.push_back({line[0], number, std::string(line.substr(1))});
      if (line[0] != '-') ++number;
    }
  }
  close();
  return out;
}

}  // namespace ratchet
