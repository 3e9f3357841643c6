// SPDX-License-Identifier: MIT
//
// The tools, resources and prompts that the protocol's conformance suite asks a server for, on the
// same protocol layer and HTTP transport that Ratchet is served with. Prints its address.
#include <iostream>

#include "runtime/http/mcp_endpoint.hpp"
#include "runtime/mcp/connection.hpp"

namespace {

using namespace ratchet;
using mcp::call_notes;

constexpr const char* png =
    "iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR42mNk+"
    "M9QDwADhgGAWjR9awAAAABJRU5ErkJggg==";
constexpr const char* wav = "UklGRiQAAABXQVZFZm10IBAAAAABAAEARKwAAIhYAQACABAAZGF0YQAAAAA=";
constexpr std::chrono::milliseconds pause{50};

json text(const std::string& words) { return {{"type", "text"}, {"text", words}}; }
json image() { return {{"type", "image"}, {"data", png}, {"mimeType", "image/png"}}; }
json embedded(const std::string& uri, const std::string& words) {
  return {{"type", "resource"},
          {"resource", {{"uri", uri}, {"mimeType", "text/plain"}, {"text", words}}}};
}
json content(json first) { return {{"content", json::array({std::move(first)})}}; }

json tool(const char* name, json schema = {{"type", "object"}}) {
  return {{"name", name}, {"description", name}, {"inputSchema", std::move(schema)}};
}

/// The suite looks whether keywords of JSON Schema 2020-12 come through unchanged.
json rich_schema() {
  return json::parse(R"({
    "$schema": "https://json-schema.org/draft/2020-12/schema", "type": "object",
    "$defs": {"address": {"$anchor": "addressDef", "type": "object",
      "properties": {"street": {"type": "string"}, "city": {"type": "string"}}}},
    "properties": {"name": {"type": "string"}, "address": {"$ref": "#/$defs/address"},
      "contactMethod": {"type": "string", "enum": ["phone", "email"]},
      "phone": {"type": "string"}, "email": {"type": "string"}},
    "allOf": [{"anyOf": [{"required": ["phone"]}, {"required": ["email"]}]}],
    "if": {"properties": {"contactMethod": {"const": "phone"}}, "required": ["contactMethod"]},
    "then": {"required": ["phone"]}, "else": {"required": ["email"]},
    "additionalProperties": false})");
}

class fixtures final : public mcp::service {
 public:
  explicit fixtures(event_loop& loop) : loop_(loop) {}

  const mcp::server_identity& identity() const override { return identity_; }
  const json& tools() const override { return tools_; }

  std::unique_ptr<mcp::running_call> call(const std::string& name, const json& arguments,
                                          call_notes notes,
                                          std::function<void(json)> answer) override {
    if (name == "test_simple_text")
      answer(content(text("This is a simple text response for testing.")));
    else if (name == "test_image_content")
      answer(content(image()));
    else if (name == "test_audio_content")
      answer(content({{"type", "audio"}, {"data", wav}, {"mimeType", "audio/wav"}}));
    else if (name == "test_embedded_resource")
      answer(content(embedded("test://embedded-resource", "This is an embedded resource.")));
    else if (name == "test_multiple_content_types")
      answer({{"content", json::array({text("Multiple content types test:"), image(),
                                       embedded("test://mixed-content-resource", "{}")})}});
    else if (name == "test_error_handling")
      answer(
          {{"content", json::array({text("This tool intentionally returns an error for testing")})},
           {"isError", true}});
    else if (name == "greet")
      answer(content(text("Hello, " + arguments.value("name", "") + "!")));
    else if (name == "test_missing_capability" && !notes.client_capabilities.contains("sampling"))
      notes.lacks({{"sampling", json::object()}});
    else if (name == "slow_compute" || name == "failing_job" || name == "protocol_error_job")
      compute(name, arguments.value("seconds", 1), notes, answer);
    else if (name == "test_logging_tool" || name == "test_tool_with_logging")
      log_thrice(notes, answer, 0);
    else if (name == "test_tool_with_progress")
      progress_thrice(notes, answer, 0);
    else
      answer(content(text("done")));
    return nullptr;
  }

  void resources(std::function<void(json)> answer) override {
    answer(json::array({{{"uri", "test://static-text"}, {"name", "text"}},
                        {{"uri", "test://static-binary"}, {"name", "binary"}},
                        {{"uri", "test://watched-resource"}, {"name", "watched"}}}));
  }
  json resource_templates() override {
    return json::array({{{"uriTemplate", "test://template/{id}/data"}, {"name", "data"}}});
  }
  void read_resource(const std::string& uri,
                     std::function<void(mcp::resource_answer)> answer) override {
    json one{{"uri", uri}, {"mimeType", "text/plain"}};
    const std::string begin = "test://template/", end = "/data";
    if (uri == "test://static-binary") {
      one["mimeType"] = "image/png";
      one["blob"] = png;
    } else if (uri == "test://static-text" || uri == "test://watched-resource") {
      one["text"] = "This is the content of the static text resource.";
    } else if (uri.starts_with(begin) && uri.ends_with(end)) {
      const auto id = uri.substr(begin.size(), uri.size() - begin.size() - end.size());
      one["mimeType"] = "application/json";
      one["text"] = json{{"id", id}, {"templateTest", true}, {"data", "Data for ID: " + id}}.dump();
    } else {
      return answer({});
    }
    answer({json::array({one}), ""});
  }
  std::shared_ptr<void> watch_resource(const std::string&, std::function<void()>) override {
    return std::make_shared<int>(0);  // they never change
  }

