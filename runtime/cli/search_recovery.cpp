// SPDX-License-Identifier: MIT
//
// A search whose answers get lost: a worker died, or the connection to the node broke. What came of
// the step is read from the session's status, and the search goes on from there.
#include <algorithm>
#include <array>
#include <thread>

#include "actors/logic/text.hpp"
#include "runtime/cli/search.hpp"
#include "runtime/cli/tool_answers.hpp"
#include "runtime/tools/tools.hpp"

namespace ratchet::cli {

namespace {

constexpr int max_wrong_steps = 5;  // in a row
constexpr int first_look_ms = 1000;
constexpr int look_ms = 10'000;

constexpr std::array<std::pair<search_phase, std::string_view>, 5> step_of_phase{{
    {search_phase::baseline, tool_names::setup},
    {search_phase::edit, tool_names::edit},
    {search_phase::run, tool_names::run},
    {search_phase::decide, tool_names::decide},
    {search_phase::finalize, tool_names::finalize},
}};

std::string_view step_of(search_phase phase) {
  for (const auto& [of, step] : step_of_phase)
    if (of == phase) return step;
  return "";
}

/// Nobody knows whether the step came about.
bool was_lost(const json& answer) {
  const std::string code = text_of(answer, "code");
  return code == "worker_lost" || code == "timed_out";
}

json error_in(const failure& why) {
  return {{"error", why.text}, {"code", std::string(name_of(why.code))}};
}

}  // namespace

search_patience usual_patience() {
  using namespace std::chrono;
  search_patience patience;
  patience.now = [] { return duration_cast<milliseconds>(steady_clock::now().time_since_epoch()); };
  patience.wait = [](milliseconds time, const std::atomic<bool>& stop) {
    for (auto until = steady_clock::now() + time; !stop && steady_clock::now() < until;)
      std::this_thread::sleep_for(
          std::min<nanoseconds>(milliseconds(100), until - steady_clock::now()));
  };
  return patience;
}

std::optional<search_phase> phase_of(std::string_view step) {
  for (const auto& [phase, of] : step_of_phase)
    if (of == step && phase != search_phase::baseline) return phase;
  return std::nullopt;
}

json search::set_up() {
  const bool parallel = flag_of(options_.setup, "hive_parallel");
  for (;;) {
    json answer = step(search_phase::baseline, parallel ? tool_names::start : tool_names::setup);
    state_.session_id = text_of(answer, "session_id");
    if (state_.session_id.empty() || !try_again(answer)) return answer;
    json progress = find_session(text_of(answer, "error"));
    // A setup that was interrupted was dropped, or never stored, and is made again.
    const bool dropped =
        text_of(progress, "code") == "unknown_session" ||
        (text_of(progress, "status") == "failed" && !text_of(progress, "recovered").empty());
    if (progress.contains("error") && !dropped) return progress;
    if (auto meanwhile = answer_meanwhile(progress); meanwhile && !dropped) {
      (*meanwhile)["session_id"] = state_.session_id;
      return *meanwhile;
    }
    if (*stop_) return error_in(fail(errc::cancelled, "the search was interrupted"));
  }
}

/// Measured again from the beginning when the answer was lost.
expected<comparison> search::compared() {
  for (all_is_well();;) {
    auto measured = lab_.compare(state_.session_id, options_.pairs);
    if (measured || !try_again(error_in(measured.error()))) return measured;
    json progress = find_session(measured.error().text);
    if (progress.contains("error")) {
      give_up(progress);
      return measured;
    }
    if (*stop_) return fail(errc::cancelled, "the search was interrupted");
  }
}

void search::finalize() {
  json answer = step(search_phase::finalize, tool_names::finalize, {{"compare", false}});
  // Asked again, the last answer comes again.
  for (all_is_well(); try_again(answer);) {
    json progress = find_session(text_of(answer, "error"));
    if (progress.contains("error")) return give_up(progress);
    answer = step(search_phase::finalize, tool_names::finalize, {{"compare", false}});
  }
  result_.final_answer = answer;
  result_.finished = !answer.contains("error");
  take_warnings(answer);
  if (!result_.finished) result_.ended_by = text_of(answer, "error");
}

// True when the step did not happen. What a lost worker or another order of steps calls for is to
// look where the session stands, and to go on from there; a step that came about after all has its
// answer in the status.
bool search::failed(json& answer) {
  if (!answer.contains("error")) {
    all_is_well();
    if (std::string note = text_of(answer, "recovered"); !note.empty()) state_.note = note;
    return false;
  }
  const std::string code = text_of(answer, "code");
  if (code == "cancelled" || code == "session_ended") {
    end(code == "cancelled" ? "it was interrupted" : "the session is at its end");
    return true;
  }
  if (code == "wrong_step" ? ++wrong_steps_ <= max_wrong_steps : try_again(answer)) {
    json progress = find_session(text_of(answer, "error"));
    if (auto meanwhile = answer_meanwhile(progress)) {
      answer = std::move(*meanwhile);
      return false;
    }
    if (auto next = phase_of(text_of(progress, "step"))) {
      next_ = *next;
      return true;
    }
    if (progress.contains("error")) answer = std::move(progress);
  }
  give_up(answer);
  return true;
}

void search::all_is_well() {
  lost_since_.reset();
  losses_ = wrong_steps_ = 0;
}

/// At once after the first loss, then after a pause: what ails the laboratory may pass, or its
/// owner may see to it.
bool search::try_again(const json& answer) {
  if (!was_lost(answer)) return false;
  auto& patience = lab_.patience;
  const auto now = patience.now();
  if (!lost_since_) lost_since_ = now;
  if (++losses_ == 1) return true;
  const auto left = *lost_since_ + patience.longest - now;
  if (left.count() <= 0 || *stop_) return false;
  const auto pause = std::min(
      {patience.first_pause * (1 << std::min(losses_ - 2, 20)), patience.longest_pause, left});
  state_.note = text_of(answer, "error") + "; trying again in " +
                std::to_string(std::chrono::ceil<std::chrono::seconds>(pause).count()) +
                " s, for " + std::to_string(std::chrono::ceil<std::chrono::minutes>(left).count()) +
                " min at most";
  tell();
  patience.wait(pause, *stop_);
  return true;
}

/// The session's progress once nothing is at work in it any more, from wherever it can be reached
/// again; an error answer when it cannot.
json search::find_session(const std::string& lost) {
  state_.note = lost;
  tell();
  json progress;
  do {
    if (lab_.rejoin) {
      auto again = lab_.rejoin(*stop_);
      if (!again) return error_in(again.error());
      if (!again->empty()) state_.note = *again;
      tell();
    }
    int wait_ms = first_look_ms;
    for (bool last = false; !last; wait_ms = look_ms) {
      last = *stop_;  // the step is being cancelled: it has one more wait to end
      progress =
          lab_.call(tool_names::status, {{"session_id", state_.session_id}, {"wait_ms", wait_ms}});
      if (text_of(progress, "state") != "running") break;
    }
  } while (!*stop_ && try_again(progress));
  return progress;
}

/// The answer of the step at hand, where it was only lost on its way.
std::optional<json> search::answer_meanwhile(const json& progress) const {
  const auto last = progress.find("last_result");
  if (last == progress.end() || !last->is_object() || !last->contains("answer") ||
      text_of(*last, "step") != step_of(state_.phase))
    return std::nullopt;
  const json& answer = (*last)["answer"];
  const bool stands_elsewhere = text_of(progress, "step") != step_of(state_.phase);
  const bool newer =
      state_.phase == search_phase::edit && integer_of(answer, "iteration", 0) > state_.iteration;
  return stands_elsewhere || newer ? std::optional(answer) : std::nullopt;
}

/// Leaves the session as it is.
void search::give_up(const json& answer) {
  result_.final_answer = answer;
  give_up_ = true;
  end(text_of(answer, "error"));
}

}  // namespace ratchet::cli
