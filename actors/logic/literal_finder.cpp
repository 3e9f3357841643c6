// SPDX-License-Identifier: MIT
#include "actors/logic/literal_finder.hpp"

#include <array>
#include <bit>
#include <cstdint>
#include <cstring>

#include "actors/logic/number_text.hpp"

namespace ratchet {

namespace {

using lanes = unsigned char __attribute__((vector_size(16)));
constexpr std::size_t width = sizeof(lanes);

/// How common a byte is in program output, roughly; the lower the better to look for.
int commonness(char c) {
  constexpr std::string_view order = "zjqxkvwybgpfhucdmlorsniate";  // rarest letter first
  if (auto at = order.find(c); at != std::string_view::npos) return 10 + static_cast<int>(at);
  if (c == ' ') return 60;
  if (is_digit(c) || c == '.') return 50;
  if (c == '_' || c == '=' || c == ':') return 20;
  return 5;
}

lanes load(const char* p) {
  lanes v;
  std::memcpy(&v, p, width);
  return v;
}

lanes spread(char c) {
  std::array<unsigned char, width> bytes{};
  bytes.fill(static_cast<unsigned char>(c));
  lanes v;
  std::memcpy(&v, bytes.data(), width);
  return v;
}

/// A letter differs from its other case in one bit; folding other bytes is undone by `matches`.
char fold(char c) { return is_letter(c) ? 0x20 : 0; }

}  // namespace

literal_finder::literal_finder(std::string_view literal) : literal_(literal) {
  for (char& c : literal_) c = ascii_lower(c);
  auto rarer = [&](std::size_t a, std::size_t b) {
    return commonness(literal_[a]) < commonness(literal_[b]);
  };
  for (std::size_t i = 1; i < literal_.size(); ++i)
    if (rarer(i, rare_)) rare_ = i;
  second_ = literal_.size() == 1 ? 0 : rare_ == 0 ? 1 : 0;
  for (std::size_t i = 0; i < literal_.size(); ++i)
    if (i != rare_ && literal_[i] != literal_[rare_] && rarer(i, second_)) second_ = i;
}

bool literal_finder::matches(const char* at) const {
  for (std::size_t i = 0; i < literal_.size(); ++i)
    if (ascii_lower(at[i]) != literal_[i]) return false;
  return true;
}

std::size_t literal_finder::find(std::string_view text, std::size_t from) const {
  const std::size_t n = literal_.size();
  if (text.size() < n || from > text.size() - n) return npos;
  const std::size_t last = text.size() - n;  // the last place where it can start
  const char* bytes = text.data();
  std::size_t i = from;

  const lanes a = spread(literal_[rare_]), b = spread(literal_[second_]);
  const lanes fold_a = spread(fold(literal_[rare_])), fold_b = spread(fold(literal_[second_]));
  for (; i + width <= last + 1; i += width) {
    auto hit_a = (load(bytes + i + rare_) | fold_a) == a;
    auto hit_b = (load(bytes + i + second_) | fold_b) == b;
    auto hit = hit_a & hit_b;
    std::array<std::uint64_t, 2> half{};
    static_assert(sizeof half == sizeof hit);
    std::memcpy(half.data(), &hit, sizeof hit);
    if ((half[0] | half[1]) == 0) continue;
    for (std::size_t k = 0; k < width; ++k)
      if (matches(bytes + i + k)) return i + k;
  }
  for (; i <= last; ++i)
    if (matches(bytes + i)) return i;
  return npos;
}

}  // namespace ratchet
