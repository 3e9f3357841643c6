// SPDX-License-Identifier: MIT
#pragma once

#include <map>
#include <string>

#include "actors/ports/code_port.hpp"
#include "tests/support/fakes.hpp"

namespace ratchet::testing {

/// Knows of the code in `files`, by "<code>:<file>"; of any two what their difference is called.
class fake_code : public code_port, public fault_plan {
 public:
  std::map<std::string, std::string> files;

  expected<code_read> read(const read_code& wanted) override {
    if (auto f = called("read", wanted.session_id)) return *f;
    code_read read;
    if (!wanted.against.empty()) {
      read.text = "from " + wanted.against + " to " + wanted.code + "\n";
      return read;
    }
    auto it = files.find(wanted.code + ":" + wanted.file);
    read.there = it != files.end();
    if (read.there) read.text = it->second;
    return read;
  }
};

}  // namespace ratchet::testing
