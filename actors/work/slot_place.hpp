// SPDX-License-Identifier: MIT
//
// What a slot has for itself of its machine: its number, and the devices that are leased with it.
#pragma once

#include <string>
#include <vector>

namespace ratchet {

struct slot_place {
  int slot = 0;                      ///< from 0, on this machine
  std::vector<std::string> devices;  ///< as CUDA_VISIBLE_DEVICES names them; empty: none are leased

  /// What its runs find in their environment: RATCHET_SLOT, and with devices RATCHET_DEVICE and the
  /// vendors' own names for what may be seen.
  std::vector<std::string> environment() const {
    std::vector<std::string> all{"RATCHET_SLOT=" + std::to_string(slot)};
    if (devices.empty()) return all;
    std::string list;
    for (const auto& d : devices) list += (list.empty() ? "" : ",") + d;
    for (const char* name : {"RATCHET_DEVICE", "CUDA_VISIBLE_DEVICES", "ROCR_VISIBLE_DEVICES"})
      all.push_back(std::string(name) + "=" + list);
    return all;
  }
};

/// The devices of each of so many slots: as many for each, in their order; none where there are
/// none. There must be at least one for each else.
inline std::vector<slot_place> places_of(int slots, const std::vector<std::string>& devices) {
  std::vector<slot_place> places;
  const std::size_t each = devices.size() / static_cast<std::size_t>(slots);
  for (int slot = 0; slot < slots; ++slot) {
    const auto first = devices.begin() + static_cast<std::ptrdiff_t>(each) * slot;
    places.push_back({slot, {first, first + static_cast<std::ptrdiff_t>(each)}});
  }
  return places;
}

}  // namespace ratchet
