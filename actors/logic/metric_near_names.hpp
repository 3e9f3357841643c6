// SPDX-License-Identifier: MIT
//
// The names that have numbers in a text, and which of them somebody may have meant.
#pragma once

#include <cstddef>
#include <string>
#include <string_view>
#include <vector>

namespace ratchet {

struct numbered_name {
  std::string name;          ///< as printed
  std::string printed;       ///< its last number, with its unit
  std::string line;          ///< where that stands
  bool near = false;         ///< is_near(asked, name)
  std::size_t distance = 0;  ///< edits from the name that is asked for
};

/// Every name that a number follows, nearest to `asked` first, at most `most`.
std::vector<numbered_name> names_with_numbers(std::string_view text, std::string_view asked,
                                              std::size_t most = 200);

/// Whether `other` may be what was meant by `asked`: the same but for case and separators
/// ("val_acc", "val-acc"), a letter or two off ("acuracy"), or a name that holds it ("val_loss" for
/// "loss").
bool is_near(std::string_view asked, std::string_view other);

/// A metric_pattern that matches the number in `line` by the text around `name`; empty: none does.
std::string pattern_for(std::string_view line, std::string_view name);

}  // namespace ratchet
