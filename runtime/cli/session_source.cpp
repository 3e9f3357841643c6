// SPDX-License-Identifier: MIT
#include "runtime/cli/session_source.hpp"

#include <fstream>
#include <iterator>

#include "messages/shown.hpp"
#include "runtime/embed/stored_sessions.hpp"
#include "runtime/net/remote_node.hpp"
#include "runtime/store/sqlite_store.hpp"
#include "runtime/tools/tools.hpp"

namespace ratchet::cli {

namespace {

class stored_source final : public session_source {
 public:
  explicit stored_source(std::shared_ptr<sessions_port> store) : store_(std::move(store)) {}

  expected<progress> session(const std::string& id) override {
    return stored_progress(*store_, id);
  }
  expected<std::vector<iteration_record>> iterations(const std::string& id) override {
    return store_->iterations(id, 0);
  }
  expected<std::optional<iteration_record>> iteration(const std::string& id, int number) override {
    return store_->iteration(id, number);
  }
  expected<std::optional<std::string>> report(const progress& session) override {
    if (session.report_path.empty()) return std::optional<std::string>{};
    std::ifstream file(session.report_path, std::ios::binary);
    return std::optional(std::string(std::istreambuf_iterator<char>(file), {}));
  }
  bool at_home() const override { return true; }

 private:
  std::shared_ptr<sessions_port> store_;
};

class joined_source final : public session_source {
 public:
  explicit joined_source(const net::invitation& invited) : node_(invited) {}

  expected<progress> session(const std::string& id) override {
    const json answer = node_.call(tool_names::status, {{"session_id", id}});
    if (is_error(answer)) return failure_in(answer);
    return answer.get<progress>();
  }
  expected<std::vector<iteration_record>> iterations(const std::string& id) override {
    std::vector<iteration_record> all;
    for (;;) {
      auto some = rows(id, all.empty() ? 0 : all.back().iteration + 1, 100);
      if (!some) return some.error();
      if (some->empty()) return all;
      for (auto& row : *some) all.push_back(std::move(row));
    }
  }
  expected<std::optional<iteration_record>> iteration(const std::string& id, int number) override {
    auto one = rows(id, number, 1);
    if (!one) return one.error();
    if (one->empty() || one->front().iteration != number) return std::optional<iteration_record>{};
    return std::optional(std::move(one->front()));
  }
  expected<std::optional<std::string>> report(const progress& session) override {
    if (session.report_path.empty()) return std::optional<std::string>{};
    std::string text;
    for (std::optional<long long> offset = 0; offset;) {
      const json answer =
          node_.call(tool_names::show,
                     {{"session_id", session.session_id}, {"what", "report"}, {"offset", *offset}});
      if (is_error(answer)) return failure_in(answer);
      const auto page = answer.get<session_shown>();
      text += page.text;
      offset = page.next_offset;
    }
    return std::optional(std::move(text));
  }
  bool at_home() const override { return false; }

 private:
  expected<std::vector<iteration_record>> rows(const std::string& id, int first, int limit) {
    const json answer = node_.ask("show", read_iterations{id, first, limit}, -1);
    if (is_error(answer)) return failure_in(answer);
    return answer.get<iterations_read>().rows;
  }

  net::remote_node node_;
};

}  // namespace

expected<std::unique_ptr<session_source>> open_sessions_of(const command_context& context) {
  if (context.join.empty()) {
    auto store = open_store(resolve_state_dir(context.state_dir));
    if (!store) return store.error();
    return std::unique_ptr<session_source>(std::make_unique<stored_source>(*store));
  }
  auto invited = net::invitation::read(context.join);
  if (!invited) return invited.error();
  return std::unique_ptr<session_source>(std::make_unique<joined_source>(*invited));
}

failure failure_in(const json& answer) {
  const auto code = parse_enum<errc>(answer.value("code", ""));
  return fail(code.value_or(errc::internal), answer["error"].get<std::string>());
}

bool is_error(const json& answer) { return answer.contains("error") && answer.contains("code"); }

}  // namespace ratchet::cli
