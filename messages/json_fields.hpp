// SPDX-License-Identifier: MIT
//
// How a struct with fields() becomes JSON and comes back. Included where that is instantiated, and
// nowhere else: it is what takes long to compile.
#pragma once

#include "messages/json.hpp"

namespace ratchet {

template <has_fields T>
void to_json(json& j, const T& x) {
  j = json::object();
  T::fields().each([&](const auto& listed) {
    const auto& value = x.*(listed.member);
    if (listed.when == presence::if_set && detail::is_empty(value)) return;
    j[listed.name] = value;
  });
}

template <has_fields T>
void from_json(const json& j, T& x) {
  T::fields().each([&](const auto& listed) {
    auto it = j.find(listed.name);
    if (it == j.end()) return;
    using member = std::remove_reference_t<decltype(x.*(listed.member))>;
    if (it->is_null() && !detail::is_optional<member>::value && !std::is_same_v<member, json>)
      return;
    it->get_to(x.*(listed.member));
  });
}

}  // namespace ratchet

// Use in namespace ratchet.
#define RATCHET_JSON(type)                         \
  template void to_json<type>(json&, const type&); \
  template void from_json<type>(const json&, type&);
