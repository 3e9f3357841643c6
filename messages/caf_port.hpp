// SPDX-License-Identifier: MIT
//
// What differs between generations of CAF (this is 0.17.6) and can stand in one place: how a
// message is registered, how a handler is declared, how a failure travels. What cannot: a role's
// `self->state`, its down and exit handlers, and `caf::replies_to` where there is more than one
// value. So a move to CAF 1.x touches every role, each in the same few lines.
//
// On the wire a message is the CBOR form of its JSON: the same names as everywhere else, absent
// keys take defaults and unknown ones are ignored, so that nodes of different versions talk.
#pragma once

#include <caf/actor_cast.hpp>
#include <caf/actor_system.hpp>
#include <caf/actor_system_config.hpp>
#include <caf/allowed_unsafe_message_type.hpp>
#include <caf/atom.hpp>
#include <caf/behavior.hpp>
#include <caf/detail/tuple_vals.hpp>
#include <caf/detail/type_erased_value_impl.hpp>
#include <caf/error.hpp>
#include <caf/event_based_actor.hpp>
#include <caf/mailbox_element.hpp>
#include <caf/message_id.hpp>
#include <caf/meta/load_callback.hpp>
#include <caf/meta/save_callback.hpp>
#include <caf/meta/type_name.hpp>
#include <caf/result.hpp>
#include <caf/sec.hpp>
#include <caf/send.hpp>
#include <caf/stateful_actor.hpp>
#include <caf/system_messages.hpp>
#include <caf/type_id.hpp>
#include <caf/typed_actor.hpp>
#include <caf/typed_event_based_actor.hpp>
#include <chrono>
#include <cstdint>
#include <string>
#include <string_view>
#include <type_traits>
#include <utility>

#include "messages/failure.hpp"
#include "messages/json.hpp"

namespace ratchet {

/// `asks<Request, Answer>` in a typed handle: a request with an answer (or a failure).
template <class Request, class Answer>
using asks = typename caf::replies_to<Request>::template with<Answer>;
/// `tells<Message>`: no answer, nothing is mailed back to the sender.
template <class Message>
using tells = caf::reacts_to<Message>;

// -- messages -------------------------------------------------------------------------------------

/// Defined in wire.hpp, and compiled once for every registered type.
template <has_fields T>
std::string pack(const T& x);
template <has_fields T>
bool unpack(const std::string& bytes, T& x);

template <class Inspector, has_fields T>
typename Inspector::result_type inspect(Inspector& f, T& x) {
  if constexpr (Inspector::writes_state) {  // a deserializer writes to the inspected object
    std::string bytes;
    return f(bytes, caf::meta::load_callback([&]() -> caf::error {
               if (unpack(bytes, x)) return caf::none;
               return caf::sec::invalid_argument;
             }));
  } else {
    std::string bytes = pack(x);
    return f(bytes);
  }
}

// -- failures -------------------------------------------------------------------------------------

inline constexpr caf::atom_value failure_category = caf::atom("ratchet");

inline caf::error as_error(const failure& f) {
  return {static_cast<std::uint8_t>(f.code), failure_category,
          caf::make_message(f.text, f.details.is_null() ? std::string{} : f.details.dump(),
                            f.untouched, f.permanent)};
}

/// What a requester is told: our failures as they were; CAF's own (a receiver that is gone, a
/// time-out, a thrown exception) in the same words and codes. `what` names who was asked: "the
/// journal".
failure as_failure(const caf::error& error, std::string_view what);

/// Makes every message type and failure known to an actor system that is about to be built.
void add_ratchet_types(caf::actor_system_config& config);

/// For `return` in a handler: the value or the failure.
template <class T>
caf::result<T> as_result(expected<T> x) {
  if (x) return std::move(*x);
  return as_error(x.error());
}

// -- one message to many --------------------------------------------------------------------------

/// A message that is built once and then sent to any number of actors without a copy.
template <class Message>
caf::message shared_message(Message x) {
  return caf::make_message(std::move(x));
}

/// Sends a shared message; the receiver's handle must accept what it holds.
template <class Self, class Handle>
void tell_shared(Self* self, const Handle& to, const caf::message& message) {
  caf::actor_cast<caf::abstract_actor*>(to)->enqueue(caf::actor_cast<caf::strong_actor_ptr>(self),
                                                     caf::make_message_id(), message,
                                                     self->context());
}

/// Sends a shared message to a handler without an answer and calls `handled()` once it has run, or
/// `failed(const caf::error&)` when it cannot.
template <class Self, class Handle, class Handled, class Failed>
void tell_shared(Self* self, const Handle& to, const caf::message& message,
                 std::chrono::seconds timeout, Handled handled, Failed failed) {
  auto id = self->new_request_id(caf::message_priority::normal);
  caf::actor_cast<caf::abstract_actor*>(to)->enqueue(caf::actor_cast<caf::strong_actor_ptr>(self),
                                                     id, message, self->context());
  self->request_response_timeout(caf::duration{timeout}, id);
  self->add_multiplexed_response_handler(
      id.response_id(),
      caf::behavior{[handled] { handled(); }, [failed](const caf::error& e) { failed(e); }});
}

// -- death ----------------------------------------------------------------------------------------

/// Calls `then(caf::actor_addr, const caf::error& why)` for each monitored actor that ends.
template <class Self, class Then>
void when_down(Self* self, Then then) {
  self->set_down_handler([then](caf::down_msg& down) { then(down.source, down.reason); });
}

}  // namespace ratchet

// What CAF makes of a message type, compiled in messages/wire*.cpp and nowhere else: it is most of
// what a file that sends messages would take to compile. At global scope.
#define RATCHET_CAF_TEMPLATES(prefix, type)                                                     \
  prefix template class caf::detail::type_erased_value_impl<ratchet::type>;                     \
  prefix template class caf::detail::tuple_vals_impl<caf::detail::message_data, ratchet::type>; \
  prefix template class caf::detail::tuple_vals_impl<caf::type_erased_tuple, ratchet::type>;    \
  prefix template class caf::detail::tuple_vals<ratchet::type>;
#define RATCHET_COMPILED_ELSEWHERE(type) RATCHET_CAF_TEMPLATES(extern, type)

// For messages that an actor sends only to itself: they need no number on the wire.
#define RATCHET_PRIVATE_MESSAGE(type) CAF_ALLOW_UNSAFE_MESSAGE_TYPE(type)
