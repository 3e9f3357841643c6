// SPDX-License-Identifier: MIT
//
// One process at a time tells the peers: an advisory lock on `<state>/node/delivery.lock`, which
// the system takes back when its holder ends, however that ends.
#pragma once

#include <filesystem>
#include <memory>

namespace ratchet::federation {

class delivery_lease {
 public:
  /// Nothing when another process, or another part of this one, holds it, or the file cannot be
  /// made: then it is tried again later. Never waits.
  static std::unique_ptr<delivery_lease> acquire(const std::filesystem::path& state_dir);
  ~delivery_lease();
  delivery_lease(const delivery_lease&) = delete;
  delivery_lease& operator=(const delivery_lease&) = delete;

 private:
  explicit delivery_lease(int fd) : fd_(fd) {}
  int fd_;
};

}  // namespace ratchet::federation
