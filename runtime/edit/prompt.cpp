// SPDX-License-Identifier: MIT
#include "runtime/edit/prompt.hpp"

#include <algorithm>

#include "actors/logic/text.hpp"
#include "runtime/edit/prompt_parts.hpp"
#include "runtime/edit/prompt_targets.hpp"
#include "runtime/edit/random.hpp"
#include "runtime/llm/tokens.hpp"

namespace ratchet {

namespace {

std::string number(const std::optional<double>& value) {
  return value ? shortest(*value) : "unknown";
}

std::string command_text(const command_line& command) {
  if (!command.shell.empty()) return one_line(valid_utf8(command.shell), 1000);
  std::string out;
  for (const auto& a : command.argv) out += (out.empty() ? "" : " ") + a;
  return one_line(valid_utf8(out), 1000);
}

std::string answer_text(answer_form form, const std::string& target) {
  switch (form) {
    case answer_form::work_tree:
      return "Edit the target in the current directory yourself, then end with a report whose "
             "first "
             "line is your hypothesis, on its own. Do not commit, and leave no other file "
             "behind.\n";
    case answer_form::diff:
      return "Answer with your hypothesis as the first line, then one unified diff (--- a/" +
             target + ", +++ b/" + target + ", @@ hunks with three lines of context).\n";
    case answer_form::whole:
      return "Answer with your hypothesis as the first line, then the name of the file on a line "
             "of "
             "its own, then its whole new text in one fenced code block.\n";
    case answer_form::blocks:
      break;
  }
  return "Answer with your hypothesis as the first line, then one or more blocks of this "
         "form:\n\n" +
         target +
         "\n<<<<<<< SEARCH\nlines exactly as they are in the file now\n=======\nlines to put in "
         "their "
         "place\n>>>>>>> REPLACE\n\nThe searched lines must occur exactly once in the file, with "
         "their indentation.\n";
}

}  // namespace

bool explores(const edit_context& context) {
  random_source draw(fnv1a(context.session_id + '/' + std::to_string(context.iteration)));
  return draw.chance(context.settings->explore_epsilon);
}

namespace {

std::string where_the_search_stands(const edit_context& c, const std::string& targets) {
  const auto& s = *c.settings;
  const bool lower = s.metric_direction == metric_direction::lower_is_better;
  std::string out =
      "You are one step of an unattended search for better code. Each iteration changes the code "
      "once, measures it, and keeps the change only if the metric improved.\n\n";
  out += "TARGET: " + targets + "\n";
  out += "METRIC: " + one_line(valid_utf8(s.metric_name), 128) +
         (lower ? " (lower is better)\n" : " (higher is better)\n");
  out += "BASELINE: " + number(c.baseline_metric) + "\n";
  out +=
      "BEST: " + number(c.best_metric) + " (iteration " + std::to_string(c.best_iteration) + ")\n";
  out += "ITERATION: " + std::to_string(c.iteration) + " of " + std::to_string(s.max_iterations) +
         "\n";
  out += "RUN COMMAND: " + command_text(s.run_command) + "\n";
  if (!s.build_command.empty()) out += "BUILD COMMAND: " + command_text(s.build_command) + "\n";
  if (!s.check_command.empty())
    out += "CHECK COMMAND (must pass): " + command_text(s.check_command) + "\n";
  return out;
}

/// In the user's own words. Only how the metric is measured stays out of their reach.
std::string what_the_user_says(const edit_context& c) {
  std::string out;
  if (!c.instructions.empty())
    out += "\nINSTRUCTIONS of the user; they come before the rules below\n" +
           valid_utf8(c.instructions) + (c.instructions.ends_with('\n') ? "" : "\n");
  if (!c.idea.empty())
    out += "\nIDEA of the user, to be tried now: " + one_line(valid_utf8(c.idea), 2'000) + "\n";
  return out;
}

std::string side_by_side(const edit_context& c) {
  if (c.variants <= 1) return "";
  return "\nSIDE BY SIDE: " + std::to_string(c.variants) +
         " proposals are asked for at this moment, and all are measured; yours is number " +
         std::to_string(c.variant) +
         ". The others do not see it. So think of several different changes, from the most "
         "obvious on, and propose the one of your number: of two equal ones only one counts.\n";
}

constexpr const char* lesson_wish =
    "Then nothing more, but that one last line may be \"LESSON: …\": what the results so far "
    "teach, in "
    "one sentence, for those who come after you.\n";

std::string task_and_rules(const std::string& targets, bool combine) {
  return "\nTASK\n1. Learn from the results above what helped and what did not.\n" +
         (combine ? "2. Choose the changes to " + targets + " that are to be combined.\n"
                  : "2. Choose one focused change to " + targets + ".\n") +
         "3. State in one sentence why it should improve the metric: your hypothesis.\n"
         "4. Make the edit in the form given below.\n"
         "\nRULES\n" +
         (combine ? "- The combination that is asked for and nothing beside it: testable, easy to "
                    "undo.\n"
                  : "- One change at a time: small, testable, easy to undo.\n") +
         "- When stuck, combine changes that helped before.\n"
         "- When every idea seems used up, try something radical or another architecture.\n"
         "- Prefer the simple: a tiny gain from removing code is worth more than the same gain "
         "from "
         "twenty added lines.\n"
         "- Never touch how the metric is measured, nor the tests or the harness that measure "
         "it.\n";
}

void add(std::vector<prompt_part>& to, std::string text) {
  to.push_back({gives_way::never, std::move(text), ""});
}
void add(std::vector<prompt_part>& to, std::vector<prompt_part> parts) {
  for (auto& part : parts) to.push_back(std::move(part));
}

std::vector<prompt_part> parts_of(const edit_context& c, const prompt_form& form,
                                  std::size_t target_bytes) {
  const std::string targets = target_line(c);
  std::vector<prompt_part> parts;
  add(parts, where_the_search_stands(c, targets));
  add(parts, what_the_user_says(c));
  add(parts, result_parts(c));
  add(parts, diff_parts(c));
  add(parts, output_parts(c));
  add(parts, lesson_parts(c));
  const std::string arm = arm_of(c);
  add(parts, arm_text(arm));
  add(parts, side_by_side(c));
  add(parts, task_and_rules(c.targets.size() > 1 ? "the targets" : targets, arm == "combine"));
  add(parts, context_file_parts(c));
  add(parts, neighbour_parts(c));
  if (form.targets)
    add(parts, target_texts(c, target_bytes, form.answer == answer_form::work_tree));
  add(parts, "\nANSWER\n" + answer_text(form.answer, example_target(c)) +
                 (form.answer == answer_form::blocks ? new_file_hint(c) : "") + lesson_wish);
  return parts;
}

std::string joined(const std::vector<prompt_part>& parts) {
  std::string out;
  for (const auto& part : parts) out += part.text;
  return valid_utf8(out);
}

/// Takes the next part out that may go; false when none is left. Of results the oldest go first, of
/// all else the last.
bool take_one_out(std::vector<prompt_part>& parts) {
  for (int when = 0; when < static_cast<int>(gives_way::never); ++when) {
    auto goes = [&](const prompt_part& p) { return p.when == static_cast<gives_way>(when); };
    const bool oldest = static_cast<gives_way>(when) == gives_way::fifth_results;
    auto first = std::find_if(parts.begin(), parts.end(), goes);
    if (first == parts.end()) continue;
    auto last = std::find_if(parts.rbegin(), parts.rend(), goes).base() - 1;
    auto& out = oldest ? *first : *last;
    // One word stands for a whole run of neighbours.
    auto* before = &out == &parts.front() ? nullptr : &out - 1;
    const bool said = before && before->text == out.left_out;
    out = {gives_way::never, said ? "" : out.left_out, ""};
    return true;
  }
  return false;
}

}  // namespace

std::string edit_prompt(const edit_context& context, const prompt_form& form) {
  auto parts = parts_of(context, form, form.max_target_bytes);
  std::string prompt = joined(parts);
  auto fits = [&] { return form.max_tokens <= 0 || estimated_tokens(prompt) <= form.max_tokens; };
  while (!fits() && take_one_out(parts)) prompt = joined(parts);
  if (fits() || !form.targets) return prompt;
  // What is over comes off the targets; the note that says so takes some more.
  std::size_t shown_bytes = 0;
  for (const auto& [path, bytes] : context.targets) shown_bytes += bytes.size();
  shown_bytes = std::min(shown_bytes, form.max_target_bytes);
  std::size_t over =
      prompt.size() - std::min(prompt.size(), static_cast<std::size_t>(form.max_tokens) * 3);
  over += 100 * std::min<std::size_t>(context.targets.size(), 100);
  auto smaller = parts_of(context, form, shown_bytes - std::min(shown_bytes, over));
  while (take_one_out(smaller)) {
  }
  return joined(smaller);
}

}  // namespace ratchet
