// SPDX-License-Identifier: MIT
#include "actors/logic/metric_lines.hpp"

#include <algorithm>
#include <array>
#include <cctype>
#include <map>
#include <set>
#include <string>

#include "actors/logic/text.hpp"

namespace ratchet {

namespace {

bool word_start(char c) { return std::isalpha(static_cast<unsigned char>(c)) || c == '_'; }
bool word_part(char c) { return word_start(c) || (c >= '0' && c <= '9'); }

/// A line without its strings and comments, and what was in the strings.
struct split_line {
  std::string code;
  std::string strings;    ///< one after another, separated by a line break
  std::string templated;  ///< what stands between braces in strings
};

/// '#' behind a blank, or "//" that does not divide: a division has an operand on its left.
bool begins_comment(std::string_view line, std::size_t i) {
  if (line[i] == '#') return i > 0 ? line[i - 1] == ' ' : line.size() > 1 && line[1] == ' ';
  if (line.substr(i, 2) != "//") return false;
  auto left = line.substr(0, i).find_last_not_of(" \t");
  return left == std::string_view::npos || !word_part(line[left]);
}

split_line split(std::string_view line) {
  split_line out;
  for (std::size_t i = 0; i < line.size(); ++i) {
    char c = line[i];
    if (begins_comment(line, i)) break;
    if (c != '"' && c != '\'' && c != '`') {
      out.code += c;
      continue;
    }
    if (c == '\'' && i > 0 && word_part(line[i - 1]) && line[i - 1] != 'f' && line[i - 1] != 'b' &&
        line[i - 1] != 'r')
      continue;
    int depth = 0;
    std::string inner;
    for (++i; i < line.size() && line[i] != c; ++i) {
      if (line[i] == '\\' && i + 1 < line.size()) {
        ++i;
        out.strings += ' ';
        continue;
      }
      out.strings += line[i];
      if (line[i] == '{') ++depth;
      if (depth > 0) out.templated += line[i];
      if (line[i] == '}' && depth > 0) --depth;
    }
    out.strings += '\n';
    out.code += "\"\"";
  }
  return out;
}

bool has_word(std::string_view text, std::string_view word) {
  for (auto at = text.find(word); at != std::string_view::npos; at = text.find(word, at + 1)) {
    bool left = at == 0 || !word_part(text[at - 1]) || !word_part(word.front());
    auto end = at + word.size();
    bool right = end >= text.size() || !word_part(text[end]) || !word_part(word.back());
    if (left && right) return true;
  }
  return false;
}

bool writes(const std::string& code) {
  for (std::string_view word :
       {"print",    "printf", "fprintf", "println", "eprintln", "cout",    "cerr",    "puts",
        "fputs",    "echo",   "console", "log",     "info",     "write",   "writeln", "Println",
        "Printf",   "format", "say",     "display", "dump",     "dumps",   "report",  "emit",
        "println!", "out",    "stdout",  "disp",    "cat",      "message", "fmt"})
    if (has_word(code, word)) return true;
  return false;
}

std::set<std::string> names_in(std::string_view text) {
  static const std::set<std::string, std::less<>> known{
      "print", "printf", "println", "console",     "log",    "format",   "fmt",    "std",
      "cout",  "endl",   "puts",    "echo",        "return", "int",      "float",  "double",
      "auto",  "const",  "let",     "var",         "for",    "if",       "else",   "in",
      "def",   "fn",     "round",   "str",         "len",    "sum",      "max",    "min",
      "abs",   "range",  "f",       "static_cast", "long",   "unsigned", "size_t", "math",
      "Math",  "sys",    "stdout",  "toFixed",     "json",   "dumps",    "write",  "file",
      "end",   "flush",  "true",    "false",       "True",   "False",    "None",   "null",
      "self",  "this",   "while",   "and",         "or",     "not",      "time",   "np",
      "torch", "item",   "mut"};
  std::set<std::string> out;
  for (std::size_t i = 0; i < text.size();) {
    if (!word_start(text[i])) {
      while (i < text.size() && !word_start(text[i])) {
        bool digits = word_part(text[i]);
        ++i;
        while (digits && i < text.size() && word_part(text[i])) ++i;  // 3e4f is no name
      }
      continue;
    }
    std::size_t start = i;
    while (i < text.size() && word_part(text[i])) ++i;
    auto name = text.substr(start, i - start);
    if (!known.count(name)) out.emplace(name);
  }
  return out;
}

/// The name that a line assigns, where its right side begins, and whether it adds to the name.
struct assigned {
  std::string name;
  std::string right;
  bool augmented = false;
};

assigned assignment_in(const std::string& code) {
  assigned out;
  int depth = 0;
  for (std::size_t i = 0; i < code.size(); ++i) {
    char c = code[i];
    if (c == '(' || c == '[') ++depth;
    if (c == ')' || c == ']') --depth;
    bool twice = (c == '+' || c == '-') && i + 1 < code.size() && code[i + 1] == c;
    if (depth > 0 || (c != '=' && !twice)) continue;
    char left = i > 0 ? code[i - 1] : ' ';
    if (!twice && (left == '!' || left == '<' || left == '>' || left == '=' ||
                   (i + 1 < code.size() && (code[i + 1] == '=' || code[i + 1] == '>'))))
      continue;
    std::size_t end = i;
    while (end > 0 &&
           std::string_view("+-*/%&|^: ").find(code[end - 1]) != std::string_view::npos) {
      if (code[end - 1] != ' ' && code[end - 1] != ':') out.augmented = true;
      --end;
    }
    // `name: type = …`
    std::size_t start = end;
    while (start > 0 && word_part(code[start - 1])) --start;
    if (auto colon = code.rfind(':', start);
        colon != std::string::npos && colon > 0 && code.find_first_of("?({", 0) > colon) {
      end = colon;
      while (end > 0 && code[end - 1] == ' ') --end;
      start = end;
      while (start > 0 && word_part(code[start - 1])) --start;
    }
    out.name = code.substr(start, end - start);
    out.augmented = out.augmented || twice;
    out.right = code.substr(i + (twice ? 2 : 1));
    return out;
  }
  return out;
}

bool plain_literal(std::string_view right) {
  auto begin = right.find_first_not_of(" \t");
  if (begin == std::string_view::npos) return false;
  right.remove_prefix(begin);
  auto end = right.find_last_not_of(" \t\r;,");
  right = right.substr(0, end + 1);
  if (right == "true" || right == "false" || right == "True" || right == "False" || right == "\"\"")
    return true;
  if (!right.empty() && right.front() == '-') right.remove_prefix(1);
  bool any = false;
  for (std::size_t i = 0; i < right.size(); ++i) {
    char c = right[i];
    if (c >= '0' && c <= '9')
      any = true;
    else if (!(c == '.' || c == '_' || c == '\'' ||
               (any && std::isalpha(static_cast<unsigned char>(c))) ||
               ((c == '-' || c == '+') && i > 0 && (right[i - 1] == 'e' || right[i - 1] == 'E'))))
      return false;
  }
  return any;
}

bool calculates(std::string_view right) {
  for (std::size_t i = 0; i < right.size(); ++i) {
    char c = right[i];
    if (c == '*' || c == '/' || c == '%' || c == '?') return true;
    if ((c == '+' || c == '-') && i > 0 && right[i - 1] != 'e' && right[i - 1] != 'E') return true;
  }
  return false;
}

/// The name of the function that a line begins to define; empty.
std::string function_in(const std::string& code) {
  for (std::string_view key : {"def ", "fn ", "function ", "func ", "sub "})
    if (auto at = code.find(key);
        at != std::string::npos && (at == 0 || !word_part(code[at - 1]))) {
      auto start = code.find_first_not_of(' ', at + key.size());
      if (start == std::string::npos) return "";
      auto end = start;
      while (end < code.size() && word_part(code[end])) ++end;
      return code.substr(start, end - start);
    }
  // C: `double cost(int tile) {` at the left margin; `const cost = (tile) => …`
  auto open = code.find('(');
  if (open == std::string::npos || open == 0) return "";
  if (code.find("=>") != std::string::npos) return assignment_in(code).name;
  bool margin = word_start(code.front());
  auto last = code.find_last_not_of(" \t\r");
  if (!margin || code.find('=') < open || (code[last] != '{' && code[last] != '}')) return "";
  auto end = open;
  while (end > 0 && code[end - 1] == ' ') --end;
  auto start = end;
  while (start > 0 && word_part(code[start - 1])) --start;
  if (start == 0) return "";  // a call or a keyword
  return code.substr(start, end - start);
}

class reading {
 public:
  reading(std::string_view text, std::string_view metric) : metric_(metric) {
    std::string current;
    for (auto line : lines_of(text)) {
      lines_.push_back(split(line));
      auto& own = lines_.back();
      indents_.push_back(line.find_first_not_of(" \t"));
      auto name = function_in(own.code);
      if (!name.empty()) functions_[name] = lines_.size() - 1;
      if (auto a = assignment_in(own.code); !a.name.empty())
        assignments_[a.name].push_back(lines_.size() - 1);
    }
    roles_.resize(lines_.size());
  }

