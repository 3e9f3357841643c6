// SPDX-License-Identifier: MIT
#include <sys/stat.h>

#include <algorithm>
#include <fstream>

#include "actors/logic/edit_format.hpp"
#include "actors/logic/target_set.hpp"
#include "actors/logic/text.hpp"
#include "runtime/edit/backend_options.hpp"
#include "runtime/edit/editors.hpp"
#include "runtime/edit/script_file.hpp"

namespace ratchet {

namespace {

constexpr std::size_t longest_line = 16 * 1024 * 1024;

/// What is wrong with a line, or an empty text.
std::string wrong_with(const json& line) {
  if (!line.is_object()) return "it is not a JSON object";
  if (auto unknown = unknown_option(line, {"hypothesis", "edits", "diff", "content"});
      !unknown.empty())
    return unknown;
  int forms = 0;
  for (const char* form : {"edits", "diff", "content"}) forms += line.contains(form) ? 1 : 0;
  if (forms != 1) return "it must have exactly one of edits, diff and content";
  if (line.contains("edits")) {
    if (!line["edits"].is_array() || line["edits"].empty())
      return "edits must be a list of {file, search, replace}";
    for (const auto& block : line["edits"])
      for (const char* key : {"search", "replace"})
        if (!block.is_object() || !block.contains(key) || !block[key].is_string())
          return std::string("each of edits needs the text ") + key;
  }
  return "";
}

/// Where the reading of a script goes on.
struct script_place {
  std::int64_t offset = 0;  ///< of the next line
  std::size_t line = 0;     ///< how many come before it
  std::size_t index = 0;    ///< how many of those are not blank
};

/// Another one when the file was changed.
std::string identity_of(const std::string& path) {
  struct stat s {};
  if (::stat(path.c_str(), &s) != 0) return "";
  std::string text;
  for (auto number :
       {static_cast<std::int64_t>(s.st_ino), static_cast<std::int64_t>(s.st_size),
        static_cast<std::int64_t>(s.st_mtim.tv_sec), static_cast<std::int64_t>(s.st_mtim.tv_nsec)})
    text += std::to_string(number) + " ";
  return text;
}

/// State: {"next": line to read, from 0, blank lines not counted, "iteration": of the last edit,
/// "place": {"file": as it was then, "offset", "line"}: where the line after it begins}.
/// A failed edit returns no state; the iterations it took are counted instead, so that the search
/// goes on with the next line rather than at the same one for ever.
class script_editor final : public editor_port {
 public:
  explicit script_editor(json options) : options_(std::move(options)) {}

  expected<proposal> propose(const edit_context& context, std::stop_token) override try {
    std::size_t index = next_of(context);
    std::string path = script_path(options_, context.settings);
    std::ifstream file(path, std::ios::binary);
    if (!file)
      return for_good(fail(errc::edit_refused, "the script " + path +
                                                   " cannot be read; put it back or use "
                                                   "another edit backend"));
    const std::string identity = identity_of(path);
    auto place = place_of(context, identity, index);
    file.seekg(place.offset);
    std::string text;
    while (std::getline(file, text)) {
      ++place.line;
      place.offset += static_cast<std::int64_t>(text.size()) + 1;
      if (text.find_first_not_of(" \t\r") == std::string::npos) continue;
      if (place.index++ < index) continue;
      auto taken = take(context, path + " line " + std::to_string(place.line), text, place.index);
      if (taken)
        taken->state["place"] = {
            {"file", identity}, {"offset", place.offset}, {"line", place.line}};
      return taken;
    }
    proposal at_its_end;
    at_its_end.exhausted = "edits: script has no more edits";
    return at_its_end;
  } catch (const std::exception& e) {
    return fail(errc::internal, std::string("the script backend failed: ") + e.what());
  }

 private:
  static std::size_t next_of(const edit_context& context) {
    std::size_t next = 0;
    int last = 0;
    if (context.backend_state.is_object()) {
      next = context.backend_state.value("next", std::size_t{0});
      last = context.backend_state.value("iteration", 0);
    }
    for (int i = last + 1; i < context.iteration; ++i) {
      auto record = std::find_if(context.history.begin(), context.history.end(),
                                 [&](const iteration_record& r) { return r.iteration == i; });
      bool others = record != context.history.end() && !record->candidate.backend.empty() &&
                    record->candidate.backend != "script";
      if (!others) ++next;
    }
    return next;
  }

  /// A script that was changed meanwhile is counted through again.
  static script_place place_of(const edit_context& context, const std::string& identity,
                               std::size_t index) {
    const auto& state = context.backend_state;
    if (!state.is_object() || !state.contains("place")) return {};
    const auto& place = state["place"];
    const auto next = state.value("next", std::size_t{0});
    if (identity.empty() || place.value("file", "") != identity || next > index) return {};
    return {place.value("offset", std::int64_t{0}), place.value("line", std::size_t{0}), next};
  }

  static expected<proposal> take(const edit_context& context, const std::string& where,
                                 const std::string& text, std::size_t next) {
    auto refuse = [&](const std::string& why) {
      return fail(errc::edit_refused, where + ": " + why);
    };
    if (text.size() > longest_line) return refuse("it is longer than 16 MiB");
    json line = json::parse(text, nullptr, false);
    if (line.is_discarded()) return refuse("it is not valid JSON");
    if (auto wrong = wrong_with(line); !wrong.empty()) return refuse(wrong);
    given_edit edit;
    try {
      line.get_to(edit);
    } catch (const std::exception& e) {
      return refuse(e.what());
    }
    const auto targets = target_names(context.settings->target_files, context.targets);
    for (auto& block : edit.edits)
      if (block.file.empty() && targets.size() == 1) block.file = targets[0];
    auto changes = apply_given(edit, context.targets, targets);
    if (!changes) return refuse(changes.error().text);
    proposal out;
    out.hypothesis = edit.hypothesis.empty() ? "edit " + std::to_string(next) + " of the script"
                                             : one_line(valid_utf8(edit.hypothesis));
    out.changes = std::move(*changes);
    out.state = {{"next", next}, {"iteration", context.iteration}};
    return out;
  }

  json options_;
};

}  // namespace

std::string script_path(const json& options, const session_settings& settings) {
  auto path = options.value("path", "");
  return path.starts_with('/') || settings.repo_path.empty() ? path
                                                             : settings.repo_path + "/" + path;
}

std::shared_ptr<editor_port> make_script_editor(json options) {
  return std::make_shared<script_editor>(std::move(options));
}

}  // namespace ratchet
