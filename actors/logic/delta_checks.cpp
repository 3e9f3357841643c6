// SPDX-License-Identifier: MIT
#include "actors/logic/delta_checks.hpp"

#include <algorithm>
#include <cmath>
#include <cstdlib>

#include "actors/logic/delta_contents.hpp"
#include "actors/logic/delta_envelope.hpp"
#include "actors/logic/hex.hpp"
#include "actors/logic/json_bounds.hpp"
#include "actors/logic/learning_delta.hpp"
#include "actors/logic/text.hpp"

namespace ratchet {

namespace {

/// The greatest integer that every JSON reader reads as it is written.
constexpr std::int64_t max_integer = (std::int64_t{1} << 53) - 1;

std::string text_at(const json& object, const char* key) {
  auto it = object.find(key);
  return it != object.end() && it->is_string() ? it->get<std::string>() : std::string();
}

/// 0 when there is none, or it is out of range.
std::int64_t positive_at(const json& object, const char* key) {
  auto it = object.find(key);
  if (it == object.end() || !it->is_number_integer()) return 0;
  if (it->is_number_unsigned() && it->get<std::uint64_t>() > max_integer) return 0;
  const auto n = it->get<std::int64_t>();
  return n > 0 && n <= max_integer ? n : 0;
}

std::string hours(std::int64_t ms) {
  return shortest(std::round(static_cast<double>(ms) / 360'000) / 10) + " h";
}

/// Who says it, and that it was said now.
std::optional<delta_refusal> check_origin(const json& envelope, const delta_context& c,
                                          checked_delta& out, delta_sender& sender) {
  auto version = envelope.find("version");
  if (version == envelope.end() || !version->is_number_integer() ||
      *version != learning_delta_version)
    return delta_refusal{"version", "this node reads deltas of version " +
                                        std::to_string(learning_delta_version) +
                                        "; the sender and this node should run the same Ratchet"};
  out.node_id = text_at(envelope, "node_id");
  if (!is_node_id(out.node_id))
    return delta_refusal{"node_id", "node_id must be 64 hexadecimal digits in lower case"};
  if (out.node_id != c.connected_node)
    return delta_refusal{"not_the_sender", "the delta says it is of " + out.node_id.substr(0, 12) +
                                               " and came from " + c.connected_node.substr(0, 12)};
  const auto signature = text_at(envelope, "signature");
  auto bytes = signed_bytes_of(envelope);
  if (!bytes || !is_lower_hex(signature, 128) || !c.is_signed_by(out.node_id, *bytes, signature))
    return delta_refusal{
        "signature", "the signature is not of " + out.node_id.substr(0, 12) + " over this delta"};
  auto known = c.find_peer(out.node_id);
  if (!known)
    return delta_refusal{"unknown_peer", out.node_id.substr(0, 12) +
                                             " is no peer of this node; its owner can name it with "
                                             "`ratchet peers add`"};
  sender = std::move(*known);
  const auto sent = positive_at(envelope, "sent_ms");
  const auto age = c.now_ms - sent;
  if (sent == 0 || std::abs(age) > c.limits.freshness_ms)
    return delta_refusal{"stale", sent == 0 ? "sent_ms is missing or out of range"
                                            : "it was signed " + hours(std::abs(age)) +
                                                  (age < 0 ? " in the future" : " ago") +
                                                  " by this node's clock, more than " +
                                                  hours(c.limits.freshness_ms) +
                                                  " is too far: check both clocks"};
  return std::nullopt;
}

/// Whether it was said before.
std::optional<delta_refusal> check_sequence(const json& envelope, const delta_sender& sender,
                                            checked_delta& out) {
  if (out.sequence == 0)
    return delta_refusal{"replayed", "sequence must be a number from 1 to 2^53-1"};
  auto digest = delta_digest(envelope);
  if (!digest) return delta_refusal{"malformed", digest.error().text};
  out.digest = *digest;
  if (out.sequence > sender.last_sequence) return std::nullopt;
  out.repeated = out.sequence == sender.last_sequence && out.digest == sender.last_digest;
  if (out.repeated) return std::nullopt;
  return delta_refusal{"replayed", "its sequence is " + std::to_string(out.sequence) +
                                       " and the last one accepted is " +
                                       std::to_string(sender.last_sequence) +
                                       "; if that node's state was restored, `ratchet peers "
                                       "renumber` there or `ratchet peers forgive` here lifts it"};
}

}  // namespace

bool is_plain_name(std::string_view text) {
  constexpr std::string_view marks = "_.:/+-";
  return !text.empty() && text.size() <= 64 && std::all_of(text.begin(), text.end(), [&](char c) {
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') ||
           marks.find(c) != std::string_view::npos;
  });
}

bool may_pass_later(std::string_view reason) {
  return reason == "stale" || reason == "rate" || reason == "store";
}

delta_verdict check_delta(const json& envelope, const delta_context& c) try {
  if (!envelope.is_object()) return delta_refusal{"malformed", "a delta is one JSON object"};
  checked_delta out;
  out.sequence = positive_at(envelope, "sequence");
  delta_sender sender;
  auto refused = check_origin(envelope, c, out, sender);
  if (!refused) refused = check_sequence(envelope, sender, out);
  if (!refused && out.repeated) return out;
  if (!refused) refused = read_delta_contents(envelope, c.limits, out);
  if (!refused && sender.accepted_last_hour >= c.limits.max_per_hour)
    refused = delta_refusal{"rate", "more than " + std::to_string(c.limits.max_per_hour) +
                                        " deltas of this node within an hour"};
  if (!refused) return out;
  refused->sequence = out.sequence;
  return std::move(*refused);
} catch (const std::exception& e) {
  return delta_refusal{"malformed", std::string("the delta could not be read: ") + e.what()};
}

std::variant<json, delta_refusal> read_strange_json(std::string_view text, std::size_t max_bytes) {
  if (text.size() > max_bytes)
    return delta_refusal{"too_large", std::to_string(text.size()) + " bytes; at most " +
                                          std::to_string(max_bytes) + " are read"};
  if (auto size = measure_json(text); size != json_size::fits)
    return delta_refusal{"too_deep", size == json_size::too_deep
                                         ? "arrays and objects nest too deep"
                                         : "it has too many keys or values"};
  json value = json::parse(text, nullptr, false);
  if (!value.is_object())  // also when it is none at all
    return delta_refusal{"not_json", "it is no JSON object, or a number in it is none"};
  return value;
}

}  // namespace ratchet
