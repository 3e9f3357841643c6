// SPDX-License-Identifier: MIT
//
// What a slot has for itself of its machine: its number, the devices that are leased with it, and
// processors.
#pragma once

#include <cstddef>
#include <string>
#include <vector>

namespace ratchet {

struct slot_place {
  int slot = 0;                      ///< from 0, on this machine
  std::vector<std::string> devices;  ///< as CUDA_VISIBLE_DEVICES names them; empty: none are leased
  std::vector<std::string> processors;  ///< the system's numbers; empty: its runs use any

  /// What its runs find in their environment: RATCHET_SLOT, and with devices RATCHET_DEVICE and the
  /// vendors' own names for what may be seen.
  std::vector<std::string> environment() const {
    std::vector<std::string> all{"RATCHET_SLOT=" + std::to_string(slot)};
    if (devices.empty()) return all;
    const auto list = listed(devices);
    for (const char* name : {"RATCHET_DEVICE", "CUDA_VISIBLE_DEVICES", "ROCR_VISIBLE_DEVICES"})
      all.push_back(std::string(name) + "=" + list);
    return all;
  }
  /// What keeps its runs where they belong; in front of a command.
  std::vector<std::string> pinned() const {
    if (processors.empty()) return {};
    return {"taskset", "-c", listed(processors)};
  }

 private:
  static std::string listed(const std::vector<std::string>& words) {
    std::string list;
    for (const auto& w : words) list += (list.empty() ? "" : ",") + w;
    return list;
  }
};

/// So many slots, each with as many of the devices and processors as another, in their order; none
/// where there are none. There must be at least one for each else.
inline std::vector<slot_place> places_of(int slots, const std::vector<std::string>& devices,
                                         const std::vector<std::string>& processors = {}) {
  auto share = [slots](const std::vector<std::string>& all, int slot) {
    const auto each = static_cast<std::ptrdiff_t>(all.size()) / slots;
    return std::vector<std::string>(all.begin() + each * slot, all.begin() + each * (slot + 1));
  };
  std::vector<slot_place> places(static_cast<std::size_t>(slots));
  for (int slot = 0; slot < slots; ++slot) {
    auto& place = places[static_cast<std::size_t>(slot)];
    place.slot = slot;
    place.devices = share(devices, slot);
    place.processors = share(processors, slot);
  }
  return places;
}

}  // namespace ratchet
