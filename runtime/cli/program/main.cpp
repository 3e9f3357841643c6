// SPDX-License-Identifier: MIT
#include <spdlog/sinks/stdout_color_sinks.h>
#include <spdlog/spdlog.h>

#include <exception>
#include <iostream>

#include "runtime/cli/command_line.hpp"

int main(int argc, char** argv) try {
  // Standard output belongs to answers and events.
  spdlog::set_default_logger(spdlog::stderr_color_mt("ratchet"));
  spdlog::set_pattern("%^%l%$: %v");
  return ratchet::cli::run_command_line(argc, argv);
} catch (const std::exception& e) {
  std::cerr << "ratchet: " << e.what() << " (this is a bug; please report it)\n";
  return 1;
}
