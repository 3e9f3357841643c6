// SPDX-License-Identifier: MIT
#include <algorithm>
#include <set>

#include "actors/logic/text.hpp"
#include "runtime/edit/editors.hpp"
#include "actors/logic/recipe_steps.hpp"

namespace ratchet {

namespace {

/// State: {"used": ["<session> <iteration>", …]}, what this session has proposed.
class recipes_editor final : public editor_port {
 public:
  recipes_editor(json options, store_port& store) : options_(std::move(options)), store_(store) {}

  expected<proposal> propose(const edit_context& context, std::stop_token stop) override try {
    auto known = store_.recipes(options_.value("limit", std::size_t{200}));
    if (!known) return known.error();
    json used = json::array();
    if (context.backend_state.is_object()) used = context.backend_state.value("used", used);
    std::set<std::string> done(used.begin(), used.end());

    // Newest first within equal fit, as the store gives them.
    std::stable_sort(known->begin(), known->end(), [&](const recipe& a, const recipe& b) {
      return fit(a, context) > fit(b, context);
    });
    std::size_t elsewhere = 0;
    for (const auto& r : *known) {
      if (stop.stop_requested())
        return fail(errc::cancelled, "the search for a recipe was cancelled");
      if (r.session_id == context.session_id) continue;
      ++elsewhere;
      std::string id = r.session_id + " " + std::to_string(r.iteration);
      if (done.count(id)) continue;
      auto changes = replay(r.changes, context.targets);
      if (!changes || (context.tried && context.tried(*changes))) continue;
      proposal out;
      out.hypothesis = one_line("recipe from " + r.session_id + " iteration " +
                                std::to_string(r.iteration) + ": " + r.hypothesis);
      out.changes = std::move(*changes);
      used.push_back(id);
      out.state = {{"used", used}};
      return out;
    }
    return fail(
        errc::edit_refused,
        elsewhere == 0
            ? "the store has no recipe of another session; let another backend find one first"
            : "none of the " + std::to_string(elsewhere) +
                  " recipes of other sessions applies here and is untried; use another "
                  "edit backend");
  } catch (const std::exception& e) {
    return fail(errc::internal, std::string("the recipes backend failed: ") + e.what());
  }

 private:
  static int fit(const recipe& r, const edit_context& context) {
    const auto& s = context.settings;
    return (r.metric_name == s.metric_name ? 4 : 0) + (s.is_target(r.target_file) ? 2 : 0) +
           (!s.experiment_id.empty() && r.experiment_id == s.experiment_id ? 1 : 0);
  }

  json options_;
  store_port& store_;
};

}  // namespace

std::shared_ptr<editor_port> make_recipes_editor(json options, store_port& store) {
  return std::make_shared<recipes_editor>(std::move(options), store);
}

}  // namespace ratchet
