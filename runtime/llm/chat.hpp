// SPDX-License-Identifier: MIT
//
// The two dialects that models are asked in, as pure functions: OpenAI's chat completions (which
// most servers speak) and Anthropic's messages. What goes out, and how what comes back is read.
#pragma once

#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "messages/json.hpp"
#include "runtime/llm/sse.hpp"
#include "runtime/llm/tokens.hpp"

namespace ratchet {

enum class chat_api : std::uint8_t { openai, anthropic };
template <>
struct enum_names<chat_api> {
  static constexpr std::array<std::pair<chat_api, std::string_view>, 2> value{
      {{chat_api::openai, "openai"}, {chat_api::anthropic, "anthropic"}}};
};

/// One model and where it is asked. `api_key_env` and `api_key_file` only name where the key is.
struct chat_model {
  std::string model;
  chat_api api = chat_api::openai;
  std::string base_url;  ///< up to and without "/chat/completions" or "/messages"
  std::string api_key_env;
  std::string api_key_file;
  double weight = 1;
  int max_reply_tokens = 8192;
  std::string max_tokens_field = "max_tokens";  ///< what an OpenAI dialect calls it
  std::optional<double> temperature;
  std::optional<token_price> price;
};

struct chat_message {
  std::string role;  ///< "user" or "assistant"
  std::string content;
};

struct chat_request {
  std::string system;
  std::vector<chat_message> messages;
  long long max_reply_tokens = 8192;
  bool stream = true;
};

/// What a server has refused to understand, so that it is asked without.
struct chat_quirks {
  bool no_stream_options = false;
  bool max_completion_tokens = false;
  bool no_temperature = false;
  bool operator==(const chat_quirks&) const = default;
};

std::string chat_url(const chat_model& model);
/// With the key where there is one; never log these.
std::vector<std::string> chat_headers(const chat_model& model, const std::string& key);
json chat_body(const chat_model& model, const chat_request& request, const chat_quirks& quirks);

/// What an error answer said of itself. All may be empty.
struct chat_error {
  std::string type;
  std::string code;
  std::string message;
};
/// Of an error answer's body, whatever it holds.
chat_error read_chat_error(std::string_view body);

/// The quirks with which a request that was refused so may be understood; the same as before when
/// there is nothing to be done about it.
chat_quirks adapted(const chat_quirks& before, int status, const chat_error& error);

enum class chat_finish : std::uint8_t {
  none,     ///< not at its end: what came is a part
  stop,     ///< the model was done
  length,   ///< cut at the most tokens allowed
  refused,  ///< by a filter, or by the model
};

/// Collects an answer, streamed or whole.
class chat_reader {
 public:
  virtual ~chat_reader() = default;
  virtual void take(const sse_event& event) = 0;
  /// A whole answer that is one JSON document.
  virtual void take_document(const json& document) = 0;

  std::string text;
  token_usage usage;
  chat_finish finish = chat_finish::none;
  bool ended = false;               ///< the answer's own end mark has come
  std::optional<chat_error> error;  ///< came inside the answer
  bool malformed = false;           ///< something that is no answer of this dialect
};

std::unique_ptr<chat_reader> make_chat_reader(chat_api api);

}  // namespace ratchet
