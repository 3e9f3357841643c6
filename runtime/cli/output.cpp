// SPDX-License-Identifier: MIT
#include <unistd.h>

#include <cstdlib>

#include "runtime/cli/commands.hpp"
#include "runtime/cli/live_block.hpp"
#include "runtime/os/whole_file.hpp"
#include "runtime/tools/tools.hpp"

namespace ratchet::cli {

namespace {

std::string variable(const char* name) {
  const char* value = std::getenv(name);
  return value ? value : "";
}

bool is_utf8_locale() {
  for (const char* name : {"LC_ALL", "LC_CTYPE", "LANG"}) {
    std::string value = variable(name);
    if (value.empty()) continue;
    for (char& c : value) c = static_cast<char>(std::tolower(static_cast<unsigned char>(c)));
    return value.find("utf-8") != std::string::npos || value.find("utf8") != std::string::npos;
  }
  return false;
}

}  // namespace

text_style style_of_output() {
  text_style style;
  style.colour = is_live_terminal(STDOUT_FILENO) && variable("NO_COLOR").empty();
  // In a pipe the text is read by programs of this century; a terminal is asked what it shows.
  style.unicode = isatty(STDOUT_FILENO) != 1 || is_utf8_locale();
  return style;
}

bool print_line(std::string_view line) {
  return write_all(STDOUT_FILENO, std::string(line) + "\n") == 0;
}

bool print_error_line(std::string_view line) {
  return write_all(STDERR_FILENO, std::string(line) + "\n") == 0;
}

bool print_json(const json& value, bool indented) {
  return print_line(value.dump(indented ? 2 : -1, ' ', false, json::error_handler_t::replace));
}

int complain(const command_context& context, const failure& why, int status) {
  if (context.json_output)
    print_json(error_answer(why), false);
  else
    write_all(STDERR_FILENO, "ratchet: " + harmless(why.text, true) + "\n");
  return status;
}

}  // namespace ratchet::cli
