// SPDX-License-Identifier: MIT
#include "runtime/embed/tool_host.hpp"

#include <future>

#include "actors/watched_request.hpp"
#include "messages/timeouts.hpp"
#include "messages/type_ids.hpp"

namespace ratchet {

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

  expected<comparison> compare(const std::string& session_id, int pairs) override {
    auto registry = runtime_->registry();
    if (!registry) return fail(errc::internal, "the runtime has ended; open a new one");
    return ask_watched<comparison>(runtime_->system(), registry, longest_step,
                                   "the session_registry", compare_session{session_id, pairs});
  }
  expected<session_pruned> prune(const std::string& session_id, double time_s) override {
    auto registry = runtime_->registry();
    if (!registry) return fail(errc::internal, "the runtime has ended; open a new one");
    return ask_watched<session_pruned>(runtime_->system(), registry, longest_step,
                                       "the session_registry", prune_session{session_id, time_s});
  }
  std::shared_ptr<void> follow(std::function<void(const event&)> deliver,
                               std::function<void(const expected<>&)> begun) override {
    subscription from_now_on;
    from_now_on.after_seq = -1;
    auto token = runtime_->subscribe(from_now_on, std::move(deliver));
    begun({});
    return token;
  }
  /// What dies in this process has been replaced when its callers are told.
  expected<std::string> rejoin(const std::atomic<bool>&) override { return std::string(); }

 private:
  std::unique_ptr<runtime> runtime_;
};

}  // namespace

expected<std::unique_ptr<tool_host>> open_local_tools(const runtime_options& options) {
  auto opened = runtime::open(options);
  if (!opened) return opened.error();
  return std::unique_ptr<tool_host>(std::make_unique<local_tools>(std::move(*opened)));
}

json call_and_wait(tool_host& host, std::string_view tool, const json& arguments,
                   const std::function<void(const std::string&)>& begun) {
  // Shared: the thread that sets it may still be in there when this one is gone.
  auto promise = std::make_shared<std::promise<json>>();
  auto call = host.start_call(tool, arguments, -1,
                              [promise](json answer) { promise->set_value(std::move(answer)); });
  if (begun) begun(call.session_id);
  return promise->get_future().get();
}

}  // namespace ratchet