  std::vector<metric_role> roles(bool guess) {
    std::set<std::string> names;
    for (std::size_t i = 0; i < lines_.size(); ++i)
      if (prints(lines_[i])) mark_print(i, names);
    if (guess && names.empty() &&
        std::none_of(roles_.begin(), roles_.end(), [](auto r) { return r != metric_role::none; }))
      for (std::size_t i = lines_.size(); i-- > 0;)
        if (writes(lines_[i].code) && function_in(lines_[i].code).empty()) {
          mark_print(i, names);
          break;
        }
    follow(names, 0);
    return std::move(roles_);
  }

 private:
  bool prints(const split_line& line) const {
    if (metric_.empty() || !has_word(line.strings, metric_)) return false;
    if (writes(line.code)) return true;
    // As a key: {"score": s}
    auto at = line.strings.find(metric_);
    auto next = line.strings.find_first_not_of(" \"'", at + metric_.size());
    char after = next == std::string::npos ? '\n' : line.strings[next];
    return after == ':' || after == '=' ||
           (after == '\n' && line.code.find("\"\":") != std::string::npos) ||
           (after == '\n' && line.code.find("[\"\"] =") != std::string::npos);
  }

  // With the lines that its brackets run over.
  void mark_print(std::size_t i, std::set<std::string>& names) {
    int depth = 0;
    for (std::size_t n = 0; i + n < lines_.size() && n < 12; ++n) {
      const auto& line = lines_[i + n];
      roles_[i + n] = metric_role::prints;
      for (const auto& name : names_in(line.code)) names.insert(name);
      for (const auto& name : names_in(line.templated)) names.insert(name);
      for (char c : line.code) depth += c == '(' ? 1 : c == ')' ? -1 : 0;
      if (depth <= 0) break;
    }
  }

