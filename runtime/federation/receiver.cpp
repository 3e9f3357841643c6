// SPDX-License-Identifier: MIT
#include "runtime/federation/receiver.hpp"

#include <spdlog/spdlog.h>

#include <boost/asio/post.hpp>
#include <boost/asio/thread_pool.hpp>
#include <map>

#include "actors/logic/delivery_backoff.hpp"
#include "actors/logic/hex.hpp"
#include "runtime/federation/peer_link.hpp"
#include "runtime/federation/peer_messages.hpp"
#include "runtime/tls/node_key.hpp"

namespace ratchet::federation {

namespace asio = boost::asio;

namespace {

std::int64_t steady_ms() {
  using namespace std::chrono;
  return duration_cast<milliseconds>(steady_clock::now().time_since_epoch()).count();
}

delta_refusal store_refusal(const failure& why, std::int64_t sequence) {
  spdlog::error("a delta could not be kept: {}", why.text);
  return {"store", "this node could not write it down; try again later", sequence};
}

}  // namespace

struct receiver::parts {
  /// How much a peer has said of late, over all its connections.
  struct peer_traffic {
    token_bucket messages;
    token_bucket bytes;
    std::size_t connections = 0;
  };

  parts(asio::io_context& l, std::string id, std::shared_ptr<federation_port> f,
        std::shared_ptr<clock_port> c, const receiver_limits& given)
      : loop(l),
        own_id(std::move(id)),
        federation(std::move(f)),
        clock(std::move(c)),
        limits(given) {}

  // Each answers a message, on the disk's thread.
  json greet(const std::string& peer, const json& message);
  json judge(const std::string& peer, const json& message);
  json take_introductions(const std::string& peer, const json& message);
  void note_refusal(const std::string& peer, const delta_refusal& why);

  peer_traffic& traffic_of(const std::string& peer) {
    auto fresh = peer_traffic{{limits.messages_per_second, limits.message_burst},
                              {limits.bytes_per_second, limits.byte_burst}};
    return traffic.try_emplace(peer, fresh).first->second;
  }

  asio::io_context& loop;
  const std::string own_id;
  const std::shared_ptr<federation_port> federation;
  const std::shared_ptr<clock_port> clock;
  const receiver_limits limits;
  std::map<const void*, std::weak_ptr<conversation>> conversations;
  /// Never more than there are peers: others do not get past the handshake.
  std::map<std::string, peer_traffic> traffic;
  bool closed = false;
  asio::thread_pool disk{1};
};

void receiver::parts::note_refusal(const std::string& peer, const delta_refusal& why) {
  spdlog::info("refused a delta of peer {}: {}: {}", peer.substr(0, 12), why.reason, why.text);
  if (auto noted = federation->refuse(peer, why, clock->now_ms()); !noted)
    spdlog::error("a refusal could not be noted: {}", noted.error().text);
}

json receiver::parts::greet(const std::string& peer, const json&) {
  if (auto ok = federation->seen(peer, clock->now_ms()); !ok)
    spdlog::error("a peer's visit could not be noted: {}", ok.error().text);
  return hello();
}

json receiver::parts::judge(const std::string& peer, const json& message) {
  const auto now = clock->now_ms();
  auto envelope = message.find("delta");
  auto known = federation->sender(peer, now);
  if (!known) return ack_of(store_refusal(known.error(), 0));
  delta_context context;
  context.connected_node = peer;
  context.now_ms = now;
  context.limits = limits.deltas;
  context.is_signed_by = [](const std::string& id, std::string_view bytes,
                            const std::string& signature) {
    return net::signed_by(id, bytes, from_hex(signature).value_or(""));
  };
  context.find_peer = [&known](const std::string&) { return *known; };
  auto verdict = check_delta(envelope == message.end() ? json() : *envelope, context);
  if (auto* delta = std::get_if<checked_delta>(&verdict)) {
    if (delta->repeated) return ack_of(delta->sequence, true);
    auto kept = federation->accept(*delta, now);
    if (!kept) return ack_of(store_refusal(kept.error(), delta->sequence));
    if (*kept) return ack_of(delta->sequence, false);
    verdict = delta_refusal{"replayed", "a delta of the same or a greater sequence came meanwhile",
                            delta->sequence};
  }
  const auto& why = std::get<delta_refusal>(verdict);
  note_refusal(peer, why);
  return ack_of(why);
}

json receiver::parts::take_introductions(const std::string& peer, const json& message) {
  const auto news = read_introductions(message, own_id);
  if (auto ok = federation->introduce(news, peer, clock->now_ms()); !ok)
    spdlog::error("peers that a peer told of could not be noted: {}", ok.error().text);
  auto settings = federation->settings();
  auto peers = federation->peers();
  const bool tell = settings && settings->exchange && peers;
  return introductions(tell ? *peers : std::vector<peer_record>{}, peer);
}

/// One connection: reads a message, answers it, reads the next.
class receiver::conversation : public std::enable_shared_from_this<conversation> {
 public:
  conversation(std::shared_ptr<parts> all, net::secure_connection connection)
      : all_(std::move(all)), link_(std::make_shared<peer_link>(std::move(connection))) {
    ++all_->traffic_of(link_->peer()).connections;
  }
  ~conversation() {
    all_->conversations.erase(this);
    --all_->traffic_of(link_->peer()).connections;
  }
  conversation(const conversation&) = delete;
  conversation& operator=(const conversation&) = delete;

