// SPDX-License-Identifier: MIT
//
// Two machines, as two state directories of the built program: a node, and a member that joins it.
#pragma once

#include <memory>
#include <string>
#include <vector>

#include "tests/end_to_end/program.hpp"

namespace ratchet::e2e {

/// The whole lines so far, each as JSON.
std::vector<json> json_lines_of(const std::string& text);

/// The node's machine, and a folder on the member's.
struct two_machines {
  two_machines() { start("127.0.0.1:0"); }

  void start(const std::string& where);
  /// `address`: where the member finds the node; empty: where it listens.
  void invite(const std::string& name, const std::string& address = "");
  fs::path file(const std::string& name = "laptop") const {
    return member.path / (name + ".invite");
  }

  /// The member's command: of this machine's files it has the invitation alone.
  std::vector<std::string> command(std::vector<std::string> words) const;
  outcome remote(const std::vector<std::string>& words) const;
  json ask(const std::string& tool, const json& arguments) const;

  laboratory lab;
  temp_folder member;
  std::unique_ptr<process> node;
  std::string listens;
};

}  // namespace ratchet::e2e
