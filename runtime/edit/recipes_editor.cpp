// SPDX-License-Identifier: MIT
#include <algorithm>
#include <set>

#include "actors/logic/recipe_steps.hpp"
#include "actors/logic/target_set.hpp"
#include "actors/logic/text.hpp"
#include "runtime/edit/editors.hpp"

namespace ratchet {

namespace {

/// A recipe that may be proposed: of this store, or of a peer.
struct offer {
  recipe what;
  std::string node_id;  ///< empty: of this store

  std::string id() const {
    return (node_id.empty() ? "" : node_id + " ") + what.session_id + " " +
           std::to_string(what.iteration);
  }
  /// Of a peer's recipe nothing is told but where it is from: its own words could be written for
  /// whoever reads the history, a model for instance.
  std::string hypothesis() const {
    const auto where =
        "session " + what.session_id + " iteration " + std::to_string(what.iteration);
    if (!node_id.empty()) return "recipe from peer " + node_id.substr(0, 12) + ", " + where;
    return one_line("recipe from " + what.session_id + " iteration " +
                    std::to_string(what.iteration) + ": " + what.hypothesis);
  }
};

/// State: {"used": ["<session> <iteration>", "<node> <session> <iteration>", …]}, what this session
/// has proposed.
class recipes_editor final : public editor_port {
 public:
  recipes_editor(json options, recipes_port& kept, federation_port* federation)
      : options_(std::move(options)), kept_(kept), federation_(federation) {}

  expected<proposal> propose(const edit_context& context, std::stop_token stop) override try {
    auto offers = all_offers(context);
    if (!offers) return offers.error();
    json used = json::array();
    if (context.backend_state.is_object()) used = context.backend_state.value("used", used);
    std::set<std::string> done(used.begin(), used.end());
    const target_set targets(context.settings->target_files);
    for (const auto& o : *offers) {
      if (stop.stop_requested())
        return fail(errc::cancelled, "the search for a recipe was cancelled");
      if (done.count(o.id())) continue;
      auto changes = replay(o.what.changes, context.targets,
                            [&](const std::string& path) { return targets.contains(path); });
      if (!changes || context.tried(*changes)) continue;
      proposal out;
      out.hypothesis = o.hypothesis();
      out.changes = std::move(*changes);
      used.push_back(o.id());
      out.state = {{"used", used}};
      return out;
    }
    return fail(
        errc::edit_refused,
        offers->empty()
            ? "the store has no recipe of another session; let another backend find one first"
            : "none of the " + std::to_string(offers->size()) +
                  " recipes of other sessions applies here and is untried; use another "
                  "edit backend");
  } catch (const std::exception& e) {
    return fail(errc::internal, std::string("the recipes backend failed: ") + e.what());
  }

 private:
  /// The own ones first; of each kind the nearest first, newest first within equal fit.
  expected<std::vector<offer>> all_offers(const edit_context& context) {
    const auto limit = options_.value("limit", std::size_t{200});
    std::vector<offer> offers;
    auto own = kept_.recipes(limit);
    if (!own) return own.error();
    for (auto& r : *own)
      if (r.session_id != context.session_id) offers.push_back({std::move(r), ""});
    if (federation_ && options_.value("received", true)) {
      auto received = federation_->received_recipes(limit);
      if (!received) return received.error();
      for (auto& r : *received) offers.push_back({std::move(r.what), std::move(r.node_id)});
    }
    const target_set targets(context.settings->target_files);
    std::stable_sort(offers.begin(), offers.end(), [&](const offer& a, const offer& b) {
      return std::pair(a.node_id.empty(), fit(a.what, *context.settings, targets)) >
             std::pair(b.node_id.empty(), fit(b.what, *context.settings, targets));
    });
    return offers;
  }

  static int fit(const recipe& r, const session_settings& s, const target_set& targets) {
    return (r.metric_name == s.metric_name ? 4 : 0) + (targets.contains(r.target_file) ? 2 : 0) +
           (!s.experiment_id.empty() && r.experiment_id == s.experiment_id ? 1 : 0);
  }

  json options_;
  recipes_port& kept_;
  federation_port* federation_;
};

}  // namespace

std::shared_ptr<editor_port> make_recipes_editor(json options, recipes_port& kept,
                                                 federation_port* federation) {
  return std::make_shared<recipes_editor>(std::move(options), kept, federation);
}

}  // namespace ratchet
