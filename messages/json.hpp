// SPDX-License-Identifier: MIT
//
// The one JSON type of the project and the one way a struct becomes JSON.
//
// A message, a stored document or a tool answer is a plain struct with a static `fields()` that
// lists its members once:
//
//   struct edited {
//     int iteration = 0;
//     std::optional<std::string> reason;
//     static constexpr auto fields() {
//       return field_list{field{"iteration", &edited::iteration},
//                         field{"reason", &edited::reason, presence::if_set}};
//     }
//   };
//
// From that list come: JSON out (`to_json`), JSON in (`from_json`), CAF's wire form
// (messages/caf_port.hpp) and log text. Enumerations list their names in `enum_names<E>`.
#pragma once

#include <array>
#include <nlohmann/json.hpp>
#include <optional>
#include <stdexcept>
#include <string>
#include <string_view>
#include <type_traits>
#include <utility>

namespace ratchet {

/// Keys keep the order in which they were written, so that people read answers in a sensible order.
using json = nlohmann::ordered_json;

/// Whether a member that is empty (no value, empty string, empty list, null) is written at all.
/// `always`: written, an empty optional as null. `if_set`: left out when empty.
enum class presence { always, if_set };

template <class Class, class Member>
struct field {
  const char* name;
  Member Class::*member;
  presence when = presence::always;
};
template <class Class, class Member>
field(const char*, Member Class::*) -> field<Class, Member>;
template <class Class, class Member>
field(const char*, Member Class::*, presence) -> field<Class, Member>;

namespace detail {
template <std::size_t Index, class Field>
struct listed_field {
  Field value;
};
template <class Indices, class... Fields>
struct listed_fields;
template <std::size_t... Index, class... Fields>
struct listed_fields<std::index_sequence<Index...>, Fields...> : listed_field<Index, Fields>... {
  constexpr explicit listed_fields(const Fields&... f) : listed_field<Index, Fields>{f}... {}
  template <class Visit>
  constexpr void each([[maybe_unused]] Visit visit) const {
    (visit(static_cast<const listed_field<Index, Fields>&>(*this).value), ...);
  }
};
}  // namespace detail

/// What `fields()` returns. (A std::tuple would do; its constructors check so much that compiling
/// the messages would take twice as long.)
template <class... Fields>
struct field_list : detail::listed_fields<std::index_sequence_for<Fields...>, Fields...> {
  static constexpr std::size_t size = sizeof...(Fields);
  constexpr explicit field_list(const Fields&... f)
      : detail::listed_fields<std::index_sequence_for<Fields...>, Fields...>(f...) {}
};

/// The members of one list, then those of the other: for a struct that is another and more.
template <class First, class Second>
struct joined_fields {
  First first;
  Second second;
  static constexpr std::size_t size = First::size + Second::size;
  template <class Visit>
  constexpr void each(Visit visit) const {
    first.each(visit);
    second.each(visit);
  }
};
template <class First, class Second>
joined_fields(First, Second) -> joined_fields<First, Second>;

template <class T>
concept has_fields = requires {
  T::fields();
};

/// Specialise with `static constexpr std::array<std::pair<E, std::string_view>, N> value`.
template <class E>
struct enum_names;

template <class E>
concept named_enum = std::is_enum_v<E> && requires {
  enum_names<E>::value;
};

template <named_enum E>
constexpr std::string_view name_of(E e) {
  for (const auto& [value, name] : enum_names<E>::value)
    if (value == e) return name;
  return "?";
}

template <named_enum E>
constexpr std::optional<E> parse_enum(std::string_view text) {
  for (const auto& [value, name] : enum_names<E>::value)
    if (name == text) return value;
  return std::nullopt;
}

/// "a", "b" or "c": the values an enumeration allows, for error messages.
template <named_enum E>
std::string allowed_names() {
  std::string out;
  const auto& names = enum_names<E>::value;
  for (std::size_t i = 0; i < names.size(); ++i) {
    if (i > 0) out += i + 1 == names.size() ? " or " : ", ";
    out += '"' + std::string(names[i].second) + '"';
  }
  return out;
}

namespace detail {

template <class T>
struct is_optional : std::false_type {};
template <class T>
struct is_optional<std::optional<T>> : std::true_type {};

template <class T>
bool is_empty(const T& x) {
  if constexpr (is_optional<T>::value)
    return !x.has_value();
  else if constexpr (std::is_same_v<T, json>)
    return x.is_null() || (x.is_structured() && x.empty());
  else if constexpr (std::is_same_v<T, bool>)
    return !x;
  else if constexpr (requires { x.empty(); })
    return x.empty();
  else
    return false;
}

}  // namespace detail

template <named_enum E>
void to_json(json& j, const E& e) {
  j = std::string(name_of(e));
}

template <named_enum E>
void from_json(const json& j, E& e) {
  auto parsed = parse_enum<E>(j.get<std::string>());
  if (!parsed) throw std::invalid_argument("must be " + allowed_names<E>());
  e = *parsed;
}

/// Defined in messages/json_fields.hpp and compiled once, not in every file that makes JSON: a new
/// struct is added to the list in messages/json_fields.cpp, or instantiated beside its own code.
template <has_fields T>
void to_json(json& j, const T& x);

/// Absent keys keep the member's default; unknown keys are ignored (a newer node may send more).
/// Throws nlohmann::json::exception or std::invalid_argument on a value of the wrong kind.
template <has_fields T>
void from_json(const json& j, T& x);

/// One line of JSON for logs, invalid UTF-8 replaced.
template <class T>
std::string to_text(const T& x) {
  return json(x).dump(-1, ' ', false, json::error_handler_t::replace);
}

}  // namespace ratchet

namespace nlohmann {

template <class T>
struct adl_serializer<std::optional<T>> {
  template <class Json>
  static void to_json(Json& j, const std::optional<T>& x) {
    if (x)
      j = *x;
    else
      j = nullptr;
  }
  template <class Json>
  static void from_json(const Json& j, std::optional<T>& x) {
    if (j.is_null())
      x.reset();
    else
      x = j.template get<T>();
  }
};

}  // namespace nlohmann
