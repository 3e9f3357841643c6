// SPDX-License-Identifier: MIT
#include <doctest/doctest.h>

#include <algorithm>
#include <cmath>
#include <limits>
#include <string>
#include <string_view>
#include <vector>

#include "runtime/report/chart_labels.hpp"
#include "runtime/report/chart_scale.hpp"
#include "runtime/report/progress_chart.hpp"

using namespace ratchet;
using namespace ratchet::chart;

namespace {

/// The attributes of a tag: name="value" each, without < inside.
bool well_formed_attributes(std::string_view text) {
  while (!text.empty()) {
    if (text.front() != ' ') return false;
    text.remove_prefix(1);
    const auto equals = text.find("=\"");
    if (equals == 0 || equals == std::string_view::npos) return false;
    if (text.substr(0, equals).find_first_of(" \"<>") != std::string_view::npos) return false;
    text.remove_prefix(equals + 2);
    const auto end = text.find('"');
    if (end == std::string_view::npos || text.substr(0, end).find('<') < end) return false;
    text.remove_prefix(end + 1);
  }
  return true;
}

/// "" when every tag is closed in order, attributes are quoted and no bare & or < stands in text.
std::string flaw_of(const std::string& xml) {
  std::vector<std::string_view> open;
  const std::string_view all = xml;
  for (std::size_t i = 0; i < all.size();) {
    const auto rest = all.substr(i);
    const auto c = static_cast<unsigned char>(rest.front());
    if (c == '<') {
      const auto end = rest.find('>');
      if (end == std::string_view::npos) return "no end: " + std::string(rest.substr(0, 60));
      auto inside = rest.substr(1, end - 1);
      const bool closes = inside.starts_with('/'), empty = inside.ends_with('/');
      if (closes) inside.remove_prefix(1);
      if (empty) inside.remove_suffix(1);
      const auto name = inside.substr(0, inside.find(' '));
      if (name.empty() || !well_formed_attributes(inside.substr(name.size())))
        return "no tag: " + std::string(rest.substr(0, end + 1));
      if (closes) {
        if (open.empty() || open.back() != name) return "not open: " + std::string(name);
        open.pop_back();
      } else if (!empty) {
        open.push_back(name);
      }
      i += end + 1;
      continue;
    }
    if (c == '&') {
      bool known = false;
      for (const char* entity : {"&lt;", "&gt;", "&amp;", "&quot;", "&#39;"})
        known = known || rest.starts_with(entity);
      if (!known) return "bare &: " + std::string(rest.substr(0, 60));
    }
    if (c < 0x20 && c != '\n') return "control character";
    ++i;
  }
  if (!open.empty()) return "left open: " + std::string(open.back());
  if (xml.find("nan") != std::string::npos || xml.find("inf\"") != std::string::npos)
    return "a number that is none";
  return "";
}

std::size_t count(const std::string& text, const std::string& part) {
  std::size_t n = 0;
  for (auto i = text.find(part); i != std::string::npos; i = text.find(part, i + 1)) ++n;
  return n;
}

struct history_maker {
  session_settings settings;
  std::vector<iteration_record> results;

  history_maker() {
    settings.metric_name = "loss";
    settings.metric_direction = metric_direction::lower_is_better;
  }
  history_maker& add(const std::string& decision, std::optional<double> value,
                     const std::string& hypothesis = "idea") {
    iteration_record r;
    r.iteration = static_cast<int>(results.size());
    r.decision = decision;
    r.candidate.hypothesis = hypothesis;
    r.result = run_result{.metric_value = value};
    results.push_back(r);
    return *this;
  }
  std::string svg() const { return render_progress_svg({}, settings, results); }
};

}  // namespace

