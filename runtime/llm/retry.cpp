// SPDX-License-Identifier: MIT
#include "runtime/llm/retry.hpp"

#include <algorithm>
#include <array>
#include <charconv>
#include <cmath>

#include "actors/logic/text.hpp"

namespace ratchet {

namespace {

bool contains(std::string_view text, std::string_view part) {
  return text.find(part) != std::string_view::npos;
}

/// Credit that is gone comes as 429 from some and as 400, 402 or 403 from others.
bool is_quota(int status, const chat_error& e) {
  if (status == 402) return true;
  if (status != 429 && status != 403 && status != 400 && status != 200) return false;
  for (const auto& text : {e.type, e.code})
    for (const char* sign : {"insufficient_quota", "billing", "credit", "quota_exceeded"})
      if (contains(text, sign)) return true;
  for (const char* sign : {"credit balance is too low", "exceeded your current quota",
                           "insufficient credits", "Insufficient credits"})
    if (contains(e.message, sign)) return true;
  return false;
}

bool is_transient_status(int status) {
  constexpr std::array transient{408, 409, 425, 429, 500, 502, 503, 504, 529};
  return std::find(transient.begin(), transient.end(), status) != transient.end();
}

/// Of an error that came inside an answer whose status was fine.
bool is_transient_error(const chat_error& e) {
  for (const auto& text : {e.type, e.code})
    for (const char* sign :
         {"overloaded", "rate_limit", "server_error", "api_error", "timeout", "unavailable"})
      if (contains(text, sign)) return true;
  return e.type.empty() && e.code.empty();
}

std::string header(const http_outcome& outcome, const char* name) {
  auto it = outcome.headers.find(name);
  return it == outcome.headers.end() ? "" : it->second;
}

std::string advice(int status) {
  switch (status) {
    case 400:
    case 422:
      return "the request does not suit this model; check the backend's options";
    case 401:
      return "the key is not accepted; check api_key_env or api_key_file";
    case 403:
      return "the key may not use this model; check the model and the key's rights";
    case 404:
      return "there is no such model or address; check model and base_url";
    case 413:
      return "the prompt is too long; lower max_prompt_tokens";
    default:
      return status >= 300 && status < 400 ? "redirects are not followed; correct base_url" : "";
  }
}

std::string said(const chat_error& e) {
  std::string words = one_line(valid_utf8(e.message), 300);
  for (const auto& tag : {e.type, e.code})
    if (!tag.empty())
      words += (words.empty() ? "" : " ") + ("[" + one_line(valid_utf8(tag), 60) + "]");
  return words;
}

std::optional<double> asked_wait_s(const http_outcome& outcome) {
  const std::string text = header(outcome, "retry-after-ms");
  double ms = 0;
  auto [end, bad] = std::from_chars(text.data(), text.data() + text.size(), ms);
  if (!text.empty() && bad == std::errc{} && std::isfinite(ms) && ms >= 0) return ms / 1000;
  return outcome.retry_after_s;
}

call_verdict judge_answer(const http_outcome& outcome, const chat_error& error) {
  const int status = outcome.status;
  std::string what = "HTTP status " + std::to_string(status);
  if (std::string words = said(error); !words.empty()) what += ": " + words;
  if (is_quota(status, error))
    return {call_failure::quota,
            what + "; credit or quota is used up: top it up, or use another key or model",
            {}};
  bool transient = is_transient_status(status) || (status == 200 && is_transient_error(error));
  // What the server itself says about trying again counts for more.
  if (auto should = header(outcome, "x-should-retry"); should == "true" || should == "false")
    transient = should == "true";
  if (transient) return {call_failure::transient, what, asked_wait_s(outcome)};
  if (contains(error.code + error.message, "context_length") ||
      contains(error.message, "maximum context length") ||
      contains(error.message, "prompt is too long"))
    what += "; lower max_prompt_tokens";
  else if (auto more = advice(status); !more.empty())
    what += "; " + more;
  return {call_failure::final, what, {}};
}

}  // namespace

call_verdict judge_failure(const http_outcome& outcome, const chat_error& error) {
  switch (outcome.end) {
    case http_end::cancelled:
      return {call_failure::cancelled, "cancelled", {}};
    case http_end::untrusted:
      return {call_failure::final,
              "the server's certificate is not trusted (" + outcome.error +
                  "); check base_url and the machine's certificates",
              {}};
    case http_end::too_long:
      return {call_failure::final, outcome.error, {}};
    case http_end::timed_out:
      // The same request would take as long again, and cost as much.
      return {
          call_failure::final, outcome.error + "; raise timeout_s or lower max_reply_tokens", {}};
    case http_end::unreachable:
      return {call_failure::transient, "no connection (" + outcome.error + "); check base_url", {}};
    case http_end::idle:
      return {call_failure::transient, outcome.error, {}};
    case http_end::cut:
      return {call_failure::transient, "the connection broke (" + outcome.error + ")", {}};
    case http_end::answered:
      return judge_answer(outcome, error);
  }
  return {};
}

std::optional<double> pause_before(int retry, double waited_s,
                                   const std::optional<double>& retry_after_s, double draw,
                                   const retry_policy& policy) {
  if (retry > policy.retries) return std::nullopt;
  double backoff = std::min(policy.max_s, policy.base_s * std::pow(2.0, retry - 1));
  double pause = backoff * (0.5 + 0.5 * draw);
  if (retry_after_s) pause = std::max(*retry_after_s * (1 + 0.1 * draw), 0.0);
  if (waited_s + pause > policy.max_total_s) return std::nullopt;
  return pause;
}

}  // namespace ratchet
