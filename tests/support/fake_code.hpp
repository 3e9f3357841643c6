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
    read.file = wanted.file;
    if (read.file.empty() && wanted.target_files.size() == 1) read.file = wanted.target_files[0];
    if (read.file.empty()) {
      for (const auto& [name, bytes] : texts) read.text += name + "\n";
      return read;
    }
    auto it = texts.find(wanted.code + ":" + read.file);
    read.there = it != texts.end();
    if (read.there) read.text = it->second;
    return read;
  }

  expected<code_files> files(const read_code& of,
                             const std::function<bool(const std::string&)>& wanted,
                             std::size_t) override {
    if (auto f = called("files", of.session_id)) return *f;
    code_files found;
    for (const auto& [name, bytes] : texts) {
      if (!name.starts_with(of.code + ":")) continue;
      if (const auto path = name.substr(of.code.size() + 1); wanted(path))
        found.texts[path] = bytes;
    }
    return found;
  }
};

}  // namespace ratchet::testing
