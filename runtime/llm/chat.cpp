// SPDX-License-Identifier: MIT
//
// What goes out, and what an error says. How answers are read is in chat_readers.cpp.
#include "runtime/llm/chat.hpp"

#include <algorithm>

namespace ratchet {

namespace {

std::string word_at(const json& object, const char* key) {
  if (!object.is_object()) return "";
  auto it = object.find(key);
  if (it == object.end()) return "";
  if (it->is_string()) return it->get<std::string>();
  return it->is_number_integer() ? std::to_string(it->get<long long>()) : "";
}

bool mentions(const chat_error& error, std::string_view word) {
  return error.message.find(word) != std::string::npos;
}

}  // namespace

std::string chat_url(const chat_model& model) {
  std::string url = model.base_url;
  while (url.ends_with('/')) url.pop_back();
  return url + (model.api == chat_api::openai ? "/chat/completions" : "/messages");
}

std::vector<std::string> chat_headers(const chat_model& model, const std::string& key) {
  std::vector<std::string> headers{"Content-Type: application/json",
                                   "Accept: text/event-stream, application/json"};
  if (model.api == chat_api::anthropic) headers.emplace_back("anthropic-version: 2023-06-01");
  if (key.empty()) return headers;
  headers.push_back(model.api == chat_api::anthropic ? "x-api-key: " + key
                                                     : "Authorization: Bearer " + key);
  return headers;
}

json chat_body(const chat_model& model, const chat_request& request, const chat_quirks& quirks) {
  json body{{"model", model.model}};
  json messages = json::array();
  bool openai = model.api == chat_api::openai;
  if (!request.system.empty()) {
    if (openai)
      messages.push_back({{"role", "system"}, {"content", request.system}});
    else
      body["system"] = request.system;
  }
  for (const auto& m : request.messages)
    messages.push_back({{"role", m.role}, {"content", m.content}});
  body["messages"] = std::move(messages);
  bool renamed = openai && quirks.max_completion_tokens;
  const std::string field = !openai   ? "max_tokens"
                            : renamed ? "max_completion_tokens"
                                      : model.max_tokens_field;
  body[field] = request.max_reply_tokens;
  if (model.temperature && !quirks.no_temperature) body["temperature"] = *model.temperature;
  body["stream"] = request.stream;
  if (openai && request.stream && !quirks.no_stream_options)
    body["stream_options"] = {{"include_usage", true}};
  return body;
}

chat_error read_chat_error(std::string_view body) {
  const json document = json::parse(body, nullptr, false);
  if (!document.is_object()) return {"", "", std::string(body.substr(0, 400))};
  auto it = document.find("error");
  const json& error = it != document.end() && !it->is_null() ? *it : document;
  if (error.is_string()) return {"", "", error.get<std::string>()};
  chat_error read{word_at(error, "type"), word_at(error, "code"), word_at(error, "message")};
  if (read.message.empty()) read.message = word_at(error, "detail");
  return read;
}

chat_quirks adapted(const chat_quirks& before, int status, const chat_error& error) {
  chat_quirks after = before;
  if (status != 400 && status != 422) return after;
  if (mentions(error, "max_completion_tokens"))
    after.max_completion_tokens = true;
  else if (mentions(error, "stream_options"))
    after.no_stream_options = true;
  else if (mentions(error, "temperature"))
    after.no_temperature = true;
  return after;
}

}  // namespace ratchet
