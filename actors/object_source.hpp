// SPDX-License-Identifier: MIT
//
// object_source: hands workers on other machines the git objects they ask for. It blocks on the
// disk, so it is spawned detached; the experiment_runner starts it with the first worker.
#pragma once

#include <memory>

#include "actors/object_transfer.hpp"
#include "messages/actors.hpp"
#include "messages/hive.hpp"

namespace ratchet {

/// What the node sends, by parts. None throws; several threads may call.
class object_parts_port {
 public:
  virtual ~object_parts_port() = default;
  virtual expected<repository_found> repository(const find_repository& wanted) = 0;
  /// Bytes of the base's pack from `offset` on, at most max_chunk_bytes; empty at its end. The pack
  /// is made when its first part is asked for, and kept for those who go on.
  virtual expected<objects_part> base_part(const fetch_base& wanted) = 0;
  virtual expected<objects_part> change(const fetch_change& wanted) = 0;
};

object_source_actor::behavior_type object_source(object_source_actor::pointer self,
                                                 std::shared_ptr<object_parts_port> parts);

}  // namespace ratchet
