// SPDX-License-Identifier: MIT
#pragma once

#include <map>
#include <string>

#include "actors/ports/code_port.hpp"
#include "tests/support/fakes.hpp"

namespace ratchet::testing {

/// Knows of the code in `texts`, by "<code>:<file>"; of any two what their difference is called.
class fake_code : public code_port, public fault_plan {
 public:
  std::map<std::string, std::string> texts;

  expected<code_read> read(const read_code& wanted) override {
    if (auto f = called("read", wanted.session_id)) return *f;
    code_read read;
    if (!wanted.against.empty()) {
      read.text = "from " + wanted.against + " to " + wanted.code + "\n";
      return read;
    }
    auto it = texts.find(wanted.code + ":" + wanted.file);
    read.there = it != texts.end();
    if (read.there) read.text = it->second;
    return read;
  }

  expected<std::vector<std::string>> files(const read_code& of) override {
    if (auto f = called("files", of.session_id)) return *f;
    std::vector<std::string> found;
    for (const auto& [name, bytes] : texts)
      if (name.starts_with(of.code + ":")) found.push_back(name.substr(of.code.size() + 1));
    return found;
  }
};

}  // namespace ratchet::testing
