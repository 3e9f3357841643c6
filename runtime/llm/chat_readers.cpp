// SPDX-License-Identifier: MIT
#include "runtime/llm/chat.hpp"

namespace ratchet {

namespace {

/// A count as it was told; nothing when absent, null, negative or no number.
std::optional<long long> count_at(const json& object, const char* key) {
  if (!object.is_object()) return std::nullopt;
  auto it = object.find(key);
  if (it == object.end() || !it->is_number()) return std::nullopt;
  double value = it->get<double>();
  if (!(value >= 0) || value > 1e15) return std::nullopt;
  return static_cast<long long>(value);
}

void take_count(std::optional<long long>& into, const json& object, const char* key) {
  if (auto count = count_at(object, key)) into = count;
}

std::string text_at(const json& object, const char* key) {
  if (!object.is_object()) return "";
  auto it = object.find(key);
  return it != object.end() && it->is_string() ? it->get<std::string>() : "";
}

const json& at(const json& object, const char* key) {
  static const json nothing;
  if (!object.is_object()) return nothing;
  auto it = object.find(key);
  return it == object.end() ? nothing : *it;
}

/// Plain text, or the text parts of a list.
std::string content_text(const json& content) {
  if (content.is_string()) return content.get<std::string>();
  std::string text;
  if (content.is_array())
    for (const auto& part : content)
      if (auto type = text_at(part, "type"); type.empty() || type == "text")
        text += text_at(part, "text");
  return text;
}

class openai_reader final : public chat_reader {
 public:
  void take(const sse_event& event) override {
    if (event.data == "[DONE]") {
      ended = true;
      return;
    }
    const json chunk = json::parse(event.data, nullptr, false);
    if (!chunk.is_object()) {
      malformed = true;
      return;
    }
    take_object(chunk, "delta");
  }

  void take_document(const json& document) override {
    if (!document.is_object() || (!document.contains("choices") && !document.contains("error"))) {
      malformed = true;
      return;
    }
    take_object(document, "message");
    ended = !error;  // a document that could be read is whole
  }

 private:
  void take_object(const json& object, const char* message) {
    if (const json& wrong = at(object, "error"); !wrong.is_null()) {
      error = read_chat_error(json{{"error", wrong}}.dump());
      return;
    }
    take_usage(at(object, "usage"));
    const json& choices = at(object, "choices");
    if (!choices.is_array() || choices.empty()) return;
    const json& choice = choices[0];
    text += content_text(at(at(choice, message), "content"));
    const std::string reason = text_at(choice, "finish_reason");
    if (reason.empty()) return;
    finish = reason == "length"           ? chat_finish::length
             : reason == "content_filter" ? chat_finish::refused
                                          : chat_finish::stop;
  }

  void take_usage(const json& told) {
    take_count(usage.input, told, "prompt_tokens");
    take_count(usage.output, told, "completion_tokens");
    take_count(usage.cached_input, at(told, "prompt_tokens_details"), "cached_tokens");
  }
};

class anthropic_reader final : public chat_reader {
 public:
  void take(const sse_event& event) override {
    const json data = json::parse(event.data, nullptr, false);
    if (!data.is_object()) {
      malformed = true;
      return;
    }
    const std::string type = text_at(data, "type");
    if (type == "message_start") {
      take_usage(at(at(data, "message"), "usage"));
    } else if (type == "content_block_delta") {
      text += text_at(at(data, "delta"), "text");  // thinking and tool deltas have other keys
    } else if (type == "content_block_start") {
      text += text_at(at(data, "content_block"), "text");
    } else if (type == "message_delta") {
      take_usage(at(data, "usage"));
      take_reason(text_at(at(data, "delta"), "stop_reason"));
    } else if (type == "message_stop") {
      ended = true;
    } else if (type == "error") {
      error = read_chat_error(event.data);
    }
  }

  void take_document(const json& document) override {
    if (text_at(document, "type") == "error") {
      error = read_chat_error(document.dump());
      return;
    }
    if (!at(document, "content").is_array()) {
      malformed = true;
      return;
    }
    text = content_text(at(document, "content"));
    take_usage(at(document, "usage"));
    take_reason(text_at(document, "stop_reason"));
    ended = true;
  }

 private:
  void take_reason(const std::string& reason) {
    if (reason.empty()) return;
    finish = reason == "max_tokens" ? chat_finish::length
             : reason == "refusal"  ? chat_finish::refused
                                    : chat_finish::stop;
  }

  /// Here the input is told without what the cache took part in.
  void take_usage(const json& told) {
    take_count(plain_, told, "input_tokens");
    take_count(usage.cached_input, told, "cache_read_input_tokens");
    take_count(usage.cache_write, told, "cache_creation_input_tokens");
    take_count(usage.output, told, "output_tokens");
    if (plain_)
      usage.input = *plain_ + usage.cached_input.value_or(0) + usage.cache_write.value_or(0);
  }

  std::optional<long long> plain_;
};

}  // namespace

std::unique_ptr<chat_reader> make_chat_reader(chat_api api) {
  if (api == chat_api::anthropic) return std::make_unique<anthropic_reader>();
  return std::make_unique<openai_reader>();
}

}  // namespace ratchet
