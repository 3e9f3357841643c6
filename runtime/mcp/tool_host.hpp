// SPDX-License-Identifier: MIT
//
// Where the tools that agent hosts call are run: a runtime in this process, or another machine's.
#pragma once

#include <cstdint>
#include <functional>
#include <memory>
#include <string>
#include <string_view>

#include "runtime/embed/runtime.hpp"

namespace ratchet::mcp {

class tool_host {
 public:
  struct call {
    std::string session_id;        ///< also while the session is being set up; may be empty
    std::function<void()> cancel;  ///< empty once the arguments were refused
  };

  virtual ~tool_host() = default;
  /// As runtime::start_call.
  virtual call start_call(std::string_view tool, const json& arguments,
                          std::int64_t default_wait_ms, std::function<void(json)> answer) = 0;
  /// As runtime::cancel and runtime::last_output.
  virtual void cancel(const std::string& session_id) = 0;
  virtual std::string last_output(const std::string& session_id) const = 0;
  /// Whether a step that its caller was told goes on does so when this process ends.
  virtual bool outlives_this_process() const = 0;
};

using open_tool_host = std::function<expected<std::unique_ptr<tool_host>>()>;

expected<std::unique_ptr<tool_host>> open_local_tools(const runtime_options& options);

}  // namespace ratchet::mcp
