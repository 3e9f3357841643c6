// SPDX-License-Identifier: MIT
#include "actors/object_source.hpp"

#include "messages/type_ids.hpp"

namespace ratchet {

object_source_actor::behavior_type object_source(object_source_actor::pointer,
                                                 std::shared_ptr<object_parts_port> parts) {
  return {
      [parts](const identify_repository& m) { return as_result(parts->repository(m)); },
      [parts](const fetch_base& m) { return as_result(parts->base_part(m)); },
      [parts](const fetch_change& m) { return as_result(parts->change(m)); },
  };
}

}  // namespace ratchet
