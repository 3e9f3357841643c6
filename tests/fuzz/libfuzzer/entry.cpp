// SPDX-License-Identifier: MIT
//
// One target as libFuzzer calls it; RATCHET_FUZZ_TARGET names it.
#include <cstddef>
#include <cstdint>

#include "tests/fuzz/targets.hpp"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  ratchet::fuzz::RATCHET_FUZZ_TARGET({reinterpret_cast<const char*>(data), size});
  return 0;
}
