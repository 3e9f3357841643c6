// SPDX-License-Identifier: MIT
//
// Packs as they travel between Ratchets: version 2, commits, trees and blobs, none of them as a
// delta. Written and looked through with one buffer, whatever the size of the pack.
#pragma once

#include <memory>
#include <string>
#include <string_view>

#include "actors/ports/object_ports.hpp"
#include "runtime/git/git2.hpp"

namespace ratchet::git {

/// Writes a pack of `objects` objects to `sink`, in pieces of at most max_chunk_bytes. Refuses with
/// what the sink failed with.
class pack_writer {
 public:
  pack_writer(const chunk_sink& sink, std::uint32_t objects);
  ~pack_writer();
  void add(git_object_t type, std::string_view bytes);
  /// Returns the bytes of the whole pack.
  std::uint64_t finish();

 private:
  void put(std::string_view bytes);
  void flush();

  struct machinery;
  std::unique_ptr<machinery> m_;
};

/// Looks through a pack as it comes in and refuses what goes beyond the limits, is damaged, or is
/// no pack of the kind above, before more of it is kept. Does not compute ids: libgit2's indexer
/// does.
class pack_check {
 public:
  explicit pack_check(const transfer_limits& limits);
  ~pack_check();
  void feed(std::string_view bytes);
  /// Refuses when the pack is not at its end.
  void finish() const;

 private:
  struct machinery;
  std::unique_ptr<machinery> m_;
};

}  // namespace ratchet::git
