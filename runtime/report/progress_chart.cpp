// SPDX-License-Identifier: MIT
#include "runtime/report/progress_chart.hpp"

#include <algorithm>
#include <cmath>
#include <filesystem>

#include "actors/logic/text.hpp"
#include "runtime/report/chart_labels.hpp"
#include "runtime/report/chart_points.hpp"
#include "runtime/report/chart_scale.hpp"
#include "runtime/report/svg_text.hpp"

namespace ratchet {

using namespace chart;

namespace {

constexpr double width = 1000, height = 560;
constexpr frame plot{84, 92, 972, 470};
constexpr std::size_t most_dots = 1500;  // of a kind
constexpr std::size_t most_tooltips = 500;

/// Colours stand in classes, because a media query can replace those alone. The picture has a
/// ground of its own: it can be read on any page.
constexpr const char* style = R"css(<style>
text{font-family:system-ui,-apple-system,"Segoe UI","DejaVu Sans",sans-serif;font-size:12px;fill:#59636e}
.title{font-size:19px;font-weight:600;fill:#1f2328}
.label{font-size:11px;fill:#1f2328;paint-order:stroke;stroke:#ffffff;stroke-width:3px;stroke-linejoin:round}
.axis-name{font-size:13px;fill:#1f2328}
.ground{fill:#ffffff;stroke:#d1d9e0}
.grid{stroke:#e6eaef}.axis{stroke:#8c959f}
.baseline{stroke:#59636e;stroke-dasharray:5 4;stroke-width:1.3}
.best{fill:none;stroke:#2da44e;stroke-width:2;stroke-linejoin:round}
.kept{fill:#1a7f37;stroke:#ffffff;stroke-width:1.2}
.start{fill:#59636e;stroke:#ffffff;stroke-width:1.2}
.discarded{fill:#8c959f;fill-opacity:.55}
.rejected{fill:#ffffff;stroke:#bc4c00;stroke-width:1.6}
.crashed{fill:none;stroke:#cf222e;stroke-width:1.5;stroke-linecap:round}
.unusable{stroke:#8c959f;stroke-width:1.2}
@media (prefers-color-scheme:dark){
text{fill:#9198a1}
.title,.axis-name{fill:#f0f6fc}
.label{fill:#e6edf3;stroke:#0d1117}
.ground{fill:#0d1117;stroke:#3d444d}
.grid{stroke:#21262d}.axis{stroke:#656c76}
.baseline{stroke:#9198a1}
.best{stroke:#2ea043}
.kept{fill:#3fb950;stroke:#0d1117}
.start{fill:#9198a1;stroke:#0d1117}
.discarded{fill:#8b949e}
.rejected{fill:#0d1117;stroke:#db6d28}
.crashed{stroke:#f85149}
.unusable{stroke:#656c76}
}
</style>
)css";

std::string at(const char* x, double x_value, const char* y, double y_value) {
  return std::string(" ") + x + "=\"" + unit(x_value) + "\" " + y + "=\"" + unit(y_value) + "\"";
}

std::string line_between(const char* kind, const point& a, const point& b) {
  return std::string("<line class=\"") + kind + "\"" + at("x1", a.x, "y1", a.y) +
         at("x2", b.x, "y2", b.y) + "/>\n";
}

std::string text_at(const point& p, const std::string& text, const std::string& attributes = "") {
  return "<text" + at("x", p.x, "y", p.y) + attributes + ">" + escaped(text) + "</text>\n";
}

std::string dot(const char* kind, const point& p, double radius, const std::string& tooltip = "") {
  std::string out = std::string("<circle class=\"") + kind + "\"" + at("cx", p.x, "cy", p.y) +
                    " r=\"" + unit(radius) + "\"";
  if (tooltip.empty()) return out + "/>\n";
  return out + "><title>" + escaped(tooltip) + "</title></circle>\n";
}

std::string cross(const point& p) {
  const auto x = unit(p.x - 3), y = unit(p.y - 3);
  return "<path class=\"crashed\" d=\"M" + x + " " + y + "l6 6m0 -6l-6 6\"/>\n";
}

/// Points at the edge at which the value left the picture.
std::string arrow(const char* kind, const point& p, bool up) {
  return std::string("<path class=\"") + kind + "\" d=\"M" + unit(p.x - 4) + " " +
         unit(p.y + (up ? 7 : -7)) + "h8l-4 " + (up ? "-7" : "7") + "z\"/>\n";
}

std::string counted(std::size_t n, const char* one, const char* many) {
  return std::to_string(n) + " " + (n == 1 ? one : many);
}

/// The drawing in the making.
class progress_drawing {
 public:
  progress_drawing(const json& session, const session_settings& settings,
                   const std::vector<iteration_record>& results)
      : session_(session), settings_(settings), history_(history_of(session, results)) {
    higher_ = settings.metric_direction == metric_direction::higher_is_better;
    set_scales();
  }

  std::string text() {
    draw_axes();
    draw_discarded();
    draw_best();
    draw_labels();
    draw_words();
    return "<svg xmlns=\"http://www.w3.org/2000/svg\" viewBox=\"0 0 1000 560\" width=\"1000\" "
           "height=\"560\" role=\"img\">\n<title>" +
           escaped(headline()) + "</title>\n<desc>" + escaped(summary()) + "</desc>\n" + style +
           "<rect class=\"ground\" x=\"0.5\" y=\"0.5\" width=\"999\" height=\"559\" rx=\"8\"/>\n" +
           out_ + "</svg>\n";
  }

 private:
  void set_scales() {
    const double room = std::max(0.5, history_.last * 0.015);
    x_ = {{-room, history_.last + room}, {plot.left, plot.right}};
    std::vector<double> core, others;
    for (const auto& p : history_.steps()) core.push_back(p.value);
    for (const auto* kind : {&history_.discarded, &history_.rejected})
      for (const auto& p : *kind) others.push_back(p.value);
    if (core.empty()) core.swap(others);
    if (core.empty()) return;
    measured_ = true;
    shown_ = visible_range(core, others);
    // Labels stand where the line has not been yet: on the better side.
    const double better = history_.kept.empty() ? 0.08 : 0.22, worse = 0.08;
    y_ = {padded(shown_, higher_ ? worse : better, higher_ ? better : worse),
          {plot.bottom, plot.top}};
  }

  point place(const value_point& p) const { return {x_(p.iteration), y_(p.value)}; }

  void draw_axes() {
    out_ += "<g>\n";
    if (measured_)
      for (const auto& t : ticks(y_.from, 6)) {
        const double y = y_(t.value);
        out_ += line_between("grid", {plot.left, y}, {plot.right, y});
        out_ += text_at({plot.left - 8, y + 4}, t.text, " text-anchor=\"end\"");
      }
    for (const auto& t : ticks({0, std::max(1.0, x_.from.high)}, 10, true)) {
      if (t.value > history_.last) break;
      const double x = x_(t.value);
      out_ += line_between("grid", {x, plot.top}, {x, plot.bottom});
      out_ += text_at({x, plot.bottom + 19}, t.text, " text-anchor=\"middle\"");
    }
    out_ += line_between("axis", {plot.left, plot.bottom}, {plot.right, plot.bottom});
    out_ += "</g>\n";
    out_ += text_at({(plot.left + plot.right) / 2, plot.bottom + 40}, "iteration",
                    " class=\"axis-name\" text-anchor=\"middle\"");
    const double middle = (plot.top + plot.bottom) / 2;
    out_ += "<text class=\"axis-name\" text-anchor=\"middle\" transform=\"translate(22 " +
            unit(middle) + ") rotate(-90)\">" +
            escaped(one_line(settings_.metric_name, 40) + direction_words()) + "</text>\n";
    if (!measured_)
      out_ += text_at({(plot.left + plot.right) / 2, middle}, "No metric was measured",
                      " text-anchor=\"middle\"");
  }

  std::string direction_words() const {
    return higher_ ? " (higher is better ↑)" : " (lower is better ↓)";
  }

  void draw_discarded() {
    draw_cloud("discarded", history_.discarded, 3);
    draw_cloud("rejected", history_.rejected, 4);
    draw_marks(history_.unusable, [&](const point& p) {
      out_ += line_between("unusable", {p.x, p.y - 5}, {p.x, p.y});
    });
    draw_marks(history_.crashed, [&](const point& p) { out_ += cross(p); });
  }

  void draw_cloud(const char* kind, const std::vector<value_point>& values, double radius) {
    const bool told = values.size() <= most_tooltips;
    std::vector<point> inside, above, below;
    for (const auto& p : values) {
      const auto where = place(p);
      if (y_.from.holds(p.value)) {
        inside.push_back(where);
        if (told) out_ += dot(kind, where, radius, tooltip(p));
      } else {
        (p.value > y_.from.high ? above : below).push_back({where.x, 0});
        clipped_.push_back(p.value);
      }
    }
    const auto drawn = thinned(inside, most_dots);
    if (!told)
      for (const auto& p : drawn) out_ += dot(kind, p, drawn.size() > 800 ? 2 : radius);
    for (const auto& p : thinned(above, 200)) out_ += arrow(kind, {p.x, plot.top}, true);
    for (const auto& p : thinned(below, 200)) out_ += arrow(kind, {p.x, plot.bottom - 8}, false);
  }

  template <class Draw>
  void draw_marks(const std::vector<int>& iterations, Draw draw) {
    std::vector<point> marks;
    for (int i : iterations) marks.push_back({x_(i), plot.bottom});
    for (const auto& p : thinned(marks, 130)) draw(p);
  }

  void draw_best() {
    if (history_.baseline) {
      const double y = y_(history_.baseline->value);
      out_ += line_between("baseline", {plot.left, y}, {plot.right, y});
    }
    const auto steps = history_.steps();
    if (steps.empty()) return;
    for (const auto& p : steps) {
      const auto to = place(p);
      if (!line_.empty()) line_.push_back({to.x, line_.back().y});
      line_.push_back(to);
    }
    line_.push_back({x_(history_.last), line_.back().y});
    std::string path;
    for (const auto& p : thinned_line())
      path += (path.empty() ? "M" : "L") + unit(p.x) + " " + unit(p.y);
    out_ += "<path class=\"best\" d=\"" + path + "\"/>\n";

    if (history_.baseline) out_ += dot("start", place(*history_.baseline), 4.5, "baseline");
    for (const auto& p : history_.kept) dots_.push_back(place(p));
    const double radius = history_.kept.size() > 200 ? 3 : 4.5;
    if (history_.kept.size() <= most_tooltips)
      for (std::size_t i = 0; i < dots_.size(); ++i)
        out_ += dot("kept", dots_[i], radius, tooltip(history_.kept[i]));
    else
      for (const auto& p : thinned(dots_, most_dots)) out_ += dot("kept", p, radius);
  }

  /// Without the corners that fall on the one before.
  std::vector<point> thinned_line() const {
    std::vector<point> corners;
    for (std::size_t i = 0; i < line_.size(); ++i)
      if (i == 0 || i + 1 == line_.size() || std::abs(line_[i].x - corners.back().x) > 0.3 ||
          std::abs(line_[i].y - corners.back().y) > 0.3)
        corners.push_back(line_[i]);
    return corners;
  }

  void draw_labels() {
    std::vector<wish> wishes;
    const auto steps = history_.steps();
    for (std::size_t i = 0; i < steps.size(); ++i) {
      const auto& p = steps[i];
      if (p.iteration == 0 || !p.record) continue;
      // The last kept is the best; of the others the greatest steps matter most.
      double weight = i > 0 ? std::abs(p.value - steps[i - 1].value) : 0;
      if (i + 1 == steps.size()) weight = 1e301;
      wishes.push_back({place(p), one_line(p.record->candidate.hypothesis, 60), weight});
    }
    for (const auto& l : place_labels(std::move(wishes), plot, thinned(dots_, 400)))
      out_ += text_at(l.at, l.text,
                      std::string(" class=\"label\" dy=\"0.35em\"") +
                          (l.ends_here ? " text-anchor=\"end\"" : ""));
  }

  std::string tooltip(const value_point& p) const {
    std::string text = "iteration " + std::to_string(p.iteration) + ": " + readable(p.value);
    if (p.record && !p.record->decision.empty()) text += ", " + p.record->decision;
    if (p.record && !p.record->candidate.hypothesis.empty())
      text += " - " + one_line(p.record->candidate.hypothesis, 100);
    return text;
  }

  void draw_words() {
    out_ += text_at({28, 38}, headline(), " class=\"title\"");
    out_ += text_at({28, 60}, summary());
    if (!clipped_.empty()) {
      const auto [low, high] = std::minmax_element(clipped_.begin(), clipped_.end());
      const std::string range =
          *low == *high ? readable(*low) : readable(*low) + " to " + readable(*high);
      out_ +=
          text_at({plot.right, 80},
                  counted(clipped_.size(), "value", "values") + " off the scale at ▲▼: " + range,
                  " text-anchor=\"end\"");
    }
    draw_legend();
  }

  void draw_legend() {
    double x = plot.left;
    const double y = height - 20;
    const auto entry = [&](const std::string& mark, const std::string& text, double mark_width) {
      out_ += mark + text_at({x + mark_width, y + 4}, text);
      x += mark_width + 6.7 * static_cast<double>(text.size()) + 22;
    };
    out_ += "<g>\n";
    if (!line_.empty()) entry(line_between("best", {x, y}, {x + 22, y}), "best so far", 28);
    if (!history_.kept.empty())
      entry(dot("kept", {x + 5, y}, 4.5), "kept " + std::to_string(history_.kept.size()), 15);
    if (!history_.discarded.empty())
      entry(dot("discarded", {x + 5, y}, 3),
            "discarded " + std::to_string(history_.discarded.size()), 15);
    if (!history_.rejected.empty())
      entry(dot("rejected", {x + 5, y}, 4),
            "rejected by a gate " + std::to_string(history_.rejected.size()), 15);
    if (!history_.crashed.empty())
      entry(cross({x + 5, y}), "crashed " + std::to_string(history_.crashed.size()), 15);
    if (!history_.unusable.empty())
      entry(line_between("unusable", {x + 5, y - 4}, {x + 5, y + 4}),
            "edit failed " + std::to_string(history_.unusable.size()), 15);
    if (history_.baseline)
      entry(line_between("baseline", {x, y}, {x + 22, y}),
            "baseline " + readable(history_.baseline->value), 28);
    out_ += "</g>\n";
  }

  std::string headline() const {
    const auto name = one_line(settings_.metric_name, 40);
    const auto steps = history_.steps();
    if (steps.empty()) return name + ": no baseline";
    const double first = steps.front().value, best = steps.back().value;
    if (auto text = compared_words(session_); !text.empty()) return name + ": " + text;
    if (steps.size() == 1) return name + ": " + readable(first) + ", nothing kept";
    std::string text = name + ": " + readable(first) + " → " + readable(best);
    if (history_.baseline && first != 0) {
      const double percent = (best - first) / std::abs(first) * 100;
      if (std::isfinite(percent) && std::abs(percent) < 1e5) {
        const double rounded = std::round(std::abs(percent) * 10) / 10;
        text += std::string(" (") + (percent < 0 ? "−" : "+") + readable(rounded) + " %)";
      }
    }
    return text;
  }

  std::string summary() const {
    std::string text = counted(static_cast<std::size_t>(history_.last), "iteration", "iterations") +
                       ", " + std::to_string(history_.kept.size()) + " kept";
    const auto repository = std::filesystem::path(settings_.repo_path).filename().string();
    if (!repository.empty()) text += " · " + one_line(repository, 40);
    if (!settings_.target_files.empty()) {
      text += " · " + one_line(settings_.target_files.front(), 50);
      if (settings_.target_files.size() > 1)
        text += " and " + std::to_string(settings_.target_files.size() - 1) + " more";
    }
    if (session_.is_object())
      if (auto source = session_.find("metric_source");
          source != session_.end() && source->is_string() &&
          source->get_ref<const std::string&>().starts_with("fallback"))
        text += " · metric found by " + one_line(source->get<std::string>(), 40);
    if (session_.is_object())
      if (auto id = session_.find("session_id"); id != session_.end() && id->is_string())
        text += " · session " + one_line(id->get<std::string>(), 40);
    return text;
  }

  const json& session_;
  const session_settings& settings_;
  history history_;
  bool higher_ = true;
  bool measured_ = false;  ///< there is something on the y axis
  range shown_;
  scale x_, y_;
  std::string out_;
  std::vector<double> clipped_;
  std::vector<point> line_, dots_;
};

}  // namespace

std::string render_progress_svg(const json& session, const session_settings& settings,
                                const std::vector<iteration_record>& results) {
  return progress_drawing(session, settings, results).text();
}

}  // namespace ratchet
