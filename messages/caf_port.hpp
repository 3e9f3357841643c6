// SPDX-License-Identifier: MIT
//
// Everything that knows which generation of CAF this is (0.17.6): how a message is registered, how
// a handler is declared, how a failure travels. A move to CAF 1.x changes this file, the runtime's
// system.* and the test fixture.
//
// On the wire a message is the CBOR form of its JSON: the same names as everywhere else, absent
// keys take defaults and unknown ones are ignored, so that nodes of different versions talk.
#pragma once

#include <caf/actor_cast.hpp>
#include <caf/actor_system.hpp>
#include <caf/actor_system_config.hpp>
#include <caf/atom.hpp>
#include <caf/error.hpp>
#include <caf/event_based_actor.hpp>
#include <caf/meta/load_callback.hpp>
#include <caf/meta/save_callback.hpp>
#include <caf/meta/type_name.hpp>
#include <caf/result.hpp>
#include <caf/sec.hpp>
#include <caf/send.hpp>
#include <caf/stateful_actor.hpp>
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

// -- messages
// ---------------------------------------------------------------------------------------

template <class Inspector, has_fields T>
typename Inspector::result_type inspect(Inspector& f, T& x) {
  if constexpr (Inspector::writes_state) {  // a deserializer writes to the inspected object
    std::string bytes;
    return f(bytes, caf::meta::load_callback([&]() -> caf::error {
               json j = json::from_cbor(bytes, true, false);
               if (j.is_discarded()) return caf::sec::invalid_argument;
               try {
                 from_json(j, x);
               } catch (const std::exception&) {
                 return caf::sec::invalid_argument;
               }
               return caf::none;
             }));
  } else {
    auto binary = json::to_cbor(json(std::as_const(x)));
    std::string bytes(binary.begin(), binary.end());
    return f(bytes);
  }
}

// -- failures
// ---------------------------------------------------------------------------------------

inline constexpr caf::atom_value failure_category = caf::atom("ratchet");

inline caf::error as_error(const failure& f) {
  return {static_cast<std::uint8_t>(f.code), failure_category,
          caf::make_message(f.text, f.details.is_null() ? std::string{} : f.details.dump())};
}

/// What a requester is told: our failures as they were; CAF's own (a receiver that is gone, a
/// time-out, a thrown exception) in the same words and codes.
failure as_failure(const caf::error& error, std::string_view what);

/// For `return` in a handler: the value or the failure.
template <class T>
caf::result<T> as_result(expected<T> x) {
  if (x) return std::move(*x);
  return as_error(x.error());
}
}  // namespace ratchet
