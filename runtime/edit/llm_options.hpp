// SPDX-License-Identifier: MIT
//
// The options of the `llm` backend, by the names under which people set them:
//
//   model, or models [{model, weight, …}]   one is asked each time; the others stand in for it
//   api openai|anthropic · base_url · api_key_env · api_key_file · max_reply_tokens 8192 ·
//   max_tokens_field · temperature          for all models, or in an entry of models for one
//   prices {MODEL: {input, output, cached_input, cache_write}}   USD per million tokens
//   format auto|blocks|diff|whole · max_prompt_tokens 32000 · repair true · stream true
//   timeout_s 600 · idle_timeout_s 60 · connect_timeout_s 15 · retries 4 · max_retry_wait_s 180
//   choose bandit|benchmark|weight (model_bandit.hpp, model_choice.hpp) · allow_http false
#pragma once

#include <vector>

#include "runtime/edit/answer_edit.hpp"
#include "runtime/edit/prompt.hpp"
#include "runtime/llm/chat_client.hpp"

namespace ratchet {

enum class model_choosing : std::uint8_t { bandit, benchmark, weight };
template <>
struct enum_names<model_choosing> {
  static constexpr std::array<std::pair<model_choosing, std::string_view>, 3> value{
      {{model_choosing::bandit, "bandit"},
       {model_choosing::benchmark, "benchmark"},
       {model_choosing::weight, "weight"}}};
};

struct llm_settings {
  std::vector<chat_model> models;
  answer_form asked = answer_form::blocks;     ///< of the model
  answer_format read = answer_format::detect;  ///< how its answer is read
  long long max_prompt_tokens = 32'000;
  bool repair = true;
  bool stream = true;
  model_choosing choose = model_choosing::bandit;
  chat_limits limits;
};

/// Of options that check_llm_options has passed.
llm_settings read_llm_options(const json& options);

}  // namespace ratchet