TEST_CASE("The picture shows what was kept, discarded, rejected and crashed, and the best so far") {
  history_maker h;
  h.add("baseline", 1.0, "").add("reverted", 1.1).add("kept", 0.9, "use <b> & 'c'");
  h.add("rejected_by_gate", 0.85).add("reverted", std::nullopt).add("kept", 0.8, "second");
  const auto svg = h.svg();
  CHECK(flaw_of(svg) == "");
  CHECK(count(svg, "<circle class=\"kept\"") == 2 + 1);  // one in the legend
  CHECK(count(svg, "<circle class=\"discarded\"") == 1 + 1);
  CHECK(count(svg, "<circle class=\"rejected\"") == 1 + 1);
  CHECK(count(svg, "<path class=\"crashed\"") == 1 + 1);
  CHECK(count(svg, "<path class=\"best\"") == 1);
  CHECK(svg.find("use &lt;b&gt; &amp; &#39;c&#39;") != std::string::npos);
  CHECK(svg.find("loss: 1 → 0.8 (−20 %)") != std::string::npos);
  CHECK(svg.find("loss (lower is better ↓)") != std::string::npos);
  CHECK(svg.find("prefers-color-scheme:dark") != std::string::npos);
}

TEST_CASE("The headline's gain is that of the final pairs where they were made") {
  history_maker h;
  h.add("baseline", 1.0).add("kept", 0.7);
  json session{{"comparison",
                {{"baseline_median", 1.1},
                 {"best_median", 1.0},
                 {"gain_percent", 9.1},
                 {"gain_low_percent", 2.0}}}};
  CHECK(render_progress_svg(session, h.settings, h.results)
            .find("loss: 1.1 → 1 (better by 9.1 % in pairs)") != std::string::npos);
  session["comparison"]["gain_low_percent"] = -1.0;
  session["metric_source"] = "fallback:loss";
  const auto svg = render_progress_svg(session, h.settings, h.results);
  CHECK(flaw_of(svg) == "");
  CHECK(svg.find("(better by 9.1 % in pairs, chance not excluded)") != std::string::npos);
  CHECK(svg.find("metric found by fallback:loss") != std::string::npos);
}

TEST_CASE("The checker of these tests finds flaws") {
  for (const char* broken :
       {"<a>", "<a></b>", "</a>", "<a b></a>", "<a b=c/>", "a & b", "<a", "<>"})
    CHECK(flaw_of(broken) != "");
  CHECK(flaw_of("<a b=\"1\"><c d=\"&lt;\"/> &amp; </a>") == "");
}

TEST_CASE("Results in any order give the same picture") {
  history_maker h;
  h.add("baseline", 1.0).add("kept", 0.9).add("reverted", 0.95).add("kept", 0.7);
  const auto svg = h.svg();
  std::reverse(h.results.begin(), h.results.end());
  CHECK(h.svg() == svg);
}

