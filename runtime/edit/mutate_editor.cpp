// SPDX-License-Identifier: MIT
#include <set>

#include "actors/logic/text.hpp"
#include "runtime/edit/editors.hpp"
#include "runtime/edit/mutation_search.hpp"

namespace ratchet {

namespace {

/// Everything that may lead to another proposal.
std::uint64_t seed_of(const json& options, const edit_context& context, long long proposals) {
  std::string text = std::to_string(options.value("seed", 1ll)) + '/' +
                     std::to_string(context.iteration) + '/' + std::to_string(proposals);
  for (const auto& r : context.history) {
    text += '/' + std::to_string(r.iteration) + r.decision;
    if (r.result && r.result->metric_value) text += shortest(*r.result->metric_value);
  }
  return fnv1a(text);
}

/// The files with a mark in place of every literal: equal for all combinations of values.
std::uint64_t frame_of(const edit_context& context, const std::vector<parameter>& parameters) {
  std::vector<std::string> marks(parameters.size(), std::string(1, '\0'));
  std::uint64_t hash = fnv1a("");
  for (const auto& change : with_values(context.targets, parameters, marks))
    hash = fnv1a(*change.content, fnv1a(change.path, hash));
  return hash;
}

std::uint64_t content_of(std::uint64_t frame, const std::vector<std::string>& texts) {
  for (const auto& text : texts) frame = fnv1a(std::string_view("\0", 1), fnv1a(text, frame));
  return random_source(frame).next();
}

std::string hypothesis_of(const std::vector<parameter>& parameters, const mutation& m) {
  std::string what;
  std::set<std::string> places;
  std::set<std::string> files;
  for (const auto& p : parameters) files.insert(p.file);
  for (std::size_t i = 0; i < parameters.size(); ++i) {
    const auto& p = parameters[i];
    if (m.texts[i] == p.text) continue;
    what += (what.empty() ? "" : ", ") + p.name + " " + p.text + " -> " + m.texts[i];
    places.insert(files.size() > 1 ? p.file + ":" + std::to_string(p.line)
                                   : "line " + std::to_string(p.line));
  }
  std::string where;
  for (const auto& place : places) where += (where.empty() ? "" : ", ") + place;
  return one_line(valid_utf8(what + " (" + m.move + ", " + where + ")"), 200);
}

class mutate_editor final : public editor_port {
 public:
  explicit mutate_editor(json options) : options_(std::move(options)) {}

  expected<proposal> propose(const edit_context& context, std::stop_token) override try {
    auto memory = search_memory::from(context.backend_state);
    searched_keys searched;
    for (const auto& [key, value] : memory.origin) searched.push_back(key);
    auto parameters =
        parameters_of(context.targets, options_, context.settings->metric_name, searched);
    if (!parameters) return for_good(parameters.error());
    memory.learn(context);
    // An implied range belongs to the value at the start; else it would wander off with each gain.
    for (auto& p : *parameters)
      if (auto origin = memory.origin.find(p.key); p.implied && origin != memory.origin.end()) {
        auto form = p.form;
        form.value = origin->second;
        p.values = implied_domain(form);
      }

    std::size_t spoilt = leave_spoilt(*parameters, memory);

    auto frame = frame_of(context, *parameters);
    std::vector<std::string> now;
    for (const auto& p : *parameters) now.push_back(p.text);
    memory.note(content_of(frame, now));

    std::vector<file_change> changes;
    auto fresh = [&](const std::vector<std::string>& texts) {
      auto content = content_of(frame, texts);
      if (memory.saw(content)) return false;
      memory.note(content);
      changes = with_values(context.targets, *parameters, texts);
      return !changes.empty() && !context.tried(changes);
    };
    random_source random(seed_of(options_, context, memory.proposals));
    mutation_search search(*parameters, memory, random, fresh);
    auto next = search.next();
    if (!next) {
      std::string literals = parameters->size() == 1
                                 ? "the 1 literal"
                                 : "the " + std::to_string(parameters->size()) + " literals";
      std::string left = spoilt == 0 ? ""
                                     : " (" + std::to_string(spoilt) +
                                           " of them left alone, as runs failed when they changed)";
      proposal all_tried;
      all_tried.exhausted = "edits: every value of " + literals + " in range has been tried" +
                            left + "; widen a range or annotate more literals";
      return all_tried;
    }
    ++memory.proposals;
    proposal out;
    out.hypothesis = hypothesis_of(*parameters, *next);
    out.changes = std::move(changes);
    pending_proposal pending{context.iteration, out.hypothesis, next->move, {}, {}};
    for (std::size_t i = 0; i < parameters->size(); ++i) {
      const auto& key = (*parameters)[i].key;
      double from = search.current()[i], to = next->values[i];
      if (from != to) pending.from[key] = from;
      if (from != to || memory.origin[key] != to) pending.to[key] = to;
    }
    memory.pending.push_back(std::move(pending));
    forget_untouched(memory);
    out.state = memory.to_state();
    return out;
  } catch (const std::exception& e) {
    return fail(errc::internal, std::string("the mutate backend failed: ") + e.what());
  }

 private:
  /// Those whose change broke the run twice may only stay as they are; answers how many.
  static std::size_t leave_spoilt(std::vector<parameter>& parameters, const search_memory& memory) {
    std::size_t count = 0;
    for (auto& p : parameters) {
      auto credit = memory.credit.find(p.key);
      if (credit == memory.credit.end() || !credit->second.spoilt()) continue;
      p.values = domain::choices({p.text});
      p.weight = 0;
      ++count;
    }
    return count;
  }

  /// The origin of a literal that never changed is what the file says; it need not be stored.
  static void forget_untouched(search_memory& memory) {
    std::set<std::string> touched;
    for (const auto& p : memory.pending)
      for (const auto& [key, value] : p.to) touched.insert(key);
    for (const auto& e : memory.evaluated)
      for (const auto& [key, value] : e.at) touched.insert(key);
    for (const auto& [key, c] : memory.credit)
      if (c.tries > 0) touched.insert(key);
    std::erase_if(memory.origin, [&](const auto& entry) { return !touched.count(entry.first); });
    std::erase_if(memory.credit, [](const auto& entry) { return entry.second.tries == 0; });
  }

  json options_;
};

}  // namespace

std::shared_ptr<editor_port> make_mutate_editor(json options) {
  return std::make_shared<mutate_editor>(options.is_null() ? json::object() : std::move(options));
}

}  // namespace ratchet
