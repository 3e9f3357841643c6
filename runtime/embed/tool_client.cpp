// SPDX-License-Identifier: MIT
#include "runtime/embed/tool_client.hpp"

#include <algorithm>
#include <chrono>
#include <utility>

#include "actors/session_registry.hpp"
#include "actors/work/ask_within.hpp"
#include "messages/timeouts.hpp"
#include "messages/type_ids.hpp"

namespace ratchet {

namespace {

constexpr const char* still_running =
    "The step goes on. Call get_autoresearch_status with this session_id and a wait_ms; its "
    "last_result will hold the answer.";

struct tool_client_state {
  std::string tool;
  std::string session_id;
  std::int64_t wait_ms = -1;
  std::function<void(json)> answer;
  failure gone;
  std::chrono::steady_clock::time_point begun = std::chrono::steady_clock::now();
  session_registry_actor registry;  ///< none until the supervisor has named it
  bool cancelled = false;
};
using tool_client_self = tool_client_actor::stateful_pointer<tool_client_state>;

void finish(tool_client_self self, json answer) {
  auto tell = std::exchange(self->state.answer, nullptr);
  if (tell) tell(std::move(answer));
  self->quit();
}

json running_answer(const tool_client_state& s) {
  std::chrono::duration<double> waited = std::chrono::steady_clock::now() - s.begun;
  return {{"session_id", s.session_id},
          {"state", "running"},
          {"step", s.tool},
          {"elapsed_s", waited.count()},
          {"instruction", still_running}};
}

/// What the registry answers to a request, as its handle says.
template <class Request>
using answer_to =
    caf::detail::tl_head_t<caf::response_type_t<session_registry_actor::signatures, Request>>;

template <class Request>
void ask(tool_client_self self, const Request& request) {
  using answer = answer_to<Request>;
  using std::chrono::milliseconds;
  const auto& s = self->state;
  auto patience = s.wait_ms < 0 ? milliseconds(longest_step) : milliseconds(s.wait_ms);
  ask_within<answer>(
      self, s.registry, patience, request, [self](const answer& a) { finish(self, a); },
      [self](const caf::error& error) {
        const auto& state = self->state;
        if (state.wait_ms >= 0 && error == caf::sec::request_timeout)
          return finish(self, running_answer(state));
        // A setup that was refused has left no session behind to speak of.
        bool no_session = std::is_same_v<Request, setup_session>;
        finish(self,
               error_answer(as_failure(error, state.tool), no_session ? "" : state.session_id));
      });
}

struct sender {
  tool_client_self self;
  template <class Request>
  void operator()(const Request& m) const {
    ask(self, m);
  }
  void operator()(get_status m) const {
    // The session itself keeps the wait; the answer may take a moment longer.
    m.wait_ms = std::max<std::int64_t>(0, std::exchange(self->state.wait_ms, -1));
    ask(self, m);
  }
};

/// It follows the request, so that the session knows the step by then.
void cancel(tool_client_self self) {
  auto& s = self->state;
  if (std::exchange(s.cancelled, true)) return;
  if (s.registry && !s.session_id.empty()) self->send(s.registry, cancel_step{s.session_id});
}

tool_client_actor::behavior_type tool_client(tool_client_self self, tool_client_state state,
                                             const supervisor_actor& supervisor,
                                             tool_call::request request) {
  self->state = std::move(state);
  self->request(supervisor, store_timeout, find_roles{})
      .then(
          [self, request = std::move(request)](const session_registry_actor& registry,
                                               const event_hub_actor&, const gate_chain_actor&) {
            auto& s = self->state;
            if (s.cancelled)
              return finish(self, error_answer(fail(errc::cancelled,
                                                    s.tool + " was cancelled before it began")));
            s.registry = registry;
            std::visit(sender{self}, request);
          },
          [self](const caf::error&) { finish(self, error_answer(self->state.gone)); });
  return {[self](const cancel_step&) { cancel(self); }};
}

}  // namespace

expected<ready_call> read_call(std::string_view tool, const json& arguments,
                               std::int64_t default_wait_ms) {
  auto decoded = decode_call(tool, arguments);
  if (!decoded) return decoded.error();
  ready_call call{std::move(decoded->message), decoded->wait_ms.value_or(default_wait_ms)};
  if (std::holds_alternative<get_status>(call.request)) call.wait_ms = decoded->wait_ms.value_or(0);
  if (auto* setup = std::get_if<setup_session>(&call.request)) setup->session_id = new_session_id();
  return call;
}

std::string session_of(const tool_call::request& request) {
  return std::visit(
      [](const auto& m) -> std::string {
        if constexpr (requires { m.session_id; })
          return m.session_id;
        else
          return "";
      },
      request);
}

tool_client_actor call_tool(caf::actor_system& system, const supervisor_actor& supervisor,
                            std::string tool, tool_call::request request, std::int64_t wait_ms,
                            std::function<void(json)> answer, failure gone) {
  tool_client_state state;
  state.tool = std::move(tool);
  state.session_id = session_of(request);
  state.wait_ms = wait_ms;
  state.answer = std::move(answer);
  state.gone = std::move(gone);
  return system.spawn(tool_client, std::move(state), supervisor, std::move(request));
}

}  // namespace ratchet
