// SPDX-License-Identifier: MIT
//
// The node's objects as messages carry them.
#pragma once

#include "actors/ports/object_ports.hpp"
#include "messages/hive.hpp"

namespace ratchet {

/// What the node sends, by parts. None throws; several threads may call.
class object_parts_port {
 public:
  virtual ~object_parts_port() = default;
  virtual expected<repository_identified> repository(const identify_repository& wanted) = 0;
  /// Bytes of the base's pack from `offset` on, at most max_chunk_bytes; empty at its end. The pack
  /// is made when its first part is asked for, and kept for those who go on.
  virtual expected<objects_part> base_part(const fetch_base& wanted) = 0;
  virtual expected<objects_part> change(const fetch_change& wanted) = 0;
};

}  // namespace ratchet
