// SPDX-License-Identifier: MIT
#include "runtime/cli/remote_tools.hpp"

#include <mutex>
#include <set>

#include "runtime/net/remote_node.hpp"

namespace ratchet::cli {

namespace {

class remote_tools final : public mcp::tool_host {
 public:
  explicit remote_tools(const net::invitation& invited)
      : node_(invited, {.connect_deadline = std::chrono::seconds(5)}) {}

  call start_call(std::string_view tool, const json& arguments, std::int64_t default_wait_ms,
                  std::function<void(json)> answer) override {
    auto begun = node_.start_call(tool, arguments, default_wait_ms, std::move(answer));
    return {begun.session_id, begun.cancel};
  }
  void cancel(const std::string& session_id) override { node_.cancel(session_id); }
  /// What a command prints stays at the node.
  std::string last_output(const std::string&) const override { return ""; }
  bool outlives_this_process() const override { return true; }

 private:
  net::remote_node node_;
};

}  // namespace

expected<std::unique_ptr<mcp::tool_host>> open_remote_tools(
    const std::filesystem::path& invitation) {
  auto invited = net::invitation::read(invitation);
  if (!invited) return invited.error();
  return std::unique_ptr<mcp::tool_host>(std::make_unique<remote_tools>(*invited));
}

}  // namespace ratchet::cli
