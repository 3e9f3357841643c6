// SPDX-License-Identifier: MIT
#include "runtime/git/loose_store.hpp"

#include <git2/odb_backend.h>
#include <git2/sys/odb_backend.h>

namespace ratchet::git {

namespace {

constexpr int fast_compression = 1;  // most of these objects go with their session

}  // namespace

void loose_store::free_backend::operator()(git_odb_backend* backend) const {
  if (backend) backend->free(backend);
}

loose_store::loose_store(const std::string& objects) : objects_(objects) {
  git_odb_backend* raw = nullptr;
  check(git_odb_backend_loose(&raw, objects.c_str(), fast_compression, 0, 0, 0),
        "open the objects in " + objects);
  backend_.reset(raw);
}

void loose_store::write(const std::vector<new_object>& objects) {
  for (const auto& object : objects)
    check(backend_->write(backend_.get(), &object.id, object.bytes.data(), object.bytes.size(),
                          object.type),
          "store an object in " + objects_ + " (is the disk full?)");
}

}  // namespace ratchet::git
