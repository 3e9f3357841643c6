// SPDX-License-Identifier: MIT
#include "runtime/mcp/ratchet_service.hpp"

#include <spdlog/spdlog.h>

#include <map>
#include <set>
#include <utility>

#include "runtime/mcp/host_events.hpp"
#include "runtime/mcp/research_prompt.hpp"
#include "runtime/mcp/session_resources.hpp"
#include "runtime/mcp/step_tasks.hpp"
#include "runtime/tools/tools.hpp"

namespace ratchet::mcp {

namespace {

constexpr std::chrono::milliseconds progress_interval{1000};
constexpr std::int64_t a_day_ms = 86'400'000;

/// A CallToolResult: the answer for programs and, as text, for models.
json tool_result(json answer) {
  const bool is_error = answer.contains("error") && answer.contains("code");
  std::string text = to_text(answer);
  return {{"content", json::array({{{"type", "text"}, {"text", std::move(text)}}})},
          {"structuredContent", std::move(answer)},
          {"isError", is_error}};
}

std::string number(const json& value) {
  return value.is_number() ? to_text(value) : std::string("none yet");
}

/// One line for people: where the session stands.
std::string progress_line(const json& p, const std::string& output_line) {
  std::string line = "iteration " + to_text(p.value("iteration", json(0))) + " of " +
                     to_text(p.value("max_iterations", json(0))) + ", best " +
                     number(p.value("best_metric", json())) + " (baseline " +
                     number(p.value("baseline_metric", json())) + ")";
  return output_line.empty() ? line : line + ": " + output_line;
}

class service_of_ratchet final : public ratchet_service {
 public:
  service_of_ratchet(event_loop& loop, std::filesystem::path state_dir, open_tool_host open,
                     std::string version)
      : loop_(loop),
        state_dir_(std::move(state_dir)),
        open_host_(std::move(open)),
        tail_(loop, [this] { return store(); }),
        host_events_(loop),
        tools_(tools_for_hosts()) {
    identity_ = {"ratchet", "Ratchet: autonomous code experiments", std::move(version),
                 std::string(research_instructions)};
  }

  const server_identity& identity() const override { return identity_; }
  const json& tools() const override { return tools_; }

  std::unique_ptr<running_call> call(const std::string& tool, const json& arguments,
                                     call_notes notes, std::function<void(json)> answer) override;

  void resources(std::function<void(json)> answer) override;
  json resource_templates() override { return session_resource_templates(has_store()); }
  void read_resource(const std::string& uri, std::function<void(resource_answer)> answer) override;
  std::shared_ptr<void> watch_resource(const std::string& uri,
                                       std::function<void()> changed) override {
    auto id = session_in(uri);
    if (id.empty()) return nullptr;
    auto heard = [id, changed = std::move(changed)](const std::vector<event>& events) {
      for (const auto& e : events)
        if (e.session_id == id) return changed();
    };
    if (has_store()) return tail_.follow(std::move(heard));
    auto host = opened_host();
    return host ? host_events_.follow(**host, std::move(heard)) : nullptr;
  }

  json prompts() override { return research_prompts(); }
  std::optional<json> get_prompt(const std::string& name, const json& arguments) override {
    return research_prompt(name, arguments);
  }

  std::vector<std::string> complete(const json& ref, const std::string& argument,
                                    const std::string& begun) override {
    auto s = store();
    if (!s || argument != "session_id" || ref.value("type", "") != "ref/resource") return {};
    return sessions_beginning_with(*s, begun);
  }

  void task(const std::string& id, std::function<void(std::optional<json>)> answer) override;
  bool cancel_task(const std::string& id) override;

  event_tail& events() override { return tail_; }

  std::shared_ptr<whole_store> store() override {
    if (store_ || !has_store()) return store_;
    auto opened = open_store(state_dir_);
    if (opened) return store_ = *opened;
    // Readers of events ask many times a second; they are told once.
    if (std::exchange(store_trouble_, opened.error().text) != opened.error().text)
      spdlog::error("{}", store_trouble_);
    return nullptr;
  }

  void when_steps_ended(std::function<void()> ended) override {
    steps_ended_ = std::move(ended);
    tell_steps_ended();
  }

