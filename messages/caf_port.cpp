// SPDX-License-Identifier: MIT
#include "messages/caf_port.hpp"

#include <caf/exit_reason.hpp>

#include "messages/type_ids.hpp"

namespace ratchet {

namespace {

/// One of the parts that as_error() gives an error; a node of another version may send fewer, or
/// more.
template <class T>
T part(const caf::message& parts, std::size_t at) {
  return at < parts.size() && parts.match_element<T>(at) ? parts.get_as<T>(at) : T();
}

failure from_our_own(const caf::error& error) {
  failure f;
  const bool known = error.code() >= 1 && error.code() <= static_cast<int>(errc::internal);
  f.code = known ? static_cast<errc>(error.code()) : errc::internal;
  const auto& parts = error.context();
  f.text = part<std::string>(parts, 0);
  const auto details = part<std::string>(parts, 1);
  if (!details.empty()) f.details = json::parse(details, nullptr, false);
  if (f.details.is_discarded()) f.details = nullptr;
  f.untouched = part<bool>(parts, 2);
  f.permanent = part<bool>(parts, 3);
  if (f.text.empty()) f.text = std::string(name_of(f.code));
  return f;
}

failure ended(std::string_view what, const caf::error& error) {
  return fail(errc::worker_lost, std::string(what) + " ended before it answered (" +
                                     caf::to_string(error) + "); it is replaced, so try again");
}

failure from_caf(const caf::error& error, caf::sec code, std::string_view what) {
  std::string who(what);
  switch (code) {
    case caf::sec::request_timeout:
      return fail(
          errc::timed_out,
          who + " did not answer within the time limit; ask for the status, then try again");
    case caf::sec::request_receiver_down:
    case caf::sec::remote_linking_failed:
    case caf::sec::no_route_to_receiving_node:
      return ended(what, error);
    case caf::sec::runtime_error:
      return fail(errc::internal,
                  who + " threw an exception, which is a bug: please report it with the log");
    default:
      return fail(errc::internal, who + " could not be asked: " + caf::to_string(error) +
                                      "; this is a bug, please report it");
  }
}

}  // namespace

failure as_failure(const caf::error& error, std::string_view what) {
  if (!error) return fail(errc::internal, std::string(what) + " failed without a reason");
  if (error.category() == failure_category) return from_our_own(error);
  if (error.category() == caf::atom("exit")) return ended(what, error);
  if (error.category() == caf::atom("system"))
    return from_caf(error, static_cast<caf::sec>(error.code()), what);
  return fail(errc::internal, std::string(what) + " failed: " + caf::to_string(error));
}

void add_ratchet_types(caf::actor_system_config& config) {
  config.add_message_types<caf::id_block::ratchet>();
  config.add_error_category(failure_category,
                            [](std::uint8_t code, caf::atom_value, const caf::message& context) {
                              auto text = std::string(name_of(static_cast<errc>(code)));
                              const auto said = part<std::string>(context, 0);
                              return said.empty() ? text : text + ": " + said;
                            });
}

}  // namespace ratchet
