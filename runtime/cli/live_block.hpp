// SPDX-License-Identifier: MIT
//
// A few lines at the bottom of a terminal that are drawn over and over.
#pragma once

#include <string>
#include <vector>

namespace ratchet::cli {

/// Bytes that put `lines` in the place of `before` (what was drawn last; empty at first). The
/// cursor stays below the block. Lines that the terminal wrapped because it became narrower than
/// they are count as the rows they now take. Drawn as one, so that nothing flickers.
std::string redrawn(const std::vector<std::string>& before, const std::vector<std::string>& lines,
                    int width);

/// Owns the block on a terminal: hides the cursor, shows it again at its end.
class live_block {
 public:
  explicit live_block(int descriptor);
  ~live_block();
  live_block(const live_block&) = delete;
  live_block& operator=(const live_block&) = delete;

  void draw(std::vector<std::string> lines, int width);
  /// Text that stays, above the block.
  void print_above(const std::string& text, int width);

 private:
  int descriptor_;
  std::vector<std::string> drawn_;
};

/// Columns and rows; 80 × 24 where there is no terminal.
struct terminal_size {
  int columns = 80;
  int rows = 24;
};
terminal_size size_of_terminal(int descriptor);

/// A terminal that understands escape sequences, by TERM.
bool is_live_terminal(int descriptor);

/// What puts a terminal right again; safe to write from a signal handler.
inline constexpr std::string_view terminal_restored = "\x1b[?2026l\x1b[0m\x1b[?25h\n";

}  // namespace ratchet::cli
