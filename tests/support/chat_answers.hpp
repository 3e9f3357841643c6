// SPDX-License-Identifier: MIT
//
// Answers of models in both dialects, as servers send them, and a fake of the port that brings
// them.
#pragma once

#include <deque>
#include <string>
#include <vector>

#include "messages/json.hpp"
#include "runtime/llm/http.hpp"

namespace ratchet::testing {

/// A streamed chat completion, its text in pieces of a few bytes.
inline std::string openai_stream(const std::string& text, const std::string& finish = "stop",
                                 const json& usage = {{"prompt_tokens", 100},
                                                      {"completion_tokens", 20}}) {
  auto line = [](const json& chunk) { return "data: " + chunk.dump() + "\n\n"; };
  auto choice = [](json delta, json reason) {
    return json{
        {"choices",
         {{{"index", 0}, {"delta", std::move(delta)}, {"finish_reason", std::move(reason)}}}}};
  };
  std::string out = line(choice({{"role", "assistant"}, {"content", ""}}, nullptr));
  for (std::size_t i = 0; i < text.size(); i += 7)
    out += line(choice({{"content", text.substr(i, 7)}}, nullptr));
  out += line(choice(json::object(), finish));
  if (!usage.is_null()) out += line({{"choices", json::array()}, {"usage", usage}});
  return out + "data: [DONE]\n\n";
}

inline json openai_document(const std::string& text, const json& usage) {
  json answer{{"choices",
               {{{"index", 0},
                 {"message", {{"role", "assistant"}, {"content", text}}},
                 {"finish_reason", "stop"}}}}};
  if (!usage.is_null()) answer["usage"] = usage;
  return answer;
}

inline std::string anthropic_stream(const std::string& text,
                                    const std::string& reason = "end_turn") {
  auto event = [](const json& data) {
    return "event: " + data["type"].get<std::string>() + "\ndata: " + data.dump() + "\n\n";
  };
  std::string out =
      event({{"type", "message_start"},
             {"message",
              {{"usage",
                {{"input_tokens", 40}, {"cache_read_input_tokens", 60}, {"output_tokens", 1}}}}}});
  out += event({{"type", "content_block_start"},
                {"index", 0},
                {"content_block", {{"type", "text"}, {"text", ""}}}});
  out += "event: ping\ndata: {\"type\": \"ping\"}\n\n";
  for (std::size_t i = 0; i < text.size(); i += 7)
    out += event({{"type", "content_block_delta"},
                  {"index", 0},
                  {"delta", {{"type", "text_delta"}, {"text", text.substr(i, 7)}}}});
  out += event({{"type", "message_delta"},
                {"delta", {{"stop_reason", reason}}},
                {"usage", {{"output_tokens", 20}}}});
  return out + event({{"type", "message_stop"}});
}

/// An edit as the prompt asks for it.
inline std::string block_edit(const std::string& hypothesis, const std::string& file,
                              const std::string& search, const std::string& replace) {
  return hypothesis + "\n\n" + file + "\n<<<<<<< SEARCH\n" + search + "\n=======\n" + replace +
         "\n>>>>>>> REPLACE\n";
}

/// Answers in order, the last one again and again; remembers what it was sent and how long it was
/// told to wait.
class fake_http final : public http_port {
 public:
  struct answer {
    int status = 200;
    std::string body;
    std::string type = "text/event-stream";
    std::map<std::string, std::string> headers{};
    std::optional<double> retry_after_s{};
    http_end end = http_end::answered;
  };
  static answer error(int status, const json& body, std::optional<double> retry_after_s = {}) {
    return {status, body.dump(), "application/json", {}, retry_after_s};
  }
  static answer broken(http_end end, const std::string& first = "") {
    return {first.empty() ? 0 : 200, first, "text/event-stream", {}, {}, end};
  }

  std::deque<answer> answers;
  std::vector<http_request> requests;
  std::vector<double> pauses;
  bool cancel_pause = false;

  http_outcome post(const http_request& request, const body_sink& consume,
                    std::stop_token) override {
    requests.push_back(request);
    answer a = answers.at(0);
    if (answers.size() > 1) answers.pop_front();
    http_outcome outcome;
    outcome.status = a.status;
    outcome.sent = a.end != http_end::unreachable && a.end != http_end::untrusted;
    outcome.headers = a.headers;
    outcome.headers["content-type"] = a.type;
    // In pieces that cut lines anywhere.
    for (std::size_t i = 0; i < a.body.size(); i += 11)
      consume(outcome, std::string_view(a.body).substr(i, 11));
    outcome.retry_after_s = a.retry_after_s;
    outcome.end = a.end;
    if (a.end != http_end::answered) outcome.error = "as the test wanted it";
    return outcome;
  }
  bool pause(double seconds, std::stop_token) override {
    pauses.push_back(seconds);
    return !cancel_pause;
  }
  json sent(std::size_t n) const { return json::parse(requests.at(n).body); }
};

}  // namespace ratchet::testing
