// SPDX-License-Identifier: MIT
#include "runtime/tls/admission.hpp"

#include <algorithm>

namespace ratchet::net {

namespace {
constexpr std::size_t max_addresses = 4096;
constexpr std::chrono::seconds sweep_interval{1};
}  // namespace

std::shared_ptr<admission> admission::make(const admission_limits& limits) {
  return std::shared_ptr<admission>(new admission(limits));
}

admission::place::place(std::shared_ptr<admission> all, std::string address)
    : all_(std::move(all)), address_(std::move(address)) {}

admission::place::~place() {
  std::lock_guard lock(all_->mutex_);
  auto& count = all_->addresses_[address_];
  --(established_ ? all_->connections_ : all_->handshakes_);
  --(established_ ? count.connections : count.handshakes);
}

bool admission::place::establish() {
  std::lock_guard lock(all_->mutex_);
  auto& count = all_->addresses_[address_];
  if (established_) return true;
  if (all_->connections_ >= all_->limits_.connections ||
      count.connections >= all_->limits_.connections_per_address)
    return false;
  --all_->handshakes_;
  --count.handshakes;
  ++all_->connections_;
  ++count.connections;
  return established_ = true;
}

double admission::tokens_at(const address_count& count, time_point now) const {
  const std::chrono::duration<double> passed = now - count.filled;
  return std::min(limits_.burst,
                  count.tokens + std::max(0.0, passed.count()) * limits_.handshakes_per_second);
}

void admission::forget_idle(time_point now) {
  if (now - swept_ < sweep_interval) return;  // it looks at every address
  swept_ = now;
  std::erase_if(addresses_, [&](const auto& entry) {
    const auto& count = entry.second;
    return count.handshakes == 0 && count.connections == 0 &&
           tokens_at(count, now) >= limits_.burst;
  });
}

std::unique_ptr<admission::place> admission::admit(const std::string& address, time_point now) {
  std::lock_guard lock(mutex_);
  if (handshakes_ >= limits_.handshakes) return nullptr;
  if (!addresses_.contains(address)) {
    if (addresses_.size() >= max_addresses) forget_idle(now);
    if (addresses_.size() >= max_addresses) return nullptr;
    addresses_[address] = {0, 0, limits_.burst, now};
  }
  auto& count = addresses_[address];
  count.tokens = tokens_at(count, now);
  count.filled = now;
  if (count.handshakes >= limits_.handshakes_per_address || count.tokens < 1) return nullptr;
  count.tokens -= 1;
  ++handshakes_;
  ++count.handshakes;
  return std::unique_ptr<place>(new place(shared_from_this(), address));
}

bool admission::full() const { return handshakes() >= limits_.handshakes; }

std::size_t admission::handshakes() const {
  std::lock_guard lock(mutex_);
  return handshakes_;
}

std::size_t admission::connections() const {
  std::lock_guard lock(mutex_);
  return connections_;
}

}  // namespace ratchet::net