  json prompts() override {
    auto argument = [](const char* name) { return json{{"name", name}, {"required", true}}; };
    auto prompt = [](const char* name, json arguments) {
      return json{{"name", name}, {"description", name}, {"arguments", std::move(arguments)}};
    };
    return json::array(
        {prompt("test_simple_prompt", json::array()),
         prompt("test_prompt_with_arguments", json::array({argument("arg1"), argument("arg2")})),
         prompt("test_prompt_with_embedded_resource", json::array({argument("resourceUri")})),
         prompt("test_prompt_with_image", json::array())});
  }
  std::optional<json> get_prompt(const std::string& name, const json& arguments) override {
    auto message = [](json what) { return json{{"role", "user"}, {"content", std::move(what)}}; };
    json messages = json::array();
    if (name == "test_simple_prompt") {
      messages.push_back(message(text("This is a simple prompt for testing.")));
    } else if (name == "test_prompt_with_arguments") {
      messages.push_back(
          message(text("Prompt with arguments: arg1='" + arguments.value("arg1", "") + "', arg2='" +
                       arguments.value("arg2", "") + "'")));
    } else if (name == "test_prompt_with_embedded_resource") {
      messages.push_back(message(embedded(arguments.value("resourceUri", ""), "content")));
      messages.push_back(message(text("Please process the embedded resource above.")));
    } else {
      messages.push_back(message(image()));
      messages.push_back(message(text("Please analyze the image above.")));
    }
    return json{{"messages", std::move(messages)}};
  }

  std::vector<std::string> complete(const json&, const std::string&, const std::string&) override {
    return {};
  }

  void task(const std::string& id, std::function<void(std::optional<json>)> answer) override {
    auto it = tasks_.find(id);
    answer(it == tasks_.end() ? std::nullopt : std::optional(it->second));
  }
  bool cancel_task(const std::string& id) override {
    auto it = tasks_.find(id);
    if (it == tasks_.end()) return false;
    if (it->second["status"] == "working") it->second["status"] = "cancelled";
    return true;
  }

 private:
  using answer_function = std::function<void(json)>;

  void later(std::function<void()> work, std::chrono::milliseconds delay = pause) {
    auto timer = std::make_shared<std::shared_ptr<void>>();
    *timer = loop_.after(delay, [timer, work = std::move(work)] {
      auto keep = std::move(*timer);
      work();
    });
  }

  /// Takes so many seconds: as a task where the client follows tasks, else before the answer.
  void compute(const std::string& name, int seconds, const call_notes& notes,
               const answer_function& answer) {
    json result = content(text(name == "slow_compute" ? "computed" : "the job has failed"));
    if (name != "slow_compute") result["isError"] = true;
    if (seconds == 0) return answer(result);
    if (!notes.takes_tasks) return after_seconds(seconds, [answer, result] { answer(result); });
    const auto id = "task-" + std::to_string(tasks_.size() + 1);
    const std::string time = "2026-01-01T00:00:00Z";
    json& task =
        tasks_[id] = {{"taskId", id},          {"status", "working"}, {"createdAt", time},
                      {"lastUpdatedAt", time}, {"ttlMs", 600'000},    {"pollIntervalMs", 100}};
    json created{{"resultType", "task"}};
    created.update(task);
    after_seconds(seconds, [this, id, name, result] {
      json& ended = tasks_[id];
      if (ended["status"] != "working") return;
      const bool broken = name == "protocol_error_job";
      ended["status"] = broken ? "failed" : "completed";
      ended[broken ? "error" : "result"] =
          broken ? json{{"code", -32603}, {"message", "it broke"}} : result;
    });
    answer(created);
  }

  void after_seconds(int seconds, std::function<void()> work) {
    later(std::move(work), std::chrono::seconds(seconds));
  }

  void log_thrice(const call_notes& notes, const answer_function& answer, int n) {
    static const char* const words[] = {"Tool execution started", "Tool processing data",
                                        "Tool execution completed"};
    if (n == 3) return answer(content(text("logged")));
    notes.log("info", words[n]);
    later([this, notes, answer, n] { log_thrice(notes, answer, n + 1); });
  }

  void progress_thrice(const call_notes& notes, const answer_function& answer, int n) {
    if (n == 3) return answer(content(text("progressed")));
    notes.progress(n * 50, "");
    later([this, notes, answer, n] { progress_thrice(notes, answer, n + 1); });
  }

  event_loop& loop_;
  std::map<std::string, json> tasks_;
  mcp::server_identity identity_{"conformance-fixtures", "Fixtures", "1.0.0", ""};
  json tools_ = json::array(
      {tool("test_simple_text"), tool("test_image_content"), tool("test_audio_content"),
       tool("test_embedded_resource"), tool("test_multiple_content_types"),
       tool("test_tool_with_logging"), tool("test_error_handling"), tool("test_tool_with_progress"),
       tool("json_schema_2020_12_tool", rich_schema()), tool("test_missing_capability"),
       tool("test_logging_tool"), tool("test_streaming_elicitation"), tool("greet"),
       tool("slow_compute"), tool("failing_job"), tool("protocol_error_job")});
};

}  // namespace

int main() {
  event_loop loop;
  fixtures offered(loop);
  http::mcp_endpoint endpoint(loop, offered);
  auto server = http::server::open(
      loop, {}, [&](const http::request& r, auto answer) { endpoint.handle(r, answer); });
  if (!server) {
    std::cerr << server.error().text << "\n";
    return 1;
  }
  std::cout << "http://127.0.0.1:" << (*server)->port() << "/mcp" << std::endl;
  loop.run();
}
