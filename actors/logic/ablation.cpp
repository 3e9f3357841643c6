// SPDX-License-Identifier: MIT
#include "actors/logic/ablation.hpp"

#include <algorithm>
#include <cctype>
#include <charconv>

#include "actors/logic/text.hpp"

namespace ratchet {

namespace {

/// Lines without their break; a text without a break at its end is told apart.
struct split_text {
  std::vector<std::string> lines;
  bool ends_with_break = true;
};

split_text cut_lines(const std::string& text) {
  split_text out;
  std::size_t at = 0;
  while (at < text.size()) {
    auto end = text.find('\n', at);
    if (end == std::string::npos) {
      out.lines.push_back(text.substr(at));
      out.ends_with_break = false;
      break;
    }
    out.lines.push_back(text.substr(at, end - at));
    at = end + 1;
  }
  return out;
}

std::string joined_lines(const split_text& text) {
  std::string out;
  for (std::size_t i = 0; i < text.lines.size(); ++i) {
    out += text.lines[i];
    if (i + 1 < text.lines.size() || text.ends_with_break) out += '\n';
  }
  return out;
}

bool is_of_word(char c) {
  return std::isalnum(static_cast<unsigned char>(c)) || c == '_' || c == '.';
}

/// A line as words (names and numbers, a sign and an exponent with them) and what is between them:
/// joined they are the line again.
std::vector<std::string> words_and_gaps(const std::string& line) {
  std::vector<std::string> out;
  for (std::size_t at = 0; at < line.size();) {
    const auto begin = at;
    if (is_of_word(line[at])) {
      const bool number = std::isdigit(static_cast<unsigned char>(line[at])) || line[at] == '.';
      while (at < line.size() &&
             (is_of_word(line[at]) || (number && (line[at] == '-' || line[at] == '+') &&
                                       (line[at - 1] == 'e' || line[at - 1] == 'E'))))
        ++at;
    } else {
      ++at;
    }
    out.push_back(line.substr(begin, at - begin));
  }
  return out;
}

/// The words at which two lines differ, if they differ in nothing else; empty otherwise.
std::vector<std::size_t> changed_words(const std::string& before, const std::string& now) {
  const auto a = words_and_gaps(before), b = words_and_gaps(now);
  if (a.size() != b.size()) return {};
  std::vector<std::size_t> at;
  for (std::size_t i = 0; i < a.size(); ++i) {
    if (a[i] == b[i]) continue;
    if (!is_of_word(a[i][0]) || !is_of_word(b[i][0])) return {};
    at.push_back(i);
  }
  return at;
}

/// The number after `mark` in "@@ -12,3 +14,4 @@".
bool read_start(std::string_view header, char mark, std::size_t& start) {
  auto at = header.find(mark);
  if (at == std::string_view::npos) return false;
  auto rest = header.substr(at + 1);
  return std::from_chars(rest.data(), rest.data() + rest.size(), start).ec == std::errc{};
}

failure unfit(const std::string& why) {
  return fail(errc::internal, "the winning change cannot be taken apart: " + why);
}

}  // namespace

part_brings verdict_without(double gain, double spread, int pairs) {
  if (pairs >= pairs_of_all)
    return gain >= -0.75 * spread ? part_brings::nothing : part_brings::something;
  if (gain >= 0) return part_brings::nothing;
  return gain < -2 * spread ? part_brings::something : part_brings::unsure;
}

expected<ablation> ablation::of(const std::string& diff, std::map<std::string, std::string> best,
                                std::size_t most_parts) {
  ablation out;
  std::string file;
  std::size_t line = 0;  // of the best, counted from 0
  bool in_hunk = false, skipped = true;
  line_run run;
  std::set<std::string> odd_ends;  // files one of whose ends has no line break
  auto end_run = [&] {
    if (!skipped && (!run.before.empty() || !run.now.empty())) out.runs_.push_back(run);
    run = {file, line, {}, {}};
  };
  const auto lines = cut_lines(diff).lines;
  for (std::size_t i = 0; i < lines.size(); ++i) {
    const std::string& text = lines[i];
    if (text.starts_with("diff --git ")) {
      end_run();
      in_hunk = false;
      skipped = true;
      run = {};
    } else if (!in_hunk && text.starts_with("--- ")) {
      skipped = text.starts_with("--- /dev/null");
    } else if (!in_hunk && text.starts_with("+++ ")) {
      file = text.starts_with("+++ b/") ? text.substr(6) : "";
      skipped = skipped || !best.contains(file);
      run = {file, 0, {}, {}};
    } else if (text.starts_with("@@ ")) {
      end_run();
      std::size_t start = 0;
      if (!read_start(text, '+', start)) return unfit("a hunk has no place");
      line = start > 0 ? start - 1 : 0;
      // A hunk that leaves nothing of its file, or adds nothing, counts from the line before.
      if (text.find(",0 @@") != std::string::npos && start > 0) ++line;
      in_hunk = true;
      run = {file, line, {}, {}};
    } else if (in_hunk && text.starts_with('+')) {
      run.now.push_back(text.substr(1));
      ++line;
    } else if (in_hunk && text.starts_with('-')) {
      if (!run.now.empty()) end_run();
      run.before.push_back(text.substr(1));
    } else if (in_hunk && text.starts_with('\\')) {
      odd_ends.insert(file);
    } else if (in_hunk) {
      end_run();
      ++line;
      run = {file, line, {}, {}};
    }
  }
  end_run();
  std::erase_if(out.runs_, [&](const line_run& r) { return odd_ends.contains(r.file); });
  for (const auto& r : out.runs_) {
    const auto text = cut_lines(best.at(r.file)).lines;
    if (r.first + r.now.size() > text.size() ||
        !std::equal(r.now.begin(), r.now.end(), text.begin() + static_cast<long>(r.first)))
      return unfit("it does not fit " + one_line(r.file, 100));
  }
  std::vector<piece> pieces;
  for (std::size_t i = 0; i < out.runs_.size(); ++i) {
    const auto& r = out.runs_[i];
    std::vector<piece> words;
    bool apart = r.before.size() == r.now.size();
    for (std::size_t k = 0; apart && k < r.now.size(); ++k) {
      if (r.before[k] == r.now[k]) continue;
      const auto at = changed_words(r.before[k], r.now[k]);
      apart = !at.empty();
      for (auto word : at) words.push_back({i, k, word, false});
    }
    if (apart)
      pieces.insert(pieces.end(), words.begin(), words.end());
    else
      pieces.push_back({i, 0, 0, true});
  }
  const std::size_t count = std::min(std::max<std::size_t>(1, most_parts), pieces.size());
  for (std::size_t i = 0; i < count; ++i) {
    auto from = static_cast<long>(i * pieces.size() / count);
    auto to = static_cast<long>((i + 1) * pieces.size() / count);
    out.parts_.emplace_back(pieces.begin() + from, pieces.begin() + to);
  }
  out.best_ = std::move(best);
  return out;
}

std::string ablation::in_words(std::size_t part) const {
  std::string all;
  for (const auto& p : parts_.at(part)) {
    const auto& r = runs_[p.run];
    const std::string where = one_line(r.file, 80) + ":" + std::to_string(r.first + p.line + 1);
    std::string one;
    if (p.whole) {
      const auto& shown = r.now.empty() ? r.before : r.now;
      one = (r.now.empty() ? "removed lines at " : "lines at ") + where + ": " +
            one_line(shown.front(), 60) +
            (shown.size() > 1 ? " (and " + std::to_string(shown.size() - 1) + " more)" : "");
    } else {
      const auto before = words_and_gaps(r.before[p.line]), now = words_and_gaps(r.now[p.line]);
      one = now[p.word] + " -> " + before[p.word] + " (" + where + ": " +
            one_line(r.now[p.line], 60) + ")";
    }
    all += (all.empty() ? "" : "; ") + one;
  }
  return one_line(all, 300);
}

std::map<std::string, std::string> ablation::without(const std::set<std::size_t>& parts) const {
  // Per run: all of it, or words by line.
  std::map<std::size_t, std::map<std::size_t, std::set<std::size_t>>> words;
  std::set<std::size_t> whole;
  for (auto part : parts)
    for (const auto& p : parts_.at(part)) {
      if (p.whole)
        whole.insert(p.run);
      else
        words[p.run][p.line].insert(p.word);
    }
  std::map<std::string, split_text> texts;
  // From the last run of a file to its first, so that the places of the others stay right.
  for (std::size_t i = runs_.size(); i-- > 0;) {
    const auto& r = runs_[i];
    if (!whole.contains(i) && !words.contains(i)) continue;
    auto [it, fresh] = texts.try_emplace(r.file);
    if (fresh) it->second = cut_lines(best_.at(r.file));
    auto& lines = it->second.lines;
    const auto at = lines.begin() + static_cast<long>(r.first);
    if (whole.contains(i)) {
      const auto rest = lines.erase(at, at + static_cast<long>(r.now.size()));
      lines.insert(rest, r.before.begin(), r.before.end());
      continue;
    }
    for (const auto& [line, taken] : words[i]) {
      const auto before = words_and_gaps(r.before[line]);
      auto now = words_and_gaps(r.now[line]);
      for (auto word : taken) now[word] = before[word];
      std::string text;
      for (const auto& one : now) text += one;
      at[static_cast<long>(line)] = text;
    }
  }
  std::map<std::string, std::string> files;
  for (const auto& [file, text] : texts) files[file] = joined_lines(text);
  return files;
}

}  // namespace ratchet
