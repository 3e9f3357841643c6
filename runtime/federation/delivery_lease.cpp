// SPDX-License-Identifier: MIT
#include "runtime/federation/delivery_lease.hpp"

#include <fcntl.h>
#include <sys/file.h>
#include <unistd.h>

#include "runtime/store/state_directory.hpp"

namespace ratchet::federation {

std::unique_ptr<delivery_lease> delivery_lease::acquire(const std::filesystem::path& state_dir) {
  const auto directory = state_dir / "node";
  if (auto made = make_directory(directory); !made) return nullptr;
  const auto file = directory / "delivery.lock";
  const int fd = ::open(file.c_str(), O_RDWR | O_CREAT | O_CLOEXEC | O_NOFOLLOW, 0600);
  if (fd < 0) return nullptr;
  std::unique_ptr<delivery_lease> lease(new delivery_lease(fd));
  return ::flock(fd, LOCK_EX | LOCK_NB) == 0 ? std::move(lease) : nullptr;
}

delivery_lease::~delivery_lease() { ::close(fd_); }

}  // namespace ratchet::federation
