// SPDX-License-Identifier: MIT
#include "runtime/federation/peer_messages.hpp"

#include "actors/logic/hex.hpp"
#include "actors/logic/text.hpp"
#include "runtime/tls/pinned_tls.hpp"

namespace ratchet::federation {

namespace {

std::string text_at(const json& object, const char* key) {
  auto it = object.find(key);
  return it != object.end() && it->is_string() ? it->get<std::string>() : std::string();
}

}  // namespace

expected<std::string> frame_of(const json& message) {
  const auto text = message.dump(-1, ' ', false, json::error_handler_t::replace);
  if (text.size() > max_frame_bytes)
    return fail(errc::invalid_argument, "a message of " + std::to_string(text.size()) +
                                            " bytes does not fit into a frame of " +
                                            std::to_string(max_frame_bytes));
  const auto n = static_cast<std::uint32_t>(text.size());
  std::string frame;
  frame.reserve(text.size() + 4);
  for (int shift : {24, 16, 8, 0}) frame += static_cast<char>(n >> shift & 0xff);
  return frame + text;
}

std::uint32_t announced_length(const unsigned char* b) {
  return static_cast<std::uint32_t>(b[0]) << 24 | static_cast<std::uint32_t>(b[1]) << 16 |
         static_cast<std::uint32_t>(b[2]) << 8 | b[3];
}

std::variant<json, delta_refusal> read_message(std::string_view text) {
  return read_strange_json(text, max_frame_bytes);
}

std::string type_of(const json& message) { return text_at(message, "type"); }

json hello() { return {{"type", "hello"}, {"protocol", protocol_version}}; }

bool is_hello(const json& message) {
  auto protocol = message.find("protocol");
  return type_of(message) == "hello" && protocol != message.end() &&
         protocol->is_number_integer() && *protocol == protocol_version;
}

json ack_of(std::int64_t sequence, bool repeated) {
  json ack{{"type", "ack"}, {"sequence", sequence}, {"accepted", true}};
  if (repeated) ack["repeated"] = true;
  return ack;
}

json ack_of(const delta_refusal& why) {
  return {{"type", "ack"},
          {"sequence", why.sequence},
          {"accepted", false},
          {"reason", why.reason},
          {"text", why.text}};
}

expected<acknowledgement> read_ack(const json& message) {
  auto sequence = message.find("sequence");
  auto accepted = message.find("accepted");
  if (type_of(message) != "ack" || sequence == message.end() || !sequence->is_number_integer() ||
      accepted == message.end() || !accepted->is_boolean())
    return fail(errc::worker_lost,
                "the peer answered a delta with something else than an ack; does it run the same "
                "Ratchet?");
  acknowledgement ack{sequence->get<std::int64_t>(), accepted->get<bool>(),
                      text_at(message, "reason"), one_line(valid_utf8(text_at(message, "text")))};
  if (!is_plain_name(ack.reason)) ack.reason = "unknown";
  return ack;
}

json introductions(const std::vector<peer_record>& peers, const std::string& told_to) {
  json list = json::array();
  for (const auto& p : peers)
    if (!p.learned && !p.address.empty() && p.node_id != told_to && list.size() < max_introductions)
      list.push_back({{"node_id", p.node_id}, {"address", p.address}});
  return {{"type", "peers"}, {"peers", std::move(list)}};
}

std::vector<peer_introduction> read_introductions(const json& message, const std::string& own_id) {
  std::vector<peer_introduction> found;
  auto list = message.find("peers");
  if (list == message.end() || !list->is_array()) return found;
  for (const auto& entry : *list) {
    if (found.size() == max_introductions) break;
    if (!entry.is_object()) continue;
    peer_introduction p{text_at(entry, "node_id"), text_at(entry, "address")};
    const bool fit = is_node_id(p.node_id) && p.node_id != own_id && p.address.size() <= 260 &&
                     one_line(p.address, 260) == p.address && net::endpoint_name::parse(p.address);
    if (fit) found.push_back(std::move(p));
  }
  return found;
}

}  // namespace ratchet::federation
