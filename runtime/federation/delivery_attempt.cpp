// SPDX-License-Identifier: MIT
#include "runtime/federation/delivery_attempt.hpp"

#include <spdlog/spdlog.h>

#include "actors/logic/delta_envelope.hpp"
#include "actors/logic/hex.hpp"
#include "runtime/federation/peer_messages.hpp"

namespace ratchet::federation {

delivery_attempt::delivery_attempt(boost::asio::io_context& loop, const net::node_key& own,
                                   std::shared_ptr<federation_port> federation,
                                   std::shared_ptr<clock_port> clock, peer_record peer,
                                   bool exchange, delivery_patience patience,
                                   std::function<void(expected<>)> ended)
    : loop_(loop),
      own_(own),
      federation_(std::move(federation)),
      clock_(std::move(clock)),
      peer_(std::move(peer)),
      exchange_(exchange),
      patience_(patience),
      ended_(std::move(ended)) {}

void delivery_attempt::begin() {
  auto where = net::endpoint_name::parse(peer_.address);
  if (!where) return finish(where.error());
  net::connect_tls(loop_, own_, *where, peer_.node_id, net::peer_protocol, patience_.connect,
                   [self = shared_from_this()](expected<net::secure_connection> made) {
                     if (!self->ended_) return;  // stopped meanwhile
                     if (!made) return self->finish(made.error());
                     self->link_ = std::make_shared<peer_link>(std::move(*made));
                     self->say_hello();
                   });
}

void delivery_attempt::stop() {
  ended_ = nullptr;
  if (link_) link_->close();
}

void delivery_attempt::finish(expected<> result) {
  auto tell = std::exchange(ended_, nullptr);
  if (link_) link_->close();
  if (tell) tell(std::move(result));
}

void delivery_attempt::ask(const json& message, std::function<void(const json&)> use) {
  auto self = shared_from_this();
  link_->write(message, patience_.answer, [self](const expected<>& sent) {
    if (!sent) self->finish(sent.error());
  });
  link_->read(patience_.answer, [self, use = std::move(use)](expected<std::string> text) {
    if (!self->ended_) return;
    if (!text) return self->finish(text.error());
    auto read = read_message(*text);
    if (auto* why = std::get_if<delta_refusal>(&read))
      return self->finish(
          fail(errc::worker_lost, "the peer's answer cannot be read: " + why->text));
    use(std::get<json>(read));
  });
}

void delivery_attempt::say_hello() {
  ask(hello(), [self = shared_from_this()](const json& answer) {
    if (is_hello(answer)) return self->next();
    self->finish(fail(errc::worker_lost,
                      "the peer speaks another version of the protocol; both sides should run the "
                      "same Ratchet"));
  });
}

void delivery_attempt::next() {
  auto waiting = federation_->pending(peer_.node_id, 1);
  if (!waiting) return finish(waiting.error());
  if (!waiting->empty()) return tell(std::move(waiting->front()));
  if (exchange_) return exchange_peers();
  finish({});
}

void delivery_attempt::tell(outbox_entry entry) {
  auto envelope = sealed_delta(std::move(entry.delta), own_.node_id(), entry.id, clock_->now_ms(),
                               [this](std::string_view bytes) { return to_hex(own_.sign(bytes)); });
  json message{{"type", "delta"}};
  if (envelope) message["delta"] = std::move(*envelope);
  if (!envelope || !frame_of(message)) {  // it never will: the peer is not asked again
    auto ok = federation_->delivered(peer_.node_id, entry.id, "too_large: it fits into no message",
                                     clock_->now_ms());
    return ok ? next() : finish(ok.error());
  }
  ask(message, [self = shared_from_this(), entry = std::move(entry)](const json& answer) {
    self->take_ack(entry, answer);
  });
}

void delivery_attempt::take_ack(const outbox_entry& entry, const json& message) {
  auto ack = read_ack(message);
  if (!ack) return finish(ack.error());
  const auto why = ack->reason + ": " + ack->text;
  if (!ack->accepted && may_pass_later(ack->reason))
    return finish(fail(errc::worker_lost, "the peer asks to be told later: " + why));
  if (ack->sequence != entry.id)
    return finish(fail(errc::worker_lost, "the peer answered sequence " +
                                              std::to_string(ack->sequence) + " when told " +
                                              std::to_string(entry.id) +
                                              (ack->accepted ? "" : ": " + why)));
  if (!ack->accepted)
    spdlog::warn("peer {} refused delta {}: {}", peer_.node_id.substr(0, 12), entry.id, why);
  auto noted =
      federation_->delivered(peer_.node_id, entry.id, ack->accepted ? "" : why, clock_->now_ms());
  noted ? next() : finish(noted.error());
}

void delivery_attempt::exchange_peers() {
  auto peers = federation_->peers();
  if (!peers) return finish(peers.error());
  ask(introductions(*peers, peer_.node_id), [self = shared_from_this()](const json& answer) {
    self->finish(self->federation_->introduce(read_introductions(answer, self->own_.node_id()),
                                              self->peer_.node_id, self->clock_->now_ms()));
  });
}

}  // namespace ratchet::federation
