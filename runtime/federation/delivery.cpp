// SPDX-License-Identifier: MIT
#include "runtime/federation/delivery.hpp"

#include <spdlog/spdlog.h>

#include <algorithm>
#include <boost/asio/post.hpp>
#include <condition_variable>
#include <map>
#include <optional>

#include "actors/logic/delivery_backoff.hpp"
#include "runtime/federation/delivery_lease.hpp"
#include "runtime/os/event_loop.hpp"

namespace ratchet::federation {

namespace asio = boost::asio;

namespace {

/// A peer is asked for the peers it knows at most so often.
constexpr std::int64_t exchange_interval_ms = 3'600'000;

bool is_told(const peer_record& p) { return p.in_use && !p.address.empty(); }

/// No back-off is as long as that to a moment noted by a clock that was ahead and is set back.
bool is_due(const peer_record& p, std::int64_t now_ms) {
  return p.next_attempt_ms <= now_ms || p.next_attempt_ms > now_ms + longest_backoff_ms;
}

}  // namespace

/// Everything on the loop's thread, but `idle`.
class delivery::dispatcher {
 public:
  explicit dispatcher(const delivery& owner) : owner_(owner), timer_(loop_.context()) {
    look_later(owner_.options_.first_look);
  }

  ~dispatcher() {
    loop_.stop();
    for (auto& [id, attempt] : attempts_) {
      attempt->stop();
      missed(attempt->peer(), "this program ended before the peer had answered");
    }
    attempts_.clear();  // their sockets belong to the loop
  }

  void look_soon() {
    asio::post(loop_.context(), [this] { look(); });
  }

  void look_later(std::chrono::milliseconds wait) {
    asio::post(loop_.context(), [this, wait] { look_after(wait); });
  }

  /// Looks once more, then waits.
  bool idle(std::chrono::milliseconds patience) {
    std::unique_lock lock(mutex_);
    idle_ = false;
    look_soon();
    return changed_.wait_for(lock, patience, [this] { return idle_; });
  }

 private:
  void look() {
    const bool any = call_those_due();
    {
      std::lock_guard lock(mutex_);
      idle_ = attempts_.empty();
    }
    changed_.notify_all();
    look_after(any ? owner_.options_.look_interval : owner_.options_.idle_interval);
  }

  void look_after(std::chrono::milliseconds wait) {
    timer_.expires_after(wait);
    timer_.async_wait([this](const boost::system::error_code& cancelled) {
      if (!cancelled) look();
    });
  }

  /// Whether there are peers.
  bool call_those_due() {
    auto& federation = *owner_.federation_;
    auto peers = federation.peers();
    auto settings = federation.settings();
    if (!peers || !settings) {
      spdlog::error("the peers could not be read: {}",
                    (peers ? settings.error() : peers.error()).text);
      return true;
    }
    std::erase_if(*peers, [](const peer_record& p) { return !is_told(p); });
    if (peers->empty() || !ready()) return !peers->empty();
    const auto now = owner_.clock_->now_ms();
    for (auto& p : *peers) {
      const bool exchange = settings->exchange && exchange_is_due(p.node_id, now);
      if ((p.pending > 0 || exchange) && is_due(p, now) && attempts_.count(p.node_id) == 0)
        call(std::move(p), exchange);
    }
    if (auto settled = federation.settle(); !settled)
      spdlog::error("deliveries could not be noted: {}", settled.error().text);
    return true;
  }

  /// Whether it is this process that calls.
  bool ready() {
    if (!lease_) lease_ = delivery_lease::acquire(owner_.state_dir_);
    if (lease_ && !key_) {
      auto key = net::node_key::open(owner_.state_dir_);
      if (key)
        key_ = *key;
      else if (!std::exchange(complained_, true))
        spdlog::error("the peers are not told: {}", key.error().text);
    }
    return lease_ && key_;
  }

  bool exchange_is_due(const std::string& node_id, std::int64_t now) const {
    auto it = exchanged_.find(node_id);
    if (it == exchanged_.end()) return true;
    const auto since = now - it->second;
    return since < 0 || since >= exchange_interval_ms;  // below 0: the clock was set back
  }

  void call(peer_record peer, bool exchange) {
    const auto id = peer.node_id;
    if (exchange) exchanged_[id] = owner_.clock_->now_ms();
    auto attempt = std::make_shared<delivery_attempt>(
        loop_.context(), *key_, owner_.federation_, owner_.clock_, std::move(peer), exchange,
        owner_.options_.patience, [this, id](const expected<>& result) { ended(id, result); });
    attempts_[id] = attempt;
    attempt->begin();
  }

  void ended(const std::string& id, const expected<>& result) {
    auto attempt = std::move(attempts_[id]);
    attempts_.erase(id);
    if (!result)
      missed(attempt->peer(), result.error().text);
    else if (attempt->peer().failures > 0)
      reached(id);
    look_soon();  // more may have come meanwhile
  }

  void reached(const std::string& id) {
    if (auto ok = owner_.federation_->unreached(id, "", 0, 0); !ok)
      spdlog::error("a delivery could not be noted: {}", ok.error().text);
  }

  void missed(const peer_record& peer, const std::string& why) {
    // Counted from what is stored: a call that told some of the deltas began anew.
    auto stored = owner_.federation_->peer(peer.node_id);
    if (!stored || !*stored) return;  // removed meanwhile
    const int failures = (*stored)->failures + 1;
    const auto next = owner_.clock_->now_ms() + delivery_backoff_ms(failures);
    spdlog::debug("peer {} was not told: {}", peer.node_id.substr(0, 12), why);
    if (auto ok = owner_.federation_->unreached(peer.node_id, why, failures, next); !ok)
      spdlog::error("a delivery could not be noted: {}", ok.error().text);
  }

  const delivery& owner_;
  std::optional<net::node_key> key_;
  bool complained_ = false;
  std::unique_ptr<delivery_lease> lease_;
  std::map<std::string, std::shared_ptr<delivery_attempt>> attempts_;
  std::map<std::string, std::int64_t> exchanged_;  ///< when, by node id
  std::mutex mutex_;
  std::condition_variable changed_;
  bool idle_ = false;
  loop_thread loop_;
  asio::steady_timer timer_;
};

delivery::delivery(std::filesystem::path state_dir, std::shared_ptr<federation_port> federation,
                   std::shared_ptr<clock_port> clock, const delivery_options& options)
    : state_dir_(std::move(state_dir)),
      federation_(std::move(federation)),
      clock_(std::move(clock)),
      options_(options) {}

delivery::~delivery() = default;

void delivery::start() {
  std::lock_guard lock(mutex_);
  if (!dispatcher_) dispatcher_ = std::make_unique<dispatcher>(*this);
}

void delivery::deliver_soon() {
  std::lock_guard lock(mutex_);
  asked_ = true;
  if (!dispatcher_) dispatcher_ = std::make_unique<dispatcher>(*this);
  dispatcher_->look_later(options_.wake_delay);
}

void delivery::finish(std::chrono::milliseconds patience) {
  dispatcher* at_work = nullptr;
  {
    std::lock_guard lock(mutex_);
    if (asked_) at_work = dispatcher_.get();
  }
  if (at_work) at_work->idle(patience);
}

}  // namespace ratchet::federation
