// SPDX-License-Identifier: MIT
//
// Tells the peers what waits in the outbox: all of them side by side, on a thread of its own, while
// this process lives and no other one of the state directory does so. A peer that does not answer
// is called again after 10 s, then 20, 40 … 300 s, which is noted, so that a new process keeps to
// it. Nobody waits for it but who asks to (`finish`).
#pragma once

#include <chrono>
#include <filesystem>
#include <memory>
#include <mutex>

#include "actors/ports/clock_port.hpp"
#include "actors/ports/federation_port.hpp"
#include "runtime/federation/delivery_attempt.hpp"

namespace ratchet::federation {

struct delivery_options {
  delivery_patience patience;
  /// How often the outbox is looked at for what other processes put there, and for peers whose
  /// time has come.
  std::chrono::milliseconds look_interval{1'000};
  /// From deliver_soon() to the look: the session that asked for it is still writing its end, and
  /// a writer that meets another at the store sleeps for milliseconds.
  std::chrono::milliseconds wake_delay{25};
  /// As look_interval, while there are no peers.
  std::chrono::milliseconds idle_interval{5'000};
  /// Before the first look that nobody asked for: a program that only lives for a moment calls
  /// nobody, rather than hang up on them.
  std::chrono::milliseconds first_look{2'000};
};

class delivery {
 public:
  /// Starts nothing yet.
  delivery(std::filesystem::path state_dir, std::shared_ptr<federation_port> federation,
           std::shared_ptr<clock_port> clock, const delivery_options& options = {});
  /// What is under way is given up, and noted as an attempt that failed.
  ~delivery();
  delivery(const delivery&) = delete;
  delivery& operator=(const delivery&) = delete;

  /// Begins to look at the outbox; from any thread. Peers may be named later, by another process;
  /// the node's key is made, and the lock taken, when there is one to call.
  void start();
  /// There is something new; from any thread, does not block.
  void deliver_soon();
  /// Where deliver_soon() was called: waits until nobody is being told, or `patience` has passed.
  /// What waits for a peer that did not answer before is not waited for.
  void finish(std::chrono::milliseconds patience);

 private:
  class dispatcher;
  const std::filesystem::path state_dir_;
  const std::shared_ptr<federation_port> federation_;
  const std::shared_ptr<clock_port> clock_;
  const delivery_options options_;
  std::mutex mutex_;
  bool asked_ = false;
  std::unique_ptr<dispatcher> dispatcher_;
};

}  // namespace ratchet::federation