  void begin() { read(all_->limits.hello); }
  void close() { link_->close(); }

 private:
  void read(std::chrono::milliseconds patience) {
    link_->read(patience, [self = shared_from_this()](expected<std::string> text) {
      if (self->all_->closed) return;
      if (text) return self->take(*text);
      if (text.error().code == errc::invalid_argument)
        self->refuse({"too_large", text.error().text});
    });
  }

  void take(const std::string& text) {
    auto& traffic = all_->traffic_of(link_->peer());
    const auto now = steady_ms();
    if (!traffic.messages.take(1, now) ||
        !traffic.bytes.take(static_cast<double>(text.size()), now))
      return refuse({"rate", "more messages or bytes than this node takes from one peer"});
    auto read = read_message(text);
    if (auto* why = std::get_if<delta_refusal>(&read)) return refuse(*why);
    auto& message = std::get<json>(read);
    const auto type = type_of(message);
    if (!std::exchange(greeted_, true))
      return is_hello(message) ? answer(&parts::greet, std::move(message))
                               : refuse({"version", "the first message must be a hello 1"});
    if (type == "delta") return answer(&parts::judge, std::move(message));
    if (type == "peers" && !std::exchange(introduced_, true))
      return answer(&parts::take_introductions, std::move(message));
    refuse({"malformed", "this message is not expected here"});
  }

  /// Works out the answer on the disk's thread and sends it from the loop's.
  void answer(json (parts::*work)(const std::string&, const json&), json message) {
    asio::post(all_->disk, [self = shared_from_this(), work,
                            message = std::move(message)]() mutable {
      json reply = ((*self->all_).*work)(self->link_->peer(), message);
      auto& loop = self->all_->loop;
      asio::post(loop, [self = std::move(self), reply = std::move(reply)] { self->send(reply); });
    });
  }

  void send(const json& reply) {
    if (all_->closed) return;
    link_->write(reply, all_->limits.write, [self = shared_from_this()](const expected<>& sent) {
      if (sent) self->read(self->all_->limits.idle);
    });
  }

  /// Notes it with the peer, says why, and closes.
  void refuse(const delta_refusal& why) {
    asio::post(all_->disk, [self = shared_from_this(), why]() mutable {
      self->all_->note_refusal(self->link_->peer(), why);
      auto& loop = self->all_->loop;
      asio::post(loop, [self = std::move(self), why] { self->part(why); });
    });
  }

  void part(const delta_refusal& why) {
    if (all_->closed) return;
    link_->write(ack_of(why), all_->limits.write,
                 [self = shared_from_this()](const expected<>&) { self->close(); });
  }

  std::shared_ptr<parts> all_;
  std::shared_ptr<peer_link> link_;
  bool greeted_ = false;
  bool introduced_ = false;
};

receiver::receiver(asio::io_context& loop, std::string own_id,
                   std::shared_ptr<federation_port> federation, std::shared_ptr<clock_port> clock,
                   const receiver_limits& limits)
    : parts_(std::make_shared<parts>(loop, std::move(own_id), std::move(federation),
                                     std::move(clock), limits)) {}

receiver::~receiver() {
  parts_->closed = true;
  auto all = parts_->conversations;
  for (auto& [key, weak] : all)
    if (auto c = weak.lock()) c->close();
  parts_->disk.join();
}

bool receiver::may_connect(const std::string& node_id) const {
  auto known = parts_->federation->sender(node_id, parts_->clock->now_ms());
  return known && *known;
}

void receiver::take(net::secure_connection connection) {
  auto& p = *parts_;
  const auto of_peer = p.traffic_of(connection.peer).connections;
  if (p.closed || p.conversations.size() >= p.limits.connections ||
      of_peer >= p.limits.connections_per_peer)
    return;  // it closes
  auto c = std::make_shared<conversation>(parts_, std::move(connection));
  p.conversations[c.get()] = c;
  c->begin();
}

std::size_t receiver::connections() const { return parts_->conversations.size(); }

}  // namespace ratchet::federation
