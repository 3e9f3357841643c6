// SPDX-License-Identifier: MIT
#include "runtime/mcp/tool_host.hpp"

namespace ratchet::mcp {

namespace {

class local_tools final : public tool_host {
 public:
  explicit local_tools(std::unique_ptr<runtime> opened) : runtime_(std::move(opened)) {}

  call start_call(std::string_view tool, const json& arguments, std::int64_t default_wait_ms,
                  std::function<void(json)> answer) override {
    auto begun = runtime_->start_call(tool, arguments, default_wait_ms, std::move(answer));
    return {begun.session_id, [begun] { begun.cancel(); }};
  }
  void cancel(const std::string& session_id) override { runtime_->cancel(session_id); }
  std::string last_output(const std::string& session_id) const override {
    return runtime_->last_output(session_id);
  }
  bool outlives_this_process() const override { return false; }

 private:
  std::unique_ptr<runtime> runtime_;
};

}  // namespace

expected<std::unique_ptr<tool_host>> open_local_tools(const runtime_options& options) {
  auto opened = runtime::open(options);
  if (!opened) return opened.error();
  return std::unique_ptr<tool_host>(std::make_unique<local_tools>(std::move(*opened)));
}

}  // namespace ratchet::mcp
