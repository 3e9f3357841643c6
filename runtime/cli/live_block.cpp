// SPDX-License-Identifier: MIT
#include "runtime/cli/live_block.hpp"

#include <sys/ioctl.h>
#include <unistd.h>

#include <algorithm>
#include <cstdlib>

#include "runtime/cli/style.hpp"
#include "runtime/os/whole_file.hpp"

namespace ratchet::cli {

namespace {

constexpr std::string_view hide_cursor = "\x1b[?25l";
constexpr std::string_view show_cursor = "\x1b[?25h";
constexpr std::string_view begin_update = "\x1b[?2026h";  // terminals that do not know it ignore it
constexpr std::string_view end_update = "\x1b[?2026l";

int rows_of(const std::vector<std::string>& lines, int width) {
  int rows = 0;
  for (const auto& line : lines)
    rows += std::max(1, (display_width(line) + width - 1) / std::max(1, width));
  return rows;
}

}  // namespace

std::string redrawn(const std::vector<std::string>& before, const std::vector<std::string>& lines,
                    int width) {
  std::string out(begin_update);
  if (int rows = rows_of(before, width); rows > 0) out += "\x1b[" + std::to_string(rows) + "A";
  out += '\r';
  for (const auto& line : lines) out += line + "\x1b[K\n";
  out += "\x1b[J";
  out += end_update;
  return out;
}

live_block::live_block(int descriptor) : descriptor_(descriptor) {
  write_all(descriptor_, hide_cursor);
}

live_block::~live_block() { write_all(descriptor_, show_cursor); }

void live_block::draw(std::vector<std::string> lines, int width) {
  write_all(descriptor_, redrawn(drawn_, lines, width));
  drawn_ = std::move(lines);
}

void live_block::print_above(const std::string& text, int width) {
  std::vector<std::string> lines{text};
  lines.insert(lines.end(), drawn_.begin(), drawn_.end());
  write_all(descriptor_, redrawn(drawn_, lines, width));
}

terminal_size size_of_terminal(int descriptor) {
  winsize size{};
  terminal_size answer;
  if (ioctl(descriptor, TIOCGWINSZ, &size) == 0) {
    if (size.ws_col > 0) answer.columns = size.ws_col;
    if (size.ws_row > 0) answer.rows = size.ws_row;
  }
  return answer;
}

bool is_live_terminal(int descriptor) {
  const char* term = std::getenv("TERM");
  return isatty(descriptor) == 1 && term && *term && std::string_view(term) != "dumb";
}

}  // namespace ratchet::cli
