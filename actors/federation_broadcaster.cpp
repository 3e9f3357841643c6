// SPDX-License-Identifier: MIT
#include "actors/federation_broadcaster.hpp"

#include <spdlog/spdlog.h>

#include "actors/logic/egress_guard.hpp"
#include "actors/logic/learning_delta.hpp"
#include "actors/logic/text.hpp"
#include "messages/type_ids.hpp"

namespace ratchet {

namespace {

constexpr auto no_delivery = "no peers: delivery is not part of this version";

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

expected<delta_shared> share(store_port& store, const clock_port& clock, const share_delta& m) {
  const auto& id = m.session.session_id;
  auto scores = store.tool_scores();
  if (!scores) return scores.error();
  auto now = clock.now_ms();
  auto delta = learning_delta(m.session, m.settings, *scores, now);
  if (!delta) return delta_shared{true, false, "nothing to share: the session did not improve"};
  if (auto ok = clean(id, *delta); !ok) return ok.error();
  auto entry = store.add_to_outbox(id, *delta, rfc3339(now));
  if (!entry) return entry.error();
  return delta_shared{true, false, no_delivery};
}

}  // namespace

federation_broadcaster_actor::behavior_type federation_broadcaster(
    federation_broadcaster_actor::pointer, std::shared_ptr<store_port> store,
    std::shared_ptr<clock_port> clock) {
  return {[store, clock](const share_delta& m) { return as_result(share(*store, *clock, m)); }};
}

}  // namespace ratchet