  void follow(const std::set<std::string>& names, int depth) {
    if (depth > 3) return;
    std::set<std::string> more;
    for (const auto& name : names) {
      if (!seen_.insert(name).second) continue;
      if (auto f = functions_.find(name); f != functions_.end()) returned(f->second, more);
      auto lines = assignments_.find(name);
      if (lines == assignments_.end()) continue;
      for (auto i : lines->second) {
        auto a = assignment_in(lines_[i].code);
        bool formula = calculates(a.right) || a.augmented;
        // What is printed is computed where it is assigned; further back only formulas count.
        if (plain_literal(a.right) || (depth > 0 && !formula)) continue;
        if (roles_[i] == metric_role::none) roles_[i] = metric_role::computes;
        for (const auto& n : names_in(a.right)) more.insert(n);
      }
    }
    if (!more.empty()) follow(more, depth + 1);
  }

  // What a function returns, and its last line where languages return that.
  void returned(std::size_t begin, std::set<std::string>& names) {
    std::size_t last = begin;
    auto take = [&](std::size_t i) {
      if (roles_[i] == metric_role::none) roles_[i] = metric_role::computes;
      for (const auto& n : names_in(lines_[i].code)) names.insert(n);
    };
    if (lines_[begin].code.find("return") != std::string::npos ||
        lines_[begin].code.find("=>") != std::string::npos)
      take(begin);
    for (std::size_t i = begin + 1; i < lines_.size(); ++i) {
      if (indents_[i] == std::string_view::npos) continue;
      if (indents_[i] <= indents_[begin]) break;
      last = i;
      if (has_word(lines_[i].code, "return")) take(i);
    }
    const auto& tail = lines_[last].code;
    auto end = tail.find_last_not_of(" \t\r");
    if (last != begin && end != std::string::npos && tail[end] != ';' && tail[end] != '}' &&
        lines_[begin].code.find("fn ") != std::string::npos)
      take(last);
  }

  std::string_view metric_;
  std::vector<split_line> lines_;
  std::vector<std::size_t> indents_;
  std::vector<metric_role> roles_;
  std::map<std::string, std::size_t> functions_;
  std::map<std::string, std::vector<std::size_t>> assignments_;
  std::set<std::string> seen_;
};

}  // namespace

std::vector<metric_role> metric_lines(std::string_view text, std::string_view metric_name,
                                      bool guess) {
  return reading(text, metric_name).roles(guess);
}

bool feeds_metric(std::string_view text, int line, std::string_view metric_name) {
  auto roles = metric_lines(text, metric_name);
  auto i = static_cast<std::size_t>(line - 1);
  return line > 0 && i < roles.size() && roles[i] != metric_role::none;
}

std::vector<int> changed_lines(std::string_view before, std::string_view after) {
  auto a = lines_of(before), b = lines_of(after);
  std::vector<int> out;
  if (a.size() == b.size()) {  // literals changed in place: each line by itself
    for (std::size_t i = 0; i < a.size(); ++i)
      if (a[i] != b[i]) out.push_back(static_cast<int>(i) + 1);
    return out;
  }
  std::size_t head = 0, tail = 0, shorter = std::min(a.size(), b.size());
  while (head < shorter && a[head] == b[head]) ++head;
  while (tail < shorter - head && a[a.size() - 1 - tail] == b[b.size() - 1 - tail]) ++tail;
  for (std::size_t i = head; i < a.size() - tail; ++i) out.push_back(static_cast<int>(i) + 1);
  if (out.empty() && !a.empty()) out.push_back(static_cast<int>(std::max<std::size_t>(head, 1)));
  return out;
}

std::vector<int> changed_metric_lines(std::string_view before, std::string_view after,
                                      std::string_view metric_name) {
  auto roles = metric_lines(before, metric_name);
  auto later = metric_lines(after, metric_name);
  bool same_count = roles.size() == later.size();
  std::vector<int> out;
  for (int line : changed_lines(before, after)) {
    auto i = static_cast<std::size_t>(line - 1);
    if (i >= roles.size()) continue;
    bool feeds = roles[i] != metric_role::none || (same_count && later[i] != metric_role::none);
    if (feeds) out.push_back(line);
  }
  return out;
}

}  // namespace ratchet
