// SPDX-License-Identifier: MIT
#include "runtime/cli/log_level.hpp"

#include <spdlog/spdlog.h>

#include <array>
#include <utility>

#include "actors/logic/text.hpp"

namespace ratchet::cli {

namespace {

using log_level = spdlog::level::level_enum;
constexpr std::array log_levels{
    std::pair{"debug", log_level::debug}, std::pair{"info", log_level::info},
    std::pair{"warning", log_level::warn}, std::pair{"error", log_level::err},
    std::pair{"off", log_level::off}};

expected<log_level> log_level_of(const std::string& word, const std::string& place) {
  for (const auto& [name, value] : log_levels)
    if (word == name) return value;
  return fail(errc::invalid_argument,
              place + ": \"" + one_line(valid_utf8(word), 40) +
                  "\" is no level of the log; there are debug, info, warning, error and off");
}

}  // namespace

expected<> set_log_level(const std::string& flag, const environment_map& environment) {
  const auto variable = environment.find("RATCHET_LOG");
  const bool by_variable = flag.empty() && variable != environment.end();
  const std::string word = by_variable ? variable->second : flag;
  if (word.empty()) return {};
  const auto chosen = log_level_of(word, by_variable ? "RATCHET_LOG" : "--log");
  if (!chosen) return chosen.error();
  spdlog::set_level(*chosen);
  if (*chosen == log_level::debug) spdlog::set_pattern("%H:%M:%S.%e %^%l%$: %v");
  return {};
}

}  // namespace ratchet::cli
