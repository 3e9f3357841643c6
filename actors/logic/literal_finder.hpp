// SPDX-License-Identifier: MIT
#pragma once

#include <cstddef>
#include <string>
#include <string_view>

namespace ratchet {

/// Finds a fixed text in bytes, ASCII letters in either case, at several GB/s when it is rare.
///
/// Two bytes of the text that are seldom in program output are compared at once, sixteen positions
/// at a time; only where both fit is the whole text compared.
class literal_finder {
 public:
  /// `literal` is not empty.
  explicit literal_finder(std::string_view literal);

  /// The first place at or after `from`, or npos.
  std::size_t find(std::string_view text, std::size_t from = 0) const;

  const std::string& literal() const { return literal_; }  ///< in lower case
  static constexpr std::size_t npos = std::string_view::npos;

 private:
  bool matches(const char* at) const;

  std::string literal_;
  std::size_t rare_ = 0;    ///< offsets of the two bytes
  std::size_t second_ = 0;  ///< equal to rare_ for a literal of one byte
};

}  // namespace ratchet
