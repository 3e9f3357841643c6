// SPDX-License-Identifier: MIT
#include "runtime/edit/editors.hpp"

#include <algorithm>

#include "actors/logic/text.hpp"
#include "runtime/edit/backend_options.hpp"

namespace ratchet {

namespace {

std::string listed(const std::vector<std::string>& names) {
  std::string out;
  for (std::size_t i = 0; i < names.size(); ++i)
    out += (i == 0 ? "" : i + 1 == names.size() ? " and " : ", ") + names[i];
  return out;
}

failure refused(const std::string& text) {
  return fail(errc::invalid_argument, text, {{"field", "edit_backend"}});
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
  return {"host", "mutate", "command", "script", "recipes"};
}

expected<> check_backend_choice(const edit_backend_choice& choice,
                                const session_settings& settings) try {
  const auto known = backend_names();
  if (choice.name == "llm")
    return refused("edit_backend llm is not available in this version: the backends are " +
                   listed(known));
  if (std::find(known.begin(), known.end(), choice.name) == known.end()) {
    auto near = nearest_word(choice.name, known);
    return refused("edit_backend \"" + one_line(valid_utf8(choice.name), 40) + "\" does not exist" +
                   (near.empty() ? "" : "; did you mean \"" + near + "\"?") + " The backends are " +
                   listed(known));
  }
  if (!choice.options.is_object() && !choice.options.is_null())
    return refused("the options of edit_backend must be an object");
  const json options = choice.options.is_null() ? json::object() : choice.options;
  std::string wrong = choice.name == "mutate"    ? check_mutate_options(options, settings)
                      : choice.name == "command" ? check_command_options(options)
                      : choice.name == "script"  ? check_script_options(options, settings)
                      : choice.name == "recipes" ? check_recipes_options(options)
                                                 : unknown_option(options, {});
  if (!wrong.empty()) return refused("edit_backend " + choice.name + ": " + wrong);
  return {};
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
  if (choice.name == "command") {
    if (!services.process || services.state_directory.empty())
      return refused("edit_backend command needs a process runner and a state directory");
    return make_command_editor(options, services);
  }
  if (!services.store) return refused("edit_backend recipes needs a store");
  return make_recipes_editor(options, *services.store);
}

std::shared_ptr<editor_port> make_host_editor() { return std::make_shared<host_editor>(); }

}  // namespace ratchet
