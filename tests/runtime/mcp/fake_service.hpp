// SPDX-License-Identifier: MIT
//
// A service that does what a test says.
#pragma once

#include <map>
#include <string>
#include <utility>
#include <vector>

#include "runtime/mcp/service.hpp"

namespace ratchet::mcp {

class fake_service final : public service {
 public:
  struct call_at_work {
    std::string tool;
    json arguments;
    call_notes notes;
    std::function<void(json)> answer;
    bool cancelled = false;
  };

  const server_identity& identity() const override { return identity_; }
  const json& tools() const override { return tools_; }
  std::unique_ptr<running_call> call(const std::string& tool, const json& arguments,
                                     call_notes notes, std::function<void(json)> answer) override {
    if (tool == "quick") {
      answer({{"content", json::array({{{"type", "text"}, {"text", "done"}}})}});
      return nullptr;
    }
    auto work = std::make_shared<call_at_work>();
    *work = {tool, arguments, std::move(notes), std::move(answer)};
    at_work.push_back(work);
    struct handle final : running_call {
      explicit handle(std::shared_ptr<call_at_work> w) : work(std::move(w)) {}
      void cancel() override { work->cancelled = true; }
      std::shared_ptr<call_at_work> work;
    };
    return std::make_unique<handle>(work);
  }

  void resources(std::function<void(json)> answer) override {
    answer(json::array({{{"uri", "x://1"}, {"name", "one"}}}));
  }
  json resource_templates() override { return json::array(); }
  void read_resource(const std::string& uri, std::function<void(resource_answer)> answer) override {
    if (uri == "x://late")
      late_answer = std::move(answer);
    else if (uri == "x://1")
      answer({json::array({{{"uri", uri}, {"text", "content"}}}), ""});
    else
      answer({});
  }
  std::shared_ptr<void> watch_resource(const std::string& uri,
                                       std::function<void()> changed) override {
    auto token = std::make_shared<std::function<void()>>(std::move(changed));
    watchers.emplace_back(uri, token);
    return token;
  }
  void change(const std::string& uri) {
    for (auto& [watched, weak] : watchers)
      if (auto changed = weak.lock(); changed && watched == uri) (*changed)();
  }

  json prompts() override {
    return json::array({{{"name", "greet"},
                         {"arguments", json::array({{{"name", "whom"}, {"required", true}}})}}});
  }
  std::optional<json> get_prompt(const std::string&, const json& arguments) override {
    return json{{"messages", json::array({arguments})}};
  }

  std::vector<std::string> complete(const json&, const std::string&,
                                    const std::string& begun) override {
    return {begun + "ris", begun + "rk"};
  }

  void task(const std::string& id, std::function<void(std::optional<json>)> answer) override {
    if (id != "t1") return answer(std::nullopt);
    answer(json{{"taskId", id}, {"status", "working"}});
  }
  bool cancel_task(const std::string& id) override { return id == "t1"; }

  std::vector<std::shared_ptr<call_at_work>> at_work;
  std::function<void(resource_answer)> late_answer;  ///< to who read x://late
  std::vector<std::pair<std::string, std::weak_ptr<std::function<void()>>>> watchers;

 private:
  server_identity identity_{"fake", "Fake", "1", "Use it well."};
  json tools_ = json::array({{{"name", "quick"}}, {{"name", "slow"}}});
};

}  // namespace ratchet::mcp