 private:
  class step_call;

  bool has_store() const { return !state_dir_.empty(); }

  expected<tool_host*> opened_host() {
    if (!host_) {
      auto opened = open_host_();
      if (!opened) return opened.error();
      host_ = std::move(*opened);
    }
    return host_.get();
  }

  /// The same as tool_host::start_call, but answers on the loop.
  pending_call start(tool_host& host, std::string_view tool, const json& arguments,
                     std::int64_t wait_ms, std::function<void(json)> answer) {
    return host.start_call(
        tool, arguments, wait_ms, [&loop = loop_, answer = std::move(answer)](json result) {
          loop.post([answer, result = std::move(result)]() mutable { answer(std::move(result)); });
        });
  }

  /// A step whose caller was told that it goes on: the process stays for it.
  void stay_for(const std::string& session_id) {
    if (host_->outlives_this_process() || !goes_on_.insert(session_id).second) return;
    start(*host_, tool_names::status, {{"session_id", session_id}, {"wait_ms", a_day_ms}}, -1,
          [this, session_id](const json&) {
            goes_on_.erase(session_id);
            tell_steps_ended();
          });
  }

  void tell_steps_ended() {
    if (steps_ended_ && goes_on_.empty()) std::exchange(steps_ended_, nullptr)();
  }

  event_loop& loop_;
  const std::filesystem::path state_dir_;  ///< empty: there is no store here
  const open_tool_host open_host_;
  server_identity identity_;
  event_tail tail_;
  std::unique_ptr<tool_host> host_;
  host_events host_events_;  ///< after the host that it follows
  json tools_;
  std::shared_ptr<whole_store> store_;
  std::string store_trouble_;  ///< why it could not be opened last
  std::set<std::string> goes_on_;
  std::function<void()> steps_ended_;
};

/// One call: its answer, its progress, its end.
class service_of_ratchet::step_call final : public running_call,
                                            public std::enable_shared_from_this<step_call> {
 public:
  step_call(service_of_ratchet& owner, std::string tool, call_notes notes,
            std::function<void(json)> answer)
      : owner_(owner),
        tool_(std::move(tool)),
        notes_(std::move(notes)),
        answer_(std::move(answer)) {}

  void start(tool_host& host, json arguments) {
    host_ = &host;
    const bool as_task =
        notes_.takes_tasks && !arguments.contains("wait_ms") && is_step_tool(tool_);
    auto self = shared_from_this();
    pending_ =
        owner_.start(host, tool_, arguments, as_task ? task_patience_ms : default_wait_ms,
                     [self, as_task](json result) { self->finish(std::move(result), as_task); });
    if (notes_.wants_progress && !pending_.session_id.empty() && answer_)
      ticker_ = owner_.loop_.every(progress_interval, [weak = weak_from_this()] {
        if (auto call = weak.lock()) call->tick();
      });
  }

  void cancel() override {
    ticker_.reset();
    answer_ = nullptr;
    pending_.cancel();
  }

 private:
  void finish(json result, bool as_task) {
    ticker_.reset();
    const bool goes_on = result.value("state", "") == "running" && result.contains("step");
    if (goes_on) owner_.stay_for(pending_.session_id);
    auto answer = std::exchange(answer_, nullptr);
    if (!answer) return;
    if (goes_on && as_task)
      answer(new_task(tool_, pending_.session_id));
    else
      answer(tool_result(std::move(result)));
  }

  void tick() {
    if (asking_) return;
    asking_ = true;
    owner_.start(
        *host_, tool_names::status, {{"session_id", pending_.session_id}, {"wait_ms", 0}}, -1,
        [weak = weak_from_this()](const json& progress) {
          auto self = weak.lock();
          if (!self) return;
          self->asking_ = false;
          if (!self->answer_ || !progress.contains("iteration")) return;
          std::chrono::duration<double> so_far = std::chrono::steady_clock::now() - self->begun_;
          self->notes_.progress(
              so_far.count(),
              progress_line(progress, self->host_->last_output(self->pending_.session_id)));
        });
  }

  service_of_ratchet& owner_;
  std::string tool_;
  call_notes notes_;
  std::function<void(json)> answer_;
  tool_host* host_ = nullptr;
  pending_call pending_;
  std::shared_ptr<void> ticker_;
  bool asking_ = false;
  std::chrono::steady_clock::time_point begun_ = std::chrono::steady_clock::now();
};

/// What the protocol holds of a call; the call itself lives until it is answered.
class call_handle final : public running_call {
 public:
  explicit call_handle(std::weak_ptr<running_call> call) : call_(std::move(call)) {}
  void cancel() override {
    if (auto call = call_.lock()) call->cancel();
  }

