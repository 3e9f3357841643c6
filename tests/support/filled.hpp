// SPDX-License-Identifier: MIT
//
// Any message with every member set to something other than its default.
#pragma once

#include <map>
#include <optional>
#include <string>
#include <vector>

#include "messages/settings.hpp"

namespace ratchet::testing {

/// Gives each value that it fills a number of its own, so that swapped members show.
class filler {
 public:
  void fill(std::string& x) { x = "text \xC3\xA9 " + std::to_string(++n_); }
  void fill(bool& x) { x = !x; }
  void fill(double& x) { x = ++n_ + 0.25; }
  void fill(json& x) { x = json{{"key", ++n_}, {"list", {1, nullptr, "x"}}}; }
  void fill(command_line& x) {
    if (++n_ % 2 == 0)
      x.shell = "echo " + std::to_string(n_);
    else
      x.argv = {"echo", std::to_string(n_)};
  }
  void fill(edit_backend_choice& x) {
    x.name = "llm";
    x.options = json{{"seed", ++n_}};
  }
  void fill(repeat_count& x) { x.pairs = ++n_; }
  template <class T>
  void fill(shared<T>& x) {
    T value = *x;
    fill(value);
    x = value;
  }
  template <class T>
  requires std::is_integral_v<T>
  void fill(T& x) { x = static_cast<T>(++n_); }
  template <named_enum E>
  void fill(E& x) {
    for (const auto& [value, name] : enum_names<E>::value)
      if (value != x) {
        x = value;
        return;
      }
  }
  template <class T>
  void fill(std::optional<T>& x) {
    fill(x.emplace());
  }
  template <class T>
  void fill(std::vector<T>& x) {
    x.resize(2);
    for (auto& element : x) fill(element);
  }
  template <class T>
  void fill(std::map<std::string, T>& x) {
    for (int i = 0; i < 2; ++i) fill(x["name " + std::to_string(++n_)]);
  }
  template <has_fields T>
  void fill(T& x) {
    T::fields().each([&](const auto& f) { fill(x.*(f.member)); });
  }

 private:
  int n_ = 0;
};

template <class T>
T filled() {
  T x{};
  filler{}.fill(x);
  return x;
}

}  // namespace ratchet::testing
