// SPDX-License-Identifier: MIT
//
// The ports that the backends use, as small as the tests need them.
#pragma once

#include <doctest/doctest.h>
#include <stdlib.h>

#include <filesystem>
#include <functional>

#include "actors/ports/process_port.hpp"

namespace ratchet::test {

struct temporary_folder {
  temporary_folder() {
    std::string name = (std::filesystem::temp_directory_path() / "ratchet_edit_XXXXXX").string();
    REQUIRE(::mkdtemp(name.data()) != nullptr);
    path = name;
  }
  temporary_folder(const temporary_folder&) = delete;
  temporary_folder& operator=(const temporary_folder&) = delete;
  ~temporary_folder() { std::filesystem::remove_all(path); }
  std::string path;
};

/// Answers as it is told and remembers what it was asked.
class fake_processes final : public process_port {
 public:
  expected<process_outcome> run(const process_request& request, output_sink* sink,
                                std::stop_token) override {
    last = request;
    if (look) look(request);
    if (sink) sink->consume(output);
    process_outcome o = outcome;
    o.output_head = o.output_tail = output;
    return o;
  }
  process_request last;
  process_outcome outcome{.exit_code = 0};
  std::string output;
  std::function<void(const process_request&)> look;
};

}  // namespace ratchet::test