TEST_CASE("Any history gives a well-formed picture of bounded size") {
  for (const int n : {0, 1, 2, 3, 50, 10'000}) {
    CAPTURE(n);
    history_maker h;
    double best = 100;
    unsigned noise = 1;
    for (int i = 0; i < n; ++i) {
      noise = noise * 1103515245u + 12345u;
      const double share = (noise >> 16) % 1000 / 1000.0;
      if (i == 0)
        h.add("baseline", best);
      else if (share < 0.3)
        h.add("kept", best *= 0.999, "step " + std::to_string(i));
      else if (share < 0.4)
        h.add("reverted", std::nullopt);
      else
        h.add("reverted", best * (1 + share));
    }
    const auto svg = h.svg();
    CHECK(flaw_of(svg) == "");
    CHECK(svg.size() < 500'000);
  }
}

TEST_CASE("Odd values and odd text give a well-formed picture too") {
  const double huge = std::numeric_limits<double>::max();
  const double none = std::numeric_limits<double>::quiet_NaN();
  for (const auto& values :
       std::vector<std::vector<std::optional<double>>>{{std::nullopt, std::nullopt},
                                                       {5, 5, 5},
                                                       {0, 0},
                                                       {-1, -2, -3},
                                                       {huge, -huge},
                                                       {none, INFINITY, 1},
                                                       {5e-324, 0},
                                                       {1e15, 1e15 + 1},
                                                       {1, 1 + 1e-16},
                                                       {1e-9, 2e-9, 3e-9},
                                                       {12345678901.0, 12345678902.0}})
    for (const char* decision : {"kept", "reverted"}) {
      history_maker h;
      h.settings.metric_name = "a<b>&\"\xff\x01";
      for (const auto& v : values)
        h.add(h.results.empty() ? "baseline" : decision, v, "bad \xff\x02 \xef\xbf\xbf ]]> <&>");
      CAPTURE(h.svg());
      CHECK(flaw_of(h.svg()) == "");
    }
}

TEST_CASE("Without any metric the picture says so") {
  history_maker h;
  h.add("baseline", std::nullopt).add("reverted", std::nullopt);
  CHECK(h.svg().find("No metric was measured") != std::string::npos);
}

TEST_CASE("A value far out is drawn at the edge and told, and does not flatten the rest") {
  history_maker h;
  h.add("baseline", 1.0);
  for (int i = 0; i < 20; ++i) h.add("reverted", 1.0 + 0.01 * i);
  h.add("kept", 0.95).add("reverted", 1e6);
  const auto svg = h.svg();
  CHECK(svg.find("1 value off the scale at ▲▼: 1e+06") != std::string::npos);
  CHECK(svg.find(">1.1<") != std::string::npos);
  h.results.pop_back();
  CHECK(h.svg().find("off the scale") == std::string::npos);
}

TEST_CASE("Ticks stand at round numbers within the range") {
  const auto texts = [](range r, int wanted, bool whole = false) {
    std::string all;
    for (const auto& t : ticks(r, wanted, whole)) all += t.text + " ";
    return all;
  };
  CHECK(texts({0, 10}, 5) == "0 2 4 6 8 10 ");
  CHECK(texts({0.93, 1.01}, 4) == "0.94 0.96 0.98 1.00 ");
  CHECK(texts({-0.1, 0.1}, 4) == "-0.10 -0.05 0 0.05 0.10 ");
  CHECK(texts({0, 3}, 10, true) == "0 1 2 3 ");
  CHECK(texts({0, 1000}, 4) == "0 500 1000 ");
  CHECK(texts({1e9, 3e9}, 2) == "1e+09 2e+09 3e+09 ");
}

TEST_CASE("Labels never lie on each other and never leave the frame") {
  std::vector<wish> wishes;
  std::vector<point> dots;
  for (int i = 0; i < 60; ++i) {
    dots.push_back({100 + i * 13.0, 400 - i * 4.0});
    wishes.push_back({dots.back(), "a label of some length", static_cast<double>(i)});
  }
  const frame inside{80, 90, 970, 470};
  const auto placed = place_labels(wishes, inside, dots);
  CHECK(placed.size() > 3);
  CHECK(placed.front().at.x == doctest::Approx(dots.back().x).epsilon(0.02));
  // As rectangles of the least width that a character can have.
  const auto left = [](const label& l) {
    return l.ends_here ? l.at.x - 5.0 * static_cast<double>(l.text.size()) : l.at.x;
  };
  for (std::size_t i = 0; i < placed.size(); ++i) {
    const auto& a = placed[i];
    CHECK((left(a) > inside.left && a.at.y > inside.top && a.at.y < inside.bottom));
    CHECK(left(a) + 5.0 * static_cast<double>(a.text.size()) < inside.right);
    for (std::size_t j = 0; j < i; ++j) {
      const auto& b = placed[j];
      const bool beside = left(a) + 5.0 * static_cast<double>(a.text.size()) < left(b) ||
                          left(b) + 5.0 * static_cast<double>(b.text.size()) < left(a);
      CHECK((beside || std::abs(a.at.y - b.at.y) > 9));
    }
  }
}

TEST_CASE("A long text is shortened between characters") {
  CHECK(shortened("short", 10) == "short");
  CHECK(shortened("a longer one", 9) == "a longer…");
  CHECK(shortened("äöüß", 3) == "äöü…");
}
