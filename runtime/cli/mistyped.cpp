// SPDX-License-Identifier: MIT
#include "runtime/cli/mistyped.hpp"

#include <algorithm>

#include "actors/logic/text.hpp"

namespace ratchet::cli {

std::string usage_advice(const CLI::App& top, int argc, char** argv) {
  std::vector<std::string> names;
  for (const auto* sub : top.get_subcommands(nullptr)) names.push_back(sub->get_name());
  for (int i = 1; i < argc; ++i) {
    std::string word = argv[i];
    if (word.starts_with('-')) continue;
    if (std::find(names.begin(), names.end(), word) != names.end()) return "";
    std::string nearest = nearest_word(word.substr(0, 100), names);
    return nearest.empty() ? "" : " Did you mean `ratchet " + nearest + "`?";
  }
  return "";
}

std::string unknown_flag(const CLI::App& top, int argc, char** argv) {
  const CLI::App* app = &top;
  for (int i = 1; i < argc; ++i) {
    const std::string word = argv[i];
    if (word == "--") break;
    if (!word.starts_with("--")) {
      const auto subs =
          app->get_subcommands([&](const CLI::App* s) { return s->get_name() == word; });
      if (!subs.empty()) app = subs.front();
      continue;
    }
    const auto flag = word.substr(0, word.find('='));
    if (app->get_option_no_throw(flag)) continue;
    std::vector<std::string> known;
    for (const auto* option : app->get_options())
      for (const auto& name : option->get_lnames()) known.push_back("--" + name);
    const auto nearest = nearest_word(flag.substr(0, 100), known);
    return "`" + std::string(app == &top ? "ratchet" : "ratchet " + app->get_name()) + "` has no " +
           flag.substr(0, 100) + "." + (nearest.empty() ? "" : " Did you mean " + nearest + "?");
  }
  return "";
}

}  // namespace ratchet::cli
