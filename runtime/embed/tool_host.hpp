// SPDX-License-Identifier: MIT
//
// Where the tools that agent hosts and searches call are run: a runtime in this process, or another
// machine's.
#pragma once

#include <atomic>
#include <cstdint>
#include <functional>
#include <memory>
#include <stop_token>
#include <string>
#include <string_view>

#include "runtime/embed/runtime.hpp"

namespace ratchet {

class tool_host {
 public:
  virtual ~tool_host() = default;
  /// As runtime::start_call.
  virtual pending_call start_call(std::string_view tool, const json& arguments,
                                  std::int64_t default_wait_ms,
                                  std::function<void(json)> answer) = 0;
  /// As runtime::cancel and runtime::last_output.
  virtual void cancel(const std::string& session_id) = 0;
  virtual std::string last_output(const std::string& session_id) const = 0;
  /// Whether a step that its caller was told goes on does so when this process ends.
  virtual bool outlives_this_process() const = 0;

  /// Measures a session's baseline against its best once more, in so many pairs; 0: as finalize
  /// does, in as many as there is time for. Blocks until that is done, or `stop` has ended it
  /// (`cancelled`); `worker_lost` when the tools can be reached no more.
  virtual expected<comparison> compare(const std::string& session_id, int pairs,
                                       const std::stop_token& stop) = 0;
  /// Takes back what of the winning change brings nothing, for at most about so long. Blocks until
  /// that is done; `stop` ends it early.
  virtual expected<session_pruned> prune(const std::string& session_id, double time_s,
                                         const std::stop_token& stop) = 0;
  /// Calls `deliver`, from one thread, for every event from now on, in order and each once, until
  /// the token is destroyed. `begun` is called once: when that holds, or with why it does not yet.
  virtual std::shared_ptr<void> follow(std::function<void(const event&)> deliver,
                                       std::function<void(const expected<>&)> begun) = 0;
  /// After `worker_lost`: blocks until the tools can be reached again, and answers what there is to
  /// say of that; fails when they are given up, or once `stop` is set.
  virtual expected<std::string> rejoin(const std::atomic<bool>& stop) = 0;
};

using open_tool_host = std::function<expected<std::unique_ptr<tool_host>>()>;

expected<std::unique_ptr<tool_host>> open_local_tools(const runtime_options& options);

/// start_call, waited for without bound. `begun` is told of the session before that; `stop` cancels
/// the call, also when it was asked for before.
json call_and_wait(tool_host& host, std::string_view tool, const json& arguments,
                   const std::function<void(const std::string& session_id)>& begun = nullptr,
                   const std::stop_token& stop = {});

}  // namespace ratchet
