// SPDX-License-Identifier: MIT
#include <exception>
#include <iostream>

#include "runtime/cli/command_line.hpp"

int main(int argc, char** argv) try {
  return ratchet::cli::run_command_line(argc, argv);
} catch (const std::exception& e) {
  std::cerr << "ratchet: " << e.what() << " (this is a bug; please report it)\n";
  return 1;
}