 private:
  std::weak_ptr<running_call> call_;
};

std::unique_ptr<running_call> service_of_ratchet::call(const std::string& tool,
                                                       const json& arguments, call_notes notes,
                                                       std::function<void(json)> answer) {
  auto host = opened_host();
  if (!host) {
    answer(tool_result(error_answer(host.error())));
    return nullptr;
  }
  auto call = std::make_shared<step_call>(*this, tool, std::move(notes), std::move(answer));
  call->start(**host, arguments);
  return std::make_unique<call_handle>(call);
}

// -- resources ------------------------------------------------------------------------------------

void service_of_ratchet::resources(std::function<void(json)> answer) {
  if (has_store()) {
    auto s = store();
    return answer(s ? list_session_resources(*s) : json::array());
  }
  auto host = opened_host();
  if (!host) return answer(json::array());
  start(**host, tool_names::status, json::object(), -1,
        [answer = std::move(answer)](const json& list) {
          if (list.contains("error")) {
            spdlog::error("{}", list.value("error", ""));
            return answer(json::array());
          }
          answer(list_resources_without_store(list.get<session_list>().active_sessions));
        });
}

void service_of_ratchet::read_resource(const std::string& uri,
                                       std::function<void(resource_answer)> answer) {
  if (has_store()) {
    auto s = store();
    return answer({s ? read_session_resource(*s, *s, uri) : std::nullopt, ""});
  }
  auto host = opened_host();
  if (!host) return answer({std::nullopt, host.error().text});
  if (!is_session_itself(uri)) return answer({});
  start(**host, tool_names::status, {{"session_id", session_in(uri)}, {"wait_ms", 0}}, -1,
        [uri, answer = std::move(answer)](const json& progress) {
          if (!progress.contains("error")) return answer({session_contents(uri, progress), ""});
          const auto code = progress.value("code", "");
          const bool absent =
              code == name_of(errc::unknown_session) || code == name_of(errc::invalid_argument);
          answer({std::nullopt, absent ? "" : progress.value("error", "")});
        });
}

// -- tasks ----------------------------------------------------------------------------------------

void service_of_ratchet::task(const std::string& id,
                              std::function<void(std::optional<json>)> answer) {
  auto which = read_task_id(id);
  auto host = opened_host();
  if (!which || !host) return answer(std::nullopt);
  start(**host, tool_names::status, {{"session_id", which->session_id}, {"wait_ms", 0}}, -1,
        [id, which = *which, answer = std::move(answer)](const json& progress) {
          if (progress.contains("error")) return answer(std::nullopt);
          auto view = task_view(id, which, progress);
          if (view.contains("answer")) {
            view["result"] = tool_result(std::move(view["answer"]));
            view.erase("answer");
          }
          answer(std::move(view));
        });
}

bool service_of_ratchet::cancel_task(const std::string& id) {
  auto which = read_task_id(id);
  auto host = opened_host();
  if (!which || !host) return false;
  (*host)->cancel(which->session_id);
  return true;
}

}  // namespace

std::unique_ptr<ratchet_service> ratchet_service::make(event_loop& loop, runtime_options options,
                                                       std::string version) {
  options.state_dir = resolve_state_dir(options.state_dir);
  return std::make_unique<service_of_ratchet>(
      loop, options.state_dir, [options] { return open_local_tools(options); }, std::move(version));
}

std::unique_ptr<ratchet_service> ratchet_service::make(event_loop& loop, open_tool_host open,
                                                       std::string version) {
  return std::make_unique<service_of_ratchet>(loop, std::filesystem::path(), std::move(open),
                                              std::move(version));
}

}  // namespace ratchet::mcp
