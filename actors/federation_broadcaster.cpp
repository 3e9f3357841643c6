// SPDX-License-Identifier: MIT
#include "actors/federation_broadcaster.hpp"

#include <spdlog/spdlog.h>

#include <algorithm>

#include "actors/logic/egress_guard.hpp"
#include "actors/logic/learning_delta.hpp"
#include "actors/logic/shared_recipes.hpp"
#include "actors/logic/text.hpp"
#include "messages/type_ids.hpp"

namespace ratchet {

namespace {

constexpr std::size_t recipes_looked_at = 1000;

/// Takes out of the delta what may not leave; fails when something is still found after that.
expected<> clean(const std::string& id, json& delta) {
  auto result = guard_egress(delta);
  if (result.clean()) return {};
  if (auto again = guard_egress(result.document); !again.clean())
    return fail(errc::invalid_argument,
                "the learning delta of session " + id + " is not exported: it holds " +
                    describe(again.findings) + "; name it otherwise in the next session");
  spdlog::warn("session {}: taken out of its learning delta: {}", id, describe(result.findings));
  delta = std::move(result.document);
  return {};
}

expected<> add_recipes(const world& w, const std::string& id, json& delta) {
  auto recipes = w.recipes->recipes(recipes_looked_at);
  if (!recipes) return recipes.error();
  auto shared = recipes_to_share(*recipes, id);
  for (const auto& why : shared.left_out)
    spdlog::warn("session {}: a recipe is not shared: {}", id, why);
  if (!shared.list.empty()) delta["recipes"] = std::move(shared.list);
  return {};
}

/// Those that the outbox addresses.
expected<std::size_t> peers_told(const world& w) {
  auto peers = w.federation->peers();
  if (!peers) return peers.error();
  return static_cast<std::size_t>(
      std::count_if(peers->begin(), peers->end(),
                    [](const peer_record& p) { return p.in_use && !p.address.empty(); }));
}

expected<delta_shared> share(const world& w, const share_delta& m) {
  const auto& id = m.session.session_id;
  auto scores = w.benchmarks->tool_scores();
  if (!scores) return scores.error();
  auto now = w.clock->now_ms();
  auto delta = learning_delta(m.session, m.settings, *scores, now);
  if (!delta) return delta_shared{true, false, "nothing to share: the session did not improve"};
  if (auto ok = clean(id, *delta); !ok) return ok.error();
  const delta_shared with_nobody{true, false, "no peers: `ratchet peers add` names one"};
  if (!w.federation) return with_nobody;
  auto settings = w.federation->settings();
  if (!settings) return settings.error();
  if (settings->share_recipes)
    if (auto ok = add_recipes(w, id, *delta); !ok) return ok.error();
  auto entry = w.federation->add_to_outbox(id, *delta, rfc3339(now));
  if (!entry) return entry.error();
  auto peers = peers_told(w);
  if (!peers) return peers.error();
  if (*peers == 0) return with_nobody;
  if (w.deliver_soon) w.deliver_soon();
  return delta_shared{true, false,
                      std::to_string(*peers) + (*peers == 1 ? " peer is" : " peers are") +
                          " being told; `ratchet peers` shows who has answered"};
}

}  // namespace

federation_broadcaster_actor::behavior_type federation_broadcaster(
    federation_broadcaster_actor::pointer, const world& w) {
  return {[w](const share_delta& m) { return as_result(share(w, m)); }};
}

}  // namespace ratchet
