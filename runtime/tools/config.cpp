// SPDX-License-Identifier: MIT
#include "runtime/tools/config.hpp"

#include <unistd.h>

#include <algorithm>
#include <cctype>
#include <charconv>
#include <fstream>
#include <sstream>

#include "actors/logic/text.hpp"
#include "runtime/tools/setting.hpp"
#include "runtime/tools/tool_arguments.hpp"

namespace ratchet {

namespace {

namespace fs = std::filesystem;

constexpr std::string_view prefix = "RATCHET_";
constexpr std::uintmax_t max_file_bytes = 1 << 20;

// A failure can be turned into JSON too, so which of the two is meant has to be said.
expected<json> found(json value) { return {boost::system::in_place_value, std::move(value)}; }
expected<json> refused(failure why) { return {boost::system::in_place_error, std::move(why)}; }

bool belongs_to_a_call(std::string_view name) {
  const setting* row = find_setting(name);
  return name == "wait_ms" || (row && row->who == said_by::calls);
}

/// What a place may say, by its name.
const tool_argument* sayable(std::string_view name) {
  const setting* row = find_setting(name);
  return row && row->who != said_by::calls ? &row->argument : nullptr;
}

std::vector<std::string> setting_names() {
  std::vector<std::string> names;
  for (const auto& row : setting_rows())
    if (row.who != said_by::calls) names.emplace_back(row.argument.name);
  return names;
}

failure in_place(const std::string& place, const failure& why) {
  json details = why.details.is_object() ? why.details : json::object();
  details["file"] = place;
  return fail(errc::invalid_argument, place + ": " + why.text, std::move(details));
}

std::string line_of(std::string_view text, std::size_t byte) {
  auto end = text.begin() + static_cast<std::ptrdiff_t>(std::min(byte, text.size()));
  return std::to_string(1 + std::count(text.begin(), end, '\n'));
}

expected<json> parse_file(const fs::path& file) {
  const std::string place = file.string();
  std::error_code error;
  auto status = fs::status(file, error);
  if (status.type() == fs::file_type::not_found) return found(json::object());
  if (error) return refused(in_place(place, fail(errc::invalid_argument, error.message())));
  if (!fs::is_regular_file(status))
    return refused(in_place(place, fail(errc::invalid_argument, "is not a regular file")));
  if (fs::file_size(file, error) > max_file_bytes || error)
    return refused(in_place(place, fail(errc::invalid_argument, "is larger than 1 MiB")));
  std::ifstream in(file, std::ios::binary);
  std::stringstream bytes;
  bytes << in.rdbuf();
  if (!in)
    return refused(in_place(place, fail(errc::invalid_argument, "cannot be read; check its mode")));
  const std::string text = bytes.str();
  try {
    json document = json::parse(text, nullptr, true, true);  // comments are welcome
    if (!document.is_object())
      return refused(in_place(place, fail(errc::invalid_argument, "must hold a JSON object")));
    return found(std::move(document));
  } catch (const json::parse_error& e) {
    return refused(
        in_place(place, fail(errc::invalid_argument, "is not JSON: line " + line_of(text, e.byte) +
                                                         " is where it goes "
                                                         "wrong")));
  }
}

expected<json> read_file(const fs::path& file) {
  auto document = parse_file(file);
  if (!document) return document;
  const std::string place = file.string();
  json settings = json::object();
  for (auto it = document->begin(); it != document->end(); ++it) {
    const tool_argument* known = sayable(it.key());
    if (!known) {
      std::string why = belongs_to_a_call(it.key())
                            ? it.key() + " belongs on the command line, not in a file"
                            : "there is no setting " + as_given(it.key()) + "." +
                                  suggestion(it.key(), setting_names());
      return refused(in_place(place, refuse_argument(valid_utf8(utf8_prefix(it.key(), 80)), why)));
    }
    if (it->is_null()) continue;
    if (auto ok = check_argument(*known, *it); !ok) return refused(in_place(place, ok.error()));
    settings[it.key()] = *it;
  }
  auto constitution = settings.find("constitution");
  if (constitution != settings.end() && *constitution != "")
    *constitution = (file.parent_path() / constitution->get<std::string>()).string();
  auto words = settings.find("instructions");
  if (words != settings.end() && words->is_string())
    if (const auto text = words->get<std::string>(); text.starts_with('@'))
      *words = '@' + (file.parent_path() / text.substr(1)).string();
  return found(std::move(settings));
}

std::string variable_of(std::string_view setting) {
  std::string name(prefix);
  for (char c : setting) name += static_cast<char>(std::toupper(static_cast<unsigned char>(c)));
  return name;
}

json words_of(const std::string& text) {
  json words = json::array();
  std::istringstream in(text);
  for (std::string word; std::getline(in, word, ',');)
    if (std::string trimmed = one_line(word, 4096); !trimmed.empty()) words.push_back(trimmed);
  return words;
}

/// The text of a variable as a value of the setting's kind; what does not read as that kind stays
/// text, and the check says so.
json value_of(argument_kind kind, const std::string& text) {
  const json parsed = json::parse(text, nullptr, false);
  auto list = [&] { return parsed.is_array() ? parsed : words_of(text); };
  switch (kind) {
    case argument_kind::text:
      return text;
    case argument_kind::integer:
    case argument_kind::number:
    case argument_kind::count_or_auto:
      return parsed.is_number() ? parsed : json(text);
    case argument_kind::boolean:
      if (text == "1" || text == "true") return true;
      if (text == "0" || text == "false") return false;
      return text;
    case argument_kind::text_list:
    case argument_kind::guards:
      return list();
    case argument_kind::command:
      return parsed.is_array() ? parsed : json(text);
    case argument_kind::text_or_object:
      return parsed.is_object() ? parsed : json(text);
    case argument_kind::edits:
    case argument_kind::gates:
      return parsed.is_structured() ? parsed : json(text);
  }
  return text;
}

/// The capitals of the setting that differs from `word` by a letter or two, or "": others use the
/// prefix too, so that only what looks like a slip is taken for one.
std::string near_miss(const std::string& word) {
  if (word.size() < 5) return "";
  for (const auto& name : setting_names()) {
    std::string capitals = variable_of(name).substr(prefix.size());
    bool similar_length = capitals.size() <= word.size() + 2 && word.size() <= capitals.size() + 2;
    if (similar_length && nearest_word(word, {capitals}) == capitals) return capitals;
  }
  return "";
}

expected<json> read_environment(const environment_map& environment) {
  json settings = json::object();
  std::vector<std::string> known;
  for (const auto& name : setting_names()) known.push_back(variable_of(name));
  for (const auto& [name, text] : environment) {
    if (!name.starts_with(prefix)) continue;
    auto it = std::find(known.begin(), known.end(), name);
    if (it == known.end()) {
      std::string nearest = near_miss(name.substr(prefix.size()));
      if (nearest.empty()) continue;
      return refused(in_place(
          "environment", refuse_argument(name, "there is no setting " + name + ". Did you mean " +
                                                   std::string(prefix) + nearest + "?")));
    }
    if (text.empty()) continue;  // a variable set to nothing is as good as unset
    const std::string setting_name = setting_names()[static_cast<std::size_t>(it - known.begin())];
    const tool_argument& known_as = *sayable(setting_name);
    json value = value_of(known_as.kind, text);
    if (auto ok = check_argument(known_as, value); !ok)
      return refused(in_place("environment variable " + name, ok.error()));
    settings[setting_name] = std::move(value);
  }
  return found(std::move(settings));
}

fs::path user_file(const environment_map& environment) {
  auto get = [&](const char* name) {
    auto it = environment.find(name);
    return it == environment.end() ? std::string() : it->second;
  };
  if (std::string top = get("XDG_CONFIG_HOME"); top.starts_with('/'))
    return fs::path(top) / "ratchet" / "config.json";
  if (std::string home = get("HOME"); !home.empty())
    return fs::path(home) / ".config" / "ratchet" / "config.json";
  return {};
}

bool names_targets(const json& settings) {
  return settings.contains("target_file") || settings.contains("target_files");
}

void put_over(json& settings, const json& nearer) {
  if (names_targets(nearer)) {
    settings.erase("target_file");
    settings.erase("target_files");
  }
  for (auto it = nearer.begin(); it != nearer.end(); ++it) settings[it.key()] = it.value();
}

}  // namespace

environment_map process_environment() {
  environment_map all;
  for (char** entry = environ; entry && *entry; ++entry) {
    std::string_view text = *entry;
    std::size_t equals = text.find('=');
    if (equals != std::string_view::npos)
      all.emplace(text.substr(0, equals), text.substr(equals + 1));
  }
  return all;
}

expected<json> load_setup_arguments(const json& flags, const fs::path& repository,
                                    const environment_map& environment) {
  json settings = json::object();
  if (fs::path file = user_file(environment); !file.empty()) {
    auto user = read_file(file);
    if (!user) return user;
    put_over(settings, *user);
  }
  auto in_repository = read_file(repository / "ratchet.json");
  if (!in_repository) return in_repository;
  put_over(settings, *in_repository);
  auto variables = read_environment(environment);
  if (!variables) return variables;
  put_over(settings, *variables);
  put_over(settings, flags);
  return found(std::move(settings));
}

}  // namespace ratchet
