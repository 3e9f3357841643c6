// SPDX-License-Identifier: MIT
//
// One question to one model: sent, read as it streams in, tried again where that is worth it, and
// accounted for.
#pragma once

#include <functional>
#include <memory>
#include <stop_token>
#include <string>

#include "runtime/llm/chat.hpp"
#include "runtime/llm/retry.hpp"

namespace ratchet {

struct chat_limits {
  double connect_timeout_s = 15;
  double idle_timeout_s = 60;
  double timeout_s = 600;
  retry_policy retry;
};

struct chat_result {
  bool answered = false;
  std::string text;  ///< of the reply; a reasoning model's <think> part in front is taken off
  chat_finish finish = chat_finish::none;
  call_failure failure = call_failure::final;  ///< unless answered
  std::string what;                            ///< unless answered: what went wrong, in words
  /// Of all attempts that may have cost something; `calls` is 0 when none may.
  edit_usage usage;
};

class chat_client {
 public:
  /// `draw` gives the randomness of the pauses, in [0, 1).
  chat_client(std::shared_ptr<http_port> http, chat_limits limits, std::function<double()> draw);

  /// What it costs is asked of `may_go_on` before each further attempt: false ends the call there,
  /// so that retries too stay inside a budget. Never logs or returns the key.
  chat_result ask(const chat_model& model, const std::string& key, const chat_request& request,
                  const std::function<bool(const edit_usage& so_far)>& may_go_on,
                  std::stop_token stop) const;

 private:
  struct attempt;
  attempt try_once(const chat_model& model, const std::string& key, const chat_request& request,
                   const chat_quirks& quirks, std::stop_token stop) const;

  std::shared_ptr<http_port> http_;
  chat_limits limits_;
  std::function<double()> draw_;
};

}  // namespace ratchet
