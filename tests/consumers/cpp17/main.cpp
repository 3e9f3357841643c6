// SPDX-License-Identifier: MIT
// The C++17 wrapper: a session, the events that it makes, a setup that is cancelled: main STATE_DIR
// REPOSITORY.
#include <future>
#include <iostream>
#include <ratchet.hpp>

int main(int, char** argv) try {
  ratchet::c::runtime lab("{\"state_dir\": \"" + std::string(argv[1]) + "\"}");
  std::promise<void> measured;
  auto token =
      lab.subscribe("{\"topics\": [\"autoresearch.baseline\"]}", [&](const std::string& event) {
        if (event.find("\"baseline\":5.0") != std::string::npos) measured.set_value();
      });
  auto answer = lab.call("autoresearch_setup",
                         "{\"repo_path\": \"" + std::string(argv[2]) +
                             "\", \"target_file\": \"p.txt\", \"run_command\": \"cat p.txt\"}");
  if (answer.find("\"baseline_metric\":5.0") == std::string::npos) {
    std::cerr << answer << "\n";
    return 1;
  }
  measured.get_future().wait();
  std::promise<std::string> cancelled;
  auto cancel = lab.start_call("autoresearch_setup",
                               "{\"repo_path\": \"" + std::string(argv[2]) +
                                   "\", \"target_file\": \"p.txt\", \"run_command\": \"sleep 60\"}",
                               [&](const std::string& text) { cancelled.set_value(text); });
  cancel();
  if (answer = cancelled.get_future().get(); answer.find("\"cancelled\"") == std::string::npos) {
    std::cerr << answer << "\n";
    return 1;
  }
  try {
    ratchet::c::runtime bad("{\"slots\": -1}");
    return 1;
  } catch (const ratchet::c::open_error&) {
  }
  std::cout << "C++17: ok\n";
} catch (const std::exception& e) {
  std::cerr << e.what() << "\n";
  return 1;
}
