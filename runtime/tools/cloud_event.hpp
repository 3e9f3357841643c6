// SPDX-License-Identifier: MIT
//
// An event as a CloudEvents 1.0 JSON object, the form in which events leave Ratchet.
#pragma once

#include "messages/events.hpp"
#include "messages/json.hpp"

namespace ratchet {

/// {"specversion":"1.0", "id":"SESSION/SEQ", "source":"/ratchet/SESSION", "type":TOPIC,
///  "time":…, "datacontenttype":"application/json", "sequence":"00000000000000000042",
///  "data":PAYLOAD}. `sequence` is text of 20 digits, so that its order as text is the order of the
/// events (the CloudEvents sequence extension); `source` and `id` name one event for good.
json cloud_event(const event& e);

}  // namespace ratchet
