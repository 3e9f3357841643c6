// SPDX-License-Identifier: MIT
#include "runtime/git/change_format.hpp"

#include "runtime/git/deflate.hpp"
#include "tests/fuzz/targets.hpp"

namespace ratchet::fuzz {

namespace {

constexpr git::change_limits limits{1 << 20, 1000};

/// A body as its sender would have packed it, so that what is fuzzed is not the deflated stream.
std::string packed(std::string_view body) {
  std::string bytes = "RCH1";
  auto size = body.size();
  for (; size > 0x7F; size >>= 7) bytes += static_cast<char>(size | 0x80);
  bytes += static_cast<char>(size);
  return bytes + git::deflated(body, git::deflate_for::speed);
}

}  // namespace

void change_format(std::string_view bytes) {
  if (bytes.empty()) return;
  const auto rest = bytes.substr(1);
  try {
    const auto change = git::decode_change(bytes[0] == 'b' ? packed(rest) : rest, limits);
    require(change.paths.size() <= limits.paths, "no more paths than the limit");
    // Its own writing may take more room than the bound allows, so that there is none here.
    constexpr git::change_limits wide{1ULL << 40, 1ULL << 40};
    const auto written = git::encode_change(change, wide);
    require(git::encode_change(git::decode_change(written, wide), wide) == written,
            "what was read is written and read alike");
  } catch (const git::refusal&) {
  }
}

}  // namespace ratchet::fuzz
