// SPDX-License-Identifier: MIT
#include "runtime/edit/editors.hpp"

#include <algorithm>

#include "actors/logic/text.hpp"
#include "runtime/edit/agents.hpp"
#include "runtime/edit/backend_options.hpp"
#include "runtime/edit/price_table.hpp"
#include "runtime/llm/http.hpp"

namespace ratchet {

namespace {

std::string in_words(const std::vector<std::string>& names) {
  std::string out;
  for (std::size_t i = 0; i < names.size(); ++i)
    out += (i == 0 ? "" : i + 1 == names.size() ? " and " : ", ") + names[i];
  return out;
}

failure refused(const std::string& text) {
  return fail(errc::invalid_argument, text, {{"field", "edit_backend"}});
}

/// Whether a backend's tokens and cost are told to us, or are none.
std::pair<bool, bool> metered(const edit_backend_choice& choice) {
  if (choice.name == "host") return {false, false};
  if (choice.name != "command") return {true, true};  // llm has checked its prices
  const agent* a = find_agent(choice.options.value("preset", ""));
  if (!a) return {false, false};
  bool priced = price_of(choice.options.value("prices", json()), choice.options.value("model", ""))
                    .has_value();
  return {a->tells_tokens, a->tells_cost || (a->tells_tokens && priced)};
}

/// A budget that nothing would be counted against is worse than none.
expected<> check_metered(const edit_backend_choice& choice, const session_settings& settings) {
  auto [tokens, cost] = metered(choice);
  for (auto [name, unkept] : {std::pair{"max_tokens", settings.max_tokens > 0 && !tokens},
                              std::pair{"max_cost_usd", settings.max_cost_usd > 0 && !cost}})
    if (unkept)
      return fail(errc::invalid_argument,
                  std::string(name) + " could not be kept: what edit_backend " + choice.name +
                      " spends is not told here; leave it out, or use edit_backend llm, or a "
                      "preset of command that tells it (cost also by model and prices)",
                  {{"field", name}});
  return {};
}

class host_editor final : public editor_port {
 public:
  expected<proposal> propose(const edit_context&, std::stop_token) override {
    return fail(errc::edit_refused,
                "session uses backend host: give edits, diff or content with autoresearch_edit");
  }
};

}  // namespace

std::vector<std::string> backend_names() {
  return {"host", "mutate", "llm", "command", "script", "recipes"};
}

expected<> check_backend_choice(const edit_backend_choice& choice,
                                const session_settings& settings) try {
  const auto known = backend_names();
  if (std::find(known.begin(), known.end(), choice.name) == known.end()) {
    auto near = nearest_word(choice.name, known);
    return refused("edit_backend \"" + one_line(valid_utf8(choice.name), 40) + "\" does not exist" +
                   (near.empty() ? "" : "; did you mean \"" + near + "\"?") + " The backends are " +
                   in_words(known));
  }
  if (!choice.options.is_object() && !choice.options.is_null())
    return refused("the options of edit_backend must be an object");
  const json options = choice.options.is_null() ? json::object() : choice.options;
  std::string wrong = choice.name == "mutate"    ? check_mutate_options(options, settings)
                      : choice.name == "llm"     ? check_llm_options(options, settings)
                      : choice.name == "command" ? check_command_options(options)
                      : choice.name == "script"  ? check_script_options(options, settings)
                      : choice.name == "recipes" ? check_recipes_options(options)
                                                 : unknown_option(options, {});
  if (wrong.empty() && choice.name == "llm") wrong = why_no_http();
  if (!wrong.empty()) return refused("edit_backend " + choice.name + ": " + wrong);
  return check_metered(choice, settings);
} catch (const std::exception& e) {
  return refused("edit_backend " + choice.name + ": " + e.what());
}

expected<std::shared_ptr<editor_port>> make_editor(const edit_backend_choice& choice,
                                                   const editor_services& services) {
  // What belongs to a session (targets, the script's folder) was checked at its setup.
  if (choice.name != "script")
    if (auto checked = check_backend_choice(choice, {}); !checked) return checked.error();
  const json options = choice.options.is_null() ? json::object() : choice.options;
  if (choice.name == "host") return make_host_editor();
  if (choice.name == "mutate") return make_mutate_editor(options);
  if (choice.name == "script") return make_script_editor(options);
  if (choice.name == "llm") return make_llm_editor(options, services.store);
  if (choice.name == "command") {
    if (!services.process || services.state_directory.empty())
      return refused("edit_backend command needs a process runner and a state directory");
    return make_command_editor(options, services);
  }
  if (!services.store) return refused("edit_backend recipes needs a store");
  return make_recipes_editor(options, *services.store, services.federation);
}

std::shared_ptr<editor_port> make_host_editor() { return std::make_shared<host_editor>(); }

}  // namespace ratchet
