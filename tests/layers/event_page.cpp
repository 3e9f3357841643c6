// SPDX-License-Identifier: MIT
//
// event_page --write ROOT   makes the tables of event payloads in messages/README.md
// event_page --check ROOT   fails when they, or the topics in README.md, are not as the structs are
//
// Keys and types are those of messages/event_payloads.hpp as the compiler sees it; what a key means
// is the comment beside the member, in whichever header of messages/ it stands.
#include <filesystem>
#include <fstream>
#include <iostream>
#include <regex>
#include <string>

#include "messages/event_payloads.hpp"
#include "tests/layers/struct_comments.hpp"

namespace fs = std::filesystem;
using namespace ratchet;
using namespace ratchet::layers;

namespace {

constexpr std::string_view begin_mark = "<!-- made by `event_page --write` from the structs -->\n";
constexpr std::string_view end_mark = "<!-- end of what event_page made -->\n";

/// As Markdown shows it.
std::string shown(std::string text) {
  for (auto at = text.find('<'); at != text.npos; at = text.find('<', at + 1))
    text.replace(at, 1, "&lt;");
  return text;
}

// -- types ----------------------------------------------------------------------------------------

template <class T>
std::string words_for() {
  if constexpr (detail::is_optional<T>::value)
    return words_for<typename T::value_type>();
  else if constexpr (!std::is_void_v<typename element<T>::type>)
    return "list of " + words_for<typename element<T>::type>();
  else if constexpr (named_enum<T>)
    return "text: " + allowed_names<T>();
  else if constexpr (std::is_same_v<T, bool>)
    return "true or false";
  else if constexpr (std::is_integral_v<T>)
    return "integer";
  else if constexpr (std::is_floating_point_v<T>)
    return "number";
  else if constexpr (std::is_same_v<T, std::string>)
    return "text";
  else
    return "object";
}

// -- tables ---------------------------------------------------------------------------------------

/// The struct that the rows of a member go on with: what it holds, or nothing.
template <class T>
auto held() {
  if constexpr (detail::is_optional<T>::value)
    return held<typename T::value_type>();
  else if constexpr (!std::is_void_v<typename element<T>::type>)
    return held<typename element<T>::type>();
  else
    return std::type_identity<T>{};
}

bool of_origin(std::string_view key) {
  bool found = false;
  event_origin::fields().each([&](const auto& f) { found = found || key == f.name; });
  return found;
}

template <class T>
void add_rows(const comments& said, const std::string& prefix, bool whole, std::string& page) {
  T::fields().each([&]<class Class, class Member>(const field<Class, Member>& f) {
    if (!whole && of_origin(f.name)) return;
    const std::string key = prefix + f.name;
    const char* without = f.when == presence::if_set           ? "left out"
                          : detail::is_optional<Member>::value ? "null"
                                                               : "";
    auto what = said.find(name_of_type<Class>() + " " + f.name);
    page += "| `" + key + "` | " + words_for<Member>() + " | " + without + " | " +
            (what == said.end() ? "" : shown(what->second)) + " |\n";
    using inner = typename decltype(held<Member>())::type;
    constexpr bool list = !std::is_void_v<typename element<Member>::type>;
    if constexpr (has_fields<inner>) add_rows<inner>(said, key + (list ? "[]." : "."), true, page);
  });
}

std::string table_of(const std::string& title, const std::string& rows) {
  if (rows.empty()) return title;
  return title + "\n| Key | Type | When there is none | |\n|---|---|---|---|\n" + rows;
}

std::string all_tables(const comments& said) {
  std::string rows;
  add_rows<event_origin>(said, "", true, rows);
  std::string page = table_of("\nEvery payload has these, and those of its topic:\n", rows);
  each_event_payload([&]<class Payload>(std::type_identity<Payload>) {
    rows.clear();
    add_rows<Payload>(said, "", false, rows);
    page += table_of(
        "\n### `" + std::string(Payload::topic) + "`\n\n" + said.at(name_of_type<Payload>()) + "\n",
        rows);
  });
  return page + "\n";
}

/// "started, baseline, …": as README.md lists the topics.
std::string short_topics() {
  std::string list;
  each_event_payload([&]<class Payload>(std::type_identity<Payload>) {
    list += (list.empty() ? "" : ", ") +
            std::string(Payload::topic.substr(Payload::topic.find('.') + 1));
  });
  return list;
}

int complain(const std::string& what) {
  std::cerr << what << "\n";
  return 1;
}

}  // namespace

int main(int argc, char** argv) {
  const std::string mode = argc == 3 ? argv[1] : "";
  if (mode != "--write" && mode != "--check") return complain("event_page --write|--check ROOT");
  const fs::path root = argv[2];
  const comments said = read_all_comments(root);
  const fs::path page = root / "messages/README.md";
  const std::string text = read(page);
  const auto begin = text.find(begin_mark), end = text.find(end_mark);
  if (begin == text.npos || end == text.npos || end < begin)
    return complain(page.string() + " has no marks to put the tables between");
  const std::string made =
      text.substr(0, begin + begin_mark.size()) + all_tables(said) + text.substr(end);
  if (mode == "--write") return (std::ofstream(page, std::ios::binary) << made) ? 0 : 1;
  if (made != text)
    return complain(page.string() + " is not as the structs are; run event_page --write");
  const auto readme = std::regex_replace(read(root / "README.md"), std::regex("\\s+"), " ");
  if (readme.find(short_topics()) == readme.npos)
    return complain("README.md does not list the topics: " + short_topics());
  return 0;
}
