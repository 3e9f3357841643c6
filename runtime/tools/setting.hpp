// SPDX-License-Identifier: MIT
//
// A setting of a session, said once: a row binds a member of session_settings to its name, limits
// and texts and to its flag of `ratchet run`. From the rows follow the arguments of
// autoresearch_setup with their schema, checks and reading, the flags with their help, the
// variables RATCHET_… and the keys of ratchet.json. What the row need not say: the kind comes from
// the member's type, the default from its initialiser, the words that are allowed from the names of
// its enumeration.
//
// To add one: the member in messages/settings.hpp (and its line in fields()), a row in
// runtime/tools/setting_rows.cpp. What two settings say together is checked in tool_settings.cpp.
#pragma once

#include <functional>
#include <span>

#include "messages/failure.hpp"
#include "messages/settings.hpp"
#include "runtime/tools/argument.hpp"

namespace ratchet {

/// The parts of `ratchet run --help`, in their order.
namespace help_group {
inline constexpr const char* search = "What is searched";
inline constexpr const char* metric = "The metric";
inline constexpr const char* budgets = "Budgets";
inline constexpr const char* gates = "Gates";
inline constexpr const char* session = "The session";
inline constexpr const char* side_by_side = "Side by side";
}  // namespace help_group

/// How `ratchet run` is told a setting.
struct flag {
  const char* names = "";  ///< "-n,--iterations"; empty: it has no flag of its own
  const char* value = "";  ///< the word for its value in the help; empty for a switch
  const char* group = "";
  std::string line;        ///< {default} and {names}, of an enumeration, are filled in
  std::string in_options;  ///< the line of a call's `options`, where a flag's says another form
};

/// What a value keeps to beyond its kind.
struct limits {
  std::optional<double> minimum, maximum;
  std::size_t max_bytes = 1 << 20;
  std::size_t max_items = 0;
  bool seconds = false;  ///< a flag may say 90, 1.5m or 2h
  bool required = false;
};
inline limits between(double minimum, double maximum) { return {minimum, maximum}; }
inline limits seconds_between(double minimum, double maximum) {
  return {.minimum = minimum, .maximum = maximum, .seconds = true};
}
inline limits bytes(std::size_t most) { return {.max_bytes = most}; }
inline limits items(std::size_t most) { return {.max_items = most}; }
inline limits required(limits l) {
  l.required = true;
  return l;
}

/// Makes a member's value of what was given; kind and limits have been checked.
template <class T>
using setting_reader = expected<T> (*)(std::string_view name, const json& value);
template <class T>
expected<T> read_setting(std::string_view, const json& value) {
  return value.get<T>();
}
// Those that have rules of their own: setting_readers.cpp.
template <>
expected<command_line> read_setting(std::string_view name, const json& value);
template <>
expected<edit_backend_choice> read_setting(std::string_view name, const json& value);
template <>
expected<std::vector<guard_metric>> read_setting(std::string_view name, const json& value);
template <>
expected<std::vector<external_gate>> read_setting(std::string_view name, const json& value);

/// Who may say a setting.
enum class said_by : std::uint8_t {
  all,    ///< calls, flags, variables and files
  calls,  ///< neither variables nor files: it belongs to a call
  rounds  ///< of the tools, start_autoresearch only
};

struct setting {
  tool_argument argument;
  bool seconds = false;
  flag on_command_line;
  std::string line;  ///< the flag's, as a call would say it: times in seconds
  said_by who = said_by::all;
  bool used_often = false;
  std::function<expected<>(const json& value, session_settings& s)> take;

  /// In `description` {range}, {items} and {names} are filled in: limits are written once.
  template <class T>
  setting(const char* name, T session_settings::*member, const limits& l, const char* description,
          flag f = {}, setting_reader<std::type_identity_t<T>> read = read_setting<T>);
  /// One that is no member by itself.
  setting(tool_argument a, std::function<expected<>(const json&, session_settings&)> taker);
  /// The same, said by fewer.
  setting by(said_by fewer) &&;
  /// A setting that most sessions need: hosts see it as an argument of its own, and not as one of
  /// `options` (their requests have room for 5,000 bytes of schema a tool).
  setting often() &&;

 private:
  /// What needs no type: name, kind, default and words are in `argument` already.
  void describe(const limits& l, const char* description, flag f);
};

/// All of them, in the order in which they are told.
std::span<const setting> setting_rows();
const setting* find_setting(std::string_view name);

namespace detail {

template <class T>
constexpr argument_kind kind_of_member() {
  using enum argument_kind;
  if constexpr (std::is_same_v<T, bool>)
    return boolean;
  else if constexpr (std::is_integral_v<T>)
    return integer;
  else if constexpr (std::is_same_v<T, double>)
    return number;
  else if constexpr (std::is_same_v<T, std::optional<double>>)
    return number;
  else if constexpr (std::is_same_v<T, std::vector<std::string>>)
    return text_list;
  else if constexpr (std::is_same_v<T, command_line>)
    return command;
  else if constexpr (std::is_same_v<T, edit_backend_choice>)
    return text_or_object;
  else if constexpr (std::is_same_v<T, std::vector<guard_metric>>)
    return guards;
  else if constexpr (std::is_same_v<T, std::vector<external_gate>>)
    return gates;
  else if constexpr (std::is_same_v<T, repeat_count>)
    return count_or_auto;
  else {
    static_assert(named_enum<T> || std::is_same_v<T, std::string>, "a kind of its own is needed");
    return text;
  }
}

template <class T>
std::vector<std::string_view> words_of_member() {
  std::vector<std::string_view> words;
  if constexpr (named_enum<T>)
    for (const auto& [value, name] : enum_names<T>::value) words.push_back(name);
  return words;
}

/// As a schema shows it: 50 and not 50.0; empty where there is none to speak of.
std::string default_text(const json& value);

}  // namespace detail

template <class T>
setting::setting(const char* name, T session_settings::*member, const limits& l,
                 const char* description, flag f, setting_reader<std::type_identity_t<T>> read)
    : take([=](const json& value, session_settings& s) -> expected<> {
        auto made = read(name, value);
        if (!made) return made.error();
        s.*member = std::move(*made);
        return {};
      }) {
  argument.name = name;
  argument.kind = detail::kind_of_member<T>();
  argument.allowed = detail::words_of_member<T>();
  if (!l.required) argument.default_json = detail::default_text(session_settings{}.*member);
  describe(l, description, std::move(f));
}

}  // namespace ratchet
