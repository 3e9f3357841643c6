// SPDX-License-Identifier: MIT
#include "runtime/edit/llm_options.hpp"

#include <algorithm>
#include <cmath>
#include <set>

#include "actors/logic/text.hpp"
#include "runtime/edit/backend_options.hpp"
#include "runtime/edit/option_checks.hpp"
#include "runtime/edit/price_table.hpp"
#include "runtime/llm/secret.hpp"

namespace ratchet {

namespace {

using option::check_bool;
using option::check_number;
using option::check_one_of;
using option::check_text;
using option::first_of;
using option::want;

constexpr std::size_t max_models = 32;

const std::vector<std::string> model_names{
    "model",        "api",         "base_url",         "api_key_env",
    "api_key_file", "temperature", "max_reply_tokens", "max_tokens_field"};

struct provider {
  const char* base_url;
  const char* key_variable;
};
provider provider_of(chat_api api) {
  if (api == chat_api::anthropic) return {"https://api.anthropic.com/v1", "ANTHROPIC_API_KEY"};
  return {"https://api.openai.com/v1", "OPENAI_API_KEY"};
}

/// A long word without "_" is rather a key that was put into the wrong place.
bool is_variable_name(const std::string& name) {
  bool like_a_key = name.size() >= 20 && name.find('_') == std::string::npos;
  return !name.empty() && name.size() <= 100 && !like_a_key &&
         !(name[0] >= '0' && name[0] <= '9') &&
         std::all_of(name.begin(), name.end(),
                     [](unsigned char c) { return std::isalnum(c) || c == '_'; });
}

std::string check_base_url(const json& options) {
  if (!options.contains("base_url")) return "";
  const auto& v = options["base_url"];
  const std::string rule =
      "an address such as \"http://127.0.0.1:8080/v1\", without user, query or blanks";
  if (!v.is_string()) return want("base_url", rule, v);
  const auto& url = v.get_ref<const std::string&>();
  bool scheme = url.starts_with("https://") || url.starts_with("http://");
  bool host = scheme && url.find("://") + 3 < url.size() && url[url.find("://") + 3] != '/';
  bool plain = std::all_of(url.begin(), url.end(), [](unsigned char c) {
    return c > 0x20 && c < 0x7f && c != '?' && c != '#' && c != '@' && c != '\\';
  });
  return host && plain && url.size() <= 2000 ? "" : want("base_url", rule, v);
}

/// The options that say which model is asked where, for all or for one.
std::string check_model_options(const json& o) {
  for (const char* name : {"api_key", "key", "token"})
    if (o.contains(name))
      return std::string("there is no option ") + name +
             ": a key itself is never given; name a variable with api_key_env, or a file with "
             "api_key_file";
  auto wrong =
      first_of({check_text(o, "model"), check_one_of(o, "api", {"openai", "anthropic"}),
                check_base_url(o), check_text(o, "api_key_env"), check_text(o, "api_key_file"),
                check_number(o, "temperature", 0, 2, false, "a number from 0 to 2"),
                check_number(o, "max_reply_tokens", 256, 1'000'000, true,
                             "a whole number from 256 to 1000000"),
                check_one_of(o, "max_tokens_field", {"max_tokens", "max_completion_tokens"})});
  if (!wrong.empty()) return wrong;
  if (o.contains("model") && one_line(o["model"].get<std::string>(), 201) != o["model"])
    return want("model", "one line of at most 200 characters", o["model"]);
  // A key that was put here by mistake must not come back in the answer.
  if (o.contains("api_key_env") && !is_variable_name(o["api_key_env"].get<std::string>()))
    return "option api_key_env must be the name of an environment variable, such as "
           "\"OPENAI_API_KEY\", and never the key itself";
  if (o.contains("api_key_file")) {
    auto path = o["api_key_file"].get<std::string>();
    if (!path.starts_with('/') && !path.starts_with("~/"))
      return "option api_key_file must be a path that begins with / or ~/, and never the key "
             "itself";
  }
  return o.contains("api_key_env") && o.contains("api_key_file")
             ? "options api_key_env and api_key_file are both given; give one"
             : "";
}

/// An entry of `models` over what is set for all.
json merged(const json& options, const json& entry) {
  json all = json::object();
  for (const auto& name : model_names)
    if (options.contains(name) && name != "model") all[name] = options[name];
  // A nearer word on where the key is replaces both.
  if (entry.contains("api_key_env") || entry.contains("api_key_file")) {
    all.erase("api_key_env");
    all.erase("api_key_file");
  }
  for (const auto& [name, value] : entry.items()) all[name] = value;
  return all;
}

std::vector<json> entries_of(const json& options) {
  if (!options.contains("models")) return {merged(options, {{"model", options["model"]}})};
  std::vector<json> entries;
  for (const auto& entry : options["models"])
    entries.push_back(merged(options, entry.is_string() ? json{{"model", entry}} : entry));
  return entries;
}

std::string check_models(const json& options) {
  if (options.contains("model") == options.contains("models"))
    return options.contains("model")
               ? "options model and models are both given; give one"
               : "option model is missing: the model's name, or models for a list of them";
  if (!options.contains("models")) return "";
  const auto& list = options["models"];
  if (!list.is_array() || list.empty() || list.size() > max_models)
    return want("models", "a list of 1 to 32 names or {model, weight, …}", list);
  auto known = model_names;
  known.emplace_back("weight");
  for (std::size_t i = 0; i < list.size(); ++i) {
    if (list[i].is_string() && !list[i].get_ref<const std::string&>().empty()) continue;
    std::string wrong = !list[i].is_object() ? "must be a name or {model, weight, …}"
                                             : check_model_options(list[i]);
    if (wrong.empty()) wrong = unknown_option(list[i], known);
    if (wrong.empty())
      wrong =
          check_number(list[i], "weight", 1e-6, 1e6, false, "a number from 0.000001 to 1000000");
    if (wrong.empty() && !list[i].contains("model")) wrong = "needs model, the model's name";
    if (!wrong.empty()) return "entry " + std::to_string(i + 1) + " of models: " + wrong;
  }
  return "";
}

chat_model model_of(const json& entry, const json& prices) {
  chat_model m;
  m.model = entry.at("model").get<std::string>();
  m.api = parse_enum<chat_api>(entry.value("api", "openai")).value_or(chat_api::openai);
  auto standard = provider_of(m.api);
  m.base_url = entry.value("base_url", standard.base_url);
  m.api_key_env = entry.value("api_key_env", "");
  m.api_key_file = entry.value("api_key_file", "");
  // The provider's own address is known to need a key; another one may well need none.
  if (m.api_key_env.empty() && m.api_key_file.empty() && m.base_url == standard.base_url)
    m.api_key_env = standard.key_variable;
  m.weight = entry.value("weight", 1.0);
  m.max_reply_tokens = entry.value("max_reply_tokens", m.max_reply_tokens);
  m.max_tokens_field = entry.value("max_tokens_field", m.max_tokens_field);
  if (entry.contains("temperature")) m.temperature = entry["temperature"].get<double>();
  m.price = price_of(prices, m.model);
  return m;
}

/// What only the models as a whole can be asked: names, keys, prices.
std::string check_together(const llm_settings& llm, const json& options,
                           const session_settings& settings) {
  std::set<std::string> names;
  for (const auto& m : llm.models) {
    const std::string of = "model " + shown(m.model, 80);
    if (!names.insert(m.model).second)
      return "option models names " + shown(m.model, 80) + " twice";
    bool keyed = !m.api_key_env.empty() || !m.api_key_file.empty();
    if (keyed && m.base_url.starts_with("http://") && !is_loopback(m.base_url) &&
        !options.value("allow_http", false))
      return of + ": the key would be sent unencrypted to " + shown(m.base_url) +
             "; use https, or set \"allow_http\": true";
    if (settings.max_cost_usd > 0 && !m.price)
      return of + " has no price, so max_cost_usd could not be kept; add it to the option prices";
    if (auto key = read_key(m); !key) return of + ": " + key.error().text;
  }
  return "";
}

}  // namespace

std::string check_llm_options(const json& options, const session_settings& settings) {
  auto known = model_names;
  for (const char* name : {"models", "prices", "format", "max_prompt_tokens", "repair", "stream",
                           "timeout_s", "idle_timeout_s", "connect_timeout_s", "retries",
                           "max_retry_wait_s", "choose", "allow_http"})
    known.emplace_back(name);
  const std::string seconds = "a number of seconds from 0.1 to 86400";
  auto wrong = first_of(
      {check_model_options(options), unknown_option(options, known), check_models(options),
       check_prices(options), check_one_of(options, "format", {"auto", "blocks", "diff", "whole"}),
       check_number(options, "max_prompt_tokens", 1000, 10'000'000, true,
                    "a whole number from 1000 to 10000000"),
       check_bool(options, "repair"), check_bool(options, "stream"),
       check_bool(options, "allow_http"),
       check_number(options, "timeout_s", 0.1, 86'400, false, seconds),
       check_number(options, "idle_timeout_s", 0.1, 86'400, false, seconds),
       check_number(options, "connect_timeout_s", 0.1, 86'400, false, seconds),
       check_number(options, "retries", 0, 100, true, "a whole number from 0 to 100"),
       check_number(options, "max_retry_wait_s", 0, 86'400, false,
                    "a number of seconds from 0 to 86400"),
       check_one_of(options, "choose", {"bandit", "benchmark", "weight"})});
  if (!wrong.empty()) return wrong;
  for (const auto& entry : entries_of(options))
    if (auto clash = check_model_options(entry); !clash.empty()) return clash;
  if (options.value("format", "") == "whole" && settings.target_files.size() > 1)
    return "option format: whole needs a session with one target; use blocks or diff";
  return check_together(read_llm_options(options), options, settings);
}

llm_settings read_llm_options(const json& options) {
  llm_settings llm;
  const json prices = options.value("prices", json::object());
  for (const auto& entry : entries_of(options)) llm.models.push_back(model_of(entry, prices));
  const std::string format = options.value("format", "auto");
  if (format == "diff") llm.asked = answer_form::diff;
  if (format == "whole") llm.asked = answer_form::whole;
  llm.read = format == "blocks"  ? answer_format::blocks
             : format == "diff"  ? answer_format::diff
             : format == "whole" ? answer_format::whole
                                 : answer_format::detect;
  llm.max_prompt_tokens = options.value("max_prompt_tokens", llm.max_prompt_tokens);
  llm.repair = options.value("repair", true);
  llm.stream = options.value("stream", true);
  llm.choose = parse_enum<model_choosing>(options.value("choose", "")).value_or(llm.choose);
  llm.limits.timeout_s = options.value("timeout_s", llm.limits.timeout_s);
  llm.limits.idle_timeout_s = options.value("idle_timeout_s", llm.limits.idle_timeout_s);
  llm.limits.connect_timeout_s = options.value("connect_timeout_s", llm.limits.connect_timeout_s);
  llm.limits.retry.retries = options.value("retries", llm.limits.retry.retries);
  llm.limits.retry.max_total_s = options.value("max_retry_wait_s", llm.limits.retry.max_total_s);
  return llm;
}

}  // namespace ratchet
