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

  pending_call start_call(std::string_view tool, const json& arguments,
                          std::int64_t default_wait_ms, std::function<void(json)> answer) override {
    return runtime_->start_call(tool, arguments, default_wait_ms, std::move(answer));
  }
  void cancel(const std::string& session_id) override { runtime_->cancel(session_id); }
  std::string last_output(const std::string& session_id) const override {
    return runtime_->last_output(session_id);
  }
  bool outlives_this_process() const override { return false; }

  expected<comparison> compare(const std::string& session_id, int pairs,
                               const std::stop_token& stop) override {
    return ask<comparison>(compare_session{session_id, pairs}, stop);
  }
  expected<session_pruned> prune(const std::string& session_id, double time_s,
                                 const std::stop_token& stop) override {
    return ask<session_pruned>(prune_session{session_id, time_s}, stop);
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
  template <class Answer, class Request>
  expected<Answer> ask(const Request& request, const std::stop_token& stop) {
    auto registry = runtime_->registry();
    if (!registry) return fail(errc::internal, "the runtime has ended; open a new one");
    return ask_for_step<Answer>(runtime_->system(), registry, "the session_registry", request,
                                stop);
  }

  std::unique_ptr<runtime> runtime_;
};

}  // namespace

expected<std::unique_ptr<tool_host>> open_local_tools(const runtime_options& options) {
  auto opened = runtime::open(options);
  if (!opened) return opened.error();
  return std::unique_ptr<tool_host>(std::make_unique<local_tools>(std::move(*opened)));
}

json call_and_wait(tool_host& host, std::string_view tool, const json& arguments,
                   const std::function<void(const std::string&)>& begun,
                   const std::stop_token& stop) {
  // Shared: the thread that sets it may still be in there when this one is gone.
  auto promise = std::make_shared<std::promise<json>>();
  auto call = host.start_call(tool, arguments, -1,
                              [promise](json answer) { promise->set_value(std::move(answer)); });
  if (begun) begun(call.session_id);
  const std::stop_callback ends_it(stop, call.cancel);
  return promise->get_future().get();
}

}  // namespace ratchet
