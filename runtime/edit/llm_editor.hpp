// SPDX-License-Identifier: MIT
//
// The `llm` backend: a prompt to a model, its reply as an edit, and one more round that shows the
// model why its reply could not be used.
#pragma once

#include <functional>
#include <memory>

#include "actors/ports/benchmarks_port.hpp"
#include "actors/ports/editor_port.hpp"
#include "runtime/edit/llm_options.hpp"

namespace ratchet {

/// `benchmarks` may be null: then a choice by benchmark is one by weight. `draw` spreads the pauses
/// between retries.
std::shared_ptr<editor_port> make_llm_editor_with(const llm_settings& settings,
                                                  benchmarks_port* benchmarks,
                                                  std::shared_ptr<http_port> http,
                                                  std::function<double()> draw);

}  // namespace ratchet
