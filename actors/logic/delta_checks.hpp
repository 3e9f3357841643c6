// SPDX-License-Identifier: MIT
//
// What a receiver asks of a delta before it believes a word of it, in this order, the first that
// fails being the refusal:
//
//   too_large        the text is longer than 1 MiB
//   too_deep         arrays and objects nest deeper than 12, or there are too many values in it
//   not_json         it is not one JSON object (NaN and Infinity are no JSON)
//   version          a layout that this program does not know
//   node_id          the sender's id is not 64 hexadecimal digits
//   not_the_sender   it is not the node at the other end of the authenticated connection
//   signature        not signed by that node's key
//   unknown_peer     a node that is no peer of this one
//   stale            signed more than an hour ago, or as far in the future
//   replayed         its sequence is not greater than the last one accepted
//   implausible      a number is out of range: rates 0 … 1, times 0 … a week, samples 5 … 10^7
//   malformed        a key is missing or of the wrong kind, a name is not fit to be shown
//   unknown_content  more than 4 KiB under keys that this version does not know
//   rate             more than 60 deltas of that node within an hour
//
// A delta that was accepted before and is sent again, because its acknowledgement was lost, is
// `repeated`: it is acknowledged once more and changes nothing.
//
// Pure: signature, peers and time come from the caller. Bounded in time and memory by the size.
#pragma once

#include <cstdint>
#include <functional>
#include <optional>
#include <string>
#include <string_view>
#include <variant>
#include <vector>

#include "messages/benchmarks.hpp"
#include "messages/records.hpp"

namespace ratchet {

struct delta_limits {
  std::int64_t freshness_ms = 3'600'000;
  long long min_samples = 5;
  long long max_samples = 10'000'000;
  double max_time_s = 604'800;
  std::size_t max_scores = 256;  ///< (task type, tool) pairs
  std::size_t max_recipes = 256;
  std::size_t max_unknown_bytes = 4096;
  int max_per_hour = 60;
};

/// A name that a stranger gave to a tool or a kind of task: 1 to 64 of A-Z a-z 0-9 _ . : / + -. It
/// may stand in a prompt, so it has no blanks.
bool is_plain_name(std::string_view text);

/// What is known of a peer.
struct delta_sender {
  std::int64_t last_sequence = 0;  ///< the greatest accepted
  std::string last_digest;
  int accepted_last_hour = 0;
};

struct delta_context {
  std::string connected_node;  ///< who the transport says it is
  std::int64_t now_ms = 0;
  /// node id, bytes, signature in hexadecimal.
  std::function<bool(const std::string&, std::string_view, const std::string&)> is_signed_by;
  std::function<std::optional<delta_sender>(const std::string& node_id)> find_peer;
  delta_limits limits;
};

struct delta_refusal {
  std::string reason;         ///< one of the words above
  std::string text;           ///< for a person
  std::int64_t sequence = 0;  ///< 0 where it could not be read
};

struct checked_delta {
  std::string node_id;
  std::int64_t sequence = 0;
  std::string digest;
  bool repeated = false;
  std::vector<tool_score> scores;
  std::vector<recipe> recipes;
  json body;  ///< the keys that this version knows, to keep
};

using delta_verdict = std::variant<checked_delta, delta_refusal>;

/// The first three checks: a stranger's text as one JSON object.
std::variant<json, delta_refusal> read_strange_json(std::string_view text,
                                                    std::size_t max_bytes = 1 << 20);
/// The others, on the envelope (delta_envelope.hpp).
delta_verdict check_delta(const json& envelope, const delta_context& context);

/// Whether the sender should try the same delta again later: what refused it may pass.
bool may_pass_later(std::string_view reason);

}  // namespace ratchet
