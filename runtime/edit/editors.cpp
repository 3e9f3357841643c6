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

using made_editor = expected<std::shared_ptr<editor_port>>;

/// What of a backend's spending is told to us, or is none.
struct spending {
  bool tokens = true;
  bool cost = true;
};

spending all_told(const json&) { return {}; }  // llm has checked its prices
spending nothing_told(const json&) { return {false, false}; }

spending told_by_agent(const json& options) {
  const agent* a = find_agent(options.value("preset", ""));
  if (!a) return {false, false};
  bool priced = price_of(options.value("prices", json()), options.value("model", "")).has_value();
  return {a->tells_tokens, a->tells_cost || (a->tells_tokens && priced)};
}

struct backend {
  const char* name;
  /// What is wrong with its options, or an empty text.
  std::string (*check)(const json& options, const session_settings& settings);
  made_editor (*make)(const json& options, const editor_services& services);
  spending (*told)(const json& options) = all_told;
  /// Its options speak of the session (targets, folders), which only setup knows.
  bool of_the_session = false;
};

made_editor make_command(const json& options, const editor_services& services) {
  if (!services.process || services.state_directory.empty())
    return refused("edit_backend command needs a process runner and a state directory");
  return make_command_editor(options, services);
}

made_editor make_recipes(const json& options, const editor_services& services) {
  if (!services.recipes) return refused("edit_backend recipes needs a store");
  return make_recipes_editor(options, *services.recipes, services.federation);
}

std::string check_llm(const json& options, const session_settings& settings) {
  auto wrong = check_llm_options(options, settings);
  return wrong.empty() ? why_no_http() : wrong;
}

// The backends, in the order in which they are offered. One that is new is a row here.
constexpr backend backends[] = {
    {.name = "host",
     .check = [](const json& o, const session_settings&) { return unknown_option(o, {}); },
     .make = [](const json&, const editor_services&) -> made_editor { return make_host_editor(); },
     .told = nothing_told},
    {.name = "mutate",
     .check = check_mutate_options,
     .make = [](const json& o, const editor_services&) -> made_editor {
       return make_mutate_editor(o);
     }},
    {.name = "llm",
     .check = check_llm,
     .make = [](const json& o, const editor_services& with) -> made_editor {
       return make_llm_editor(o, with.benchmarks);
     }},
    {.name = "command",
     .check = [](const json& o, const session_settings&) { return check_command_options(o); },
     .make = make_command,
     .told = told_by_agent},
    {.name = "script",
     .check = check_script_options,
     .make = [](const json& o, const editor_services&) -> made_editor {
       return make_script_editor(o);
     },
     .of_the_session = true},
    {.name = "recipes",
     .check = [](const json& o, const session_settings&) { return check_recipes_options(o); },
     .make = make_recipes},
};

expected<const backend*> find_backend(const std::string& name) {
  for (const auto& b : backends)
    if (name == b.name) return &b;
  const auto known = backend_names();
  auto near = nearest_word(name, known);
  return refused("edit_backend \"" + one_line(valid_utf8(name), 40) + "\" does not exist" +
                 (near.empty() ? "" : "; did you mean \"" + near + "\"?") + " The backends are " +
                 in_words(known));
}

/// A budget that nothing would be counted against is worse than none.
expected<> check_metered(const backend& b, const json& options, const session_settings& settings) {
  const auto told = b.told(options);
  for (auto [name, unkept] : {std::pair{"max_tokens", settings.max_tokens > 0 && !told.tokens},
                              std::pair{"max_cost_usd", settings.max_cost_usd > 0 && !told.cost}})
    if (unkept)
      return fail(errc::invalid_argument,
                  std::string(name) + " could not be kept: what edit_backend " + b.name +
                      " spends is not told here; leave it out, or use edit_backend llm, or a "
                      "preset of command that tells it (cost also by model and prices)",
                  {{"field", name}});
  return {};
}

json options_of(const edit_backend_choice& choice) {
  return choice.options.is_null() ? json::object() : choice.options;
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
  std::vector<std::string> names;
  for (const auto& b : backends) names.emplace_back(b.name);
  return names;
}

expected<> check_backend_name(const std::string& name) {
  auto known = find_backend(name);
  if (!known) return known.error();
  return {};
}

expected<> check_backend_choice(const edit_backend_choice& choice,
                                const session_settings& settings) try {
  auto b = find_backend(choice.name);
  if (!b) return b.error();
  const json options = options_of(choice);
  if (!options.is_object()) return refused("the options of edit_backend must be an object");
  if (auto wrong = (*b)->check(options, settings); !wrong.empty())
    return refused("edit_backend " + choice.name + ": " + wrong);
  return check_metered(**b, options, settings);
} catch (const std::exception& e) {
  return refused("edit_backend " + choice.name + ": " + e.what());
}

expected<std::shared_ptr<editor_port>> make_editor(const edit_backend_choice& choice,
                                                   const editor_services& services) {
  auto b = find_backend(choice.name);
  if (!b) return b.error();
  // What belongs to a session was checked at its setup.
  if (!(*b)->of_the_session)
    if (auto checked = check_backend_choice(choice, {}); !checked) return checked.error();
  return (*b)->make(options_of(choice), services);
}

std::shared_ptr<editor_port> make_host_editor() { return std::make_shared<host_editor>(); }

}  // namespace ratchet
