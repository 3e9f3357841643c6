// SPDX-License-Identifier: MIT
#include "runtime/git/deflate.hpp"

#include <zlib.h>

#include <new>

namespace ratchet::git {

std::string deflated(std::string_view bytes, deflate_for what) {
  std::string stream(compressBound(bytes.size()), '\0');
  uLongf size = stream.size();
  const int level = what == deflate_for::speed ? Z_BEST_SPEED : Z_DEFAULT_COMPRESSION;
  if (compress2(reinterpret_cast<Bytef*>(stream.data()), &size,
                reinterpret_cast<const Bytef*>(bytes.data()), bytes.size(), level) != Z_OK)
    throw std::bad_alloc();
  stream.resize(size);
  return stream;
}

std::optional<std::string> inflated(std::string_view bytes, std::uint64_t size) {
  // No stream gives more than 1,032 times what it takes.
  if (size / 1100 > bytes.size()) return std::nullopt;
  std::string plain(size, '\0');
  uLongf got = size;
  uLong used = bytes.size();
  const int rc = uncompress2(reinterpret_cast<Bytef*>(plain.data()), &got,
                             reinterpret_cast<const Bytef*>(bytes.data()), &used);
  if (rc != Z_OK || got != size || used != bytes.size()) return std::nullopt;
  return plain;
}

}  // namespace ratchet::git
