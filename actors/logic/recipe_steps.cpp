// SPDX-License-Identifier: MIT
#include "actors/logic/recipe_steps.hpp"

#include <algorithm>
#include <string_view>

#include "actors/logic/text.hpp"

namespace ratchet {

namespace {

/// With their line breaks.
std::vector<std::string_view> whole_lines(std::string_view text) {
  std::vector<std::string_view> out;
  while (!text.empty()) {
    auto end = text.find('\n');
    auto size = end == std::string_view::npos ? text.size() : end + 1;
    out.push_back(text.substr(0, size));
    text.remove_prefix(size);
  }
  return out;
}

/// Where `search` stands as whole lines; nothing when that is nowhere or at several places.
std::optional<std::size_t> only_place(std::string_view text, std::string_view search) {
  if (search.empty()) return std::nullopt;
  std::optional<std::size_t> found;
  for (auto at = text.find(search); at != std::string::npos; at = text.find(search, at + 1)) {
    auto end = at + search.size();
    bool begins = at == 0 || text[at - 1] == '\n';
    bool ends = end == text.size() || text[end - 1] == '\n';
    if (!begins || !ends) continue;
    if (found) return std::nullopt;
    found = at;
  }
  return found;
}

/// Lines [a0, a1) of the old text became [b0, b1) of the new.
struct hunk {
  std::size_t a0, a1, b0, b1;
};

std::vector<hunk> difference(const std::vector<std::string_view>& a,
                             const std::vector<std::string_view>& b) {
  std::size_t head = 0, tail = 0;
  while (head < a.size() && head < b.size() && a[head] == b[head]) ++head;
  while (tail < a.size() - head && tail < b.size() - head &&
         a[a.size() - 1 - tail] == b[b.size() - 1 - tail])
    ++tail;
  std::size_t n = a.size() - head - tail, m = b.size() - head - tail;
  if (n == 0 || m == 0 || n * m > 4'000'000) return {{head, head + n, head, head + m}};
  // Longest common subsequence of the middle, from the end.
  std::vector<int> length((n + 1) * (m + 1));
  auto at = [&](std::size_t i, std::size_t j) -> int& { return length[i * (m + 1) + j]; };
  for (std::size_t i = n; i-- > 0;)
    for (std::size_t j = m; j-- > 0;)
      at(i, j) =
          a[head + i] == b[head + j] ? at(i + 1, j + 1) + 1 : std::max(at(i + 1, j), at(i, j + 1));
  std::vector<hunk> out;
  for (std::size_t i = 0, j = 0; i < n || j < m;) {
    if (i < n && j < m && a[head + i] == b[head + j]) {
      ++i, ++j;
      continue;
    }
    hunk h{head + i, 0, head + j, 0};
    while ((i < n || j < m) && !(i < n && j < m && a[head + i] == b[head + j])) {
      if (j == m || (i < n && at(i + 1, j) >= at(i, j + 1)))
        ++i;
      else
        ++j;
    }
    h.a1 = head + i;
    h.b1 = head + j;
    out.push_back(h);
  }
  return out;
}

std::string joined(const std::vector<std::string_view>& lines, std::size_t from, std::size_t to) {
  std::string out;
  for (std::size_t i = from; i < to; ++i) out += lines[i];
  return out;
}

/// The steps of one file, or nothing where blocks would not do (the caller then stores it whole).
std::optional<json> blocks(const std::string& path, const std::string& old,
                           const std::string& fresh) {
  auto a = whole_lines(old), b = whole_lines(fresh);
  auto hunks = difference(a, b);
  json steps = json::array();
  std::string text = old;  // as it is when the next step is replayed
  for (std::size_t k = 0; k < hunks.size(); ++k) {
    hunk h = hunks[k];
    std::size_t floor = k == 0 ? 0 : hunks[k - 1].a1;
    bool done = false;
    for (std::size_t context = h.a0 == h.a1 ? 1 : 0; !done; ++context) {
      std::size_t above = std::min(context, h.a0 - floor);
      std::size_t ceiling = k + 1 < hunks.size() ? hunks[k + 1].a0 : a.size();
      std::size_t below = std::min(context, ceiling - h.a1);
      auto search = joined(a, h.a0 - above, h.a1 + below);
      if (auto place = only_place(text, search)) {
        auto replace = joined(b, h.b0 - above, h.b1 + below);
        steps.push_back({{"path", path}, {"search", search}, {"replace", replace}});
        text.replace(*place, search.size(), replace);
        done = true;
      } else if (context > above && context > below) {
        if (k + 1 == hunks.size()) return std::nullopt;
        h.a1 = hunks[k + 1].a1;  // together with the next change it may be unique
        h.b1 = hunks[k + 1].b1;
        hunks[++k] = h;
        context = 0;
      }
    }
    hunks[k] = h;
  }
  if (text != fresh) return std::nullopt;
  return steps;
}

}  // namespace

json recipe_changes(const std::map<std::string, std::string>& before,
                    const std::vector<file_change>& changes) {
  json out = json::array();
  auto is_text = [](const std::string& s) { return valid_utf8(s) == s; };
  for (const auto& change : changes) {
    auto old = before.find(change.path);
    if (!is_text(change.path) || (change.content && !is_text(*change.content))) return nullptr;
    if (!change.content) {
      out.push_back({{"path", change.path}, {"content", nullptr}});
      continue;
    }
    if (old != before.end() && old->second == *change.content) continue;
    if (old != before.end() && is_text(old->second))
      if (auto steps = blocks(change.path, old->second, *change.content)) {
        out.insert(out.end(), steps->begin(), steps->end());
        continue;
      }
    out.push_back({{"path", change.path}, {"content", *change.content}});
  }
  return out;
}

std::optional<std::vector<file_change>> replay(
    const json& steps, const std::map<std::string, std::string>& files,
    const std::function<bool(const std::string&)>& may_be_made) try {
  if (!steps.is_array() || steps.empty()) return std::nullopt;
  std::map<std::string, std::optional<std::string>> now;
  for (const auto& step : steps) {
    auto path = step.at("path").get<std::string>();
    auto known = files.find(path);
    if (known == files.end() && (!may_be_made || !may_be_made(path))) return std::nullopt;
    auto& text =
        now.try_emplace(path, known == files.end() ? std::nullopt : std::optional(known->second))
            .first->second;
    if (step.contains("content")) {
      if (step["content"].is_null())
        text.reset();
      else
        text = step["content"].get<std::string>();
      continue;
    }
    auto search = step.at("search").get<std::string>();
    auto place = text ? only_place(*text, search) : std::nullopt;
    if (!place) return std::nullopt;
    text->replace(*place, search.size(), step.at("replace").get<std::string>());
  }
  std::vector<file_change> out;
  for (auto& [path, text] : now)
    if (auto old = files.find(path); old == files.end() ? text.has_value() : text != old->second)
      out.push_back({path, std::move(text), std::nullopt});
  if (out.empty()) return std::nullopt;
  return out;
} catch (const json::exception&) {
  return std::nullopt;
}

}  // namespace ratchet
