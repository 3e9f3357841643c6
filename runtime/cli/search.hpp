// SPDX-License-Identifier: MIT
//
// A whole search, step by step through the tools: setup → (edit → run → decide)* → comparison →
// finalize. Knows no terminal and no signal; the laboratory is a few functions, so that tests can
// play it.
#pragma once

#include <atomic>
#include <chrono>
#include <deque>
#include <functional>
#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "messages/failure.hpp"
#include "messages/jobs.hpp"
#include "messages/json.hpp"
#include "messages/settings.hpp"

namespace ratchet::cli {

/// How long a search waits for a laboratory that loses its steps, and how it tells the time.
struct search_patience {
  std::chrono::milliseconds longest = std::chrono::minutes(10);
  std::chrono::milliseconds first_pause = std::chrono::seconds(1);
  std::chrono::milliseconds longest_pause = std::chrono::seconds(30);
  std::function<std::chrono::milliseconds()> now;  ///< steady
  /// Returns early when `stop` is set.
  std::function<void(std::chrono::milliseconds time, const std::atomic<bool>& stop)> wait;
};
search_patience usual_patience();

struct laboratory {
  std::function<json(std::string_view tool, const json& arguments)> call;
  /// 0 pairs: as many as there is time for.
  std::function<expected<comparison>(const std::string& session_id, int pairs)> compare;
  /// Empty: nothing is taken back.
  std::function<expected<session_pruned>(const std::string& session_id, double time_s)> prune;
  /// As tool_host::rejoin; empty: what can be lost is replaced when its callers are told.
  std::function<expected<std::string>(const std::atomic<bool>& stop)> rejoin;
  search_patience patience = usual_patience();
};

struct search_options {
  json setup;              ///< arguments of autoresearch_setup
  std::string resume_id;   ///< instead: go on with this session
  int patience = 10;       ///< so many failed edits in a row end the search
  bool compare = true;     ///< baseline and best once more, at the end
  int pairs = 0;           ///< of that comparison, whatever they take; 0: six, if there is time
  bool finish = false;     ///< stopped, it ends with its report; else it is left to be resumed
  bool prune = true;       ///< take back what brings nothing, where something was kept
  std::string invitation;  ///< to the node that it runs at; empty: here
};

/// One iteration that is over.
struct iteration_line {
  int iteration = 0;
  std::string decision;  ///< edit_failed, kept, reverted, rejected_by_gate or commit_failed
  bool crashed = false;  ///< the run ended in an error
  std::optional<double> metric;
  std::optional<double> best;
  std::string hypothesis;
  std::string reason;
};

enum class search_phase : std::uint8_t {
  baseline,
  edit,
  run,
  decide,
  prune,
  compare,
  finalize,
  over
};

/// The phase of a session's step; nothing for setup and the end.
std::optional<search_phase> phase_of(std::string_view step);

/// All that a view shows.
struct search_state {
  std::string session_id;
  std::string repo_path;
  std::string branch;
  std::string metric_name;
  ratchet::metric_direction direction = metric_direction::higher_is_better;
  std::optional<double> baseline;
  std::optional<double> best;
  int best_iteration = 0;
  int iteration = 0;
  int max_iterations = 0;
  int kept = 0;
  int reverted = 0;
  int rejected = 0;
  int failed = 0;    ///< failed edits and crashed runs
  int finished = 0;  ///< iterations over since this search began (resumed ones start at 0)
  int spark_consumed = 0;
  int spark_budget = 0;
  int spark_per_iteration = 0;
  search_phase phase = search_phase::baseline;
  std::deque<iteration_line> recent;  ///< newest last, ≤ 5
  std::string note;                   ///< what was recovered, or left out
  bool opened = false;                ///< there is a session to go on with
  std::vector<std::string> warnings;  ///< what a person should know before believing it
  std::vector<std::string> remarks;   ///< what is said once at the start
  std::string invitation;             ///< to the node that it runs at; empty: here
};

struct search_result {
  bool finished = false;  ///< the report is written
  bool left = false;      ///< it can be resumed
  std::optional<session_pruned> pruned;
  bool failed = false;   ///< it can never work: no end that somebody wanted
  std::string ended_by;  ///< in words
  json final_answer;     ///< autoresearch_finalize's, else the error
  std::optional<comparison> compared;
  std::string not_compared;  ///< why there is no comparison
};

class search {
 public:
  /// `changed` is called from `run` after every change; a line when an iteration is over.
  search(laboratory lab, search_options options,
         std::function<void(const search_state&, const iteration_line*)> changed);

  /// Blocks until the end. Once `stop` is set no further step is begun (but finalize, with
  /// `finish`), and so when the user has paused the session. A step whose answer was lost is looked
  /// for in the session's status, and the search goes on from there, again and again for
  /// laboratory::patience with pauses that grow; an error that it cannot go on from ends it
  /// unfinalized, so that it can be resumed.
  search_result run(const std::atomic<bool>& stop);

 private:
  bool open();
  bool resume();
  json set_up();
  void loop();
  void edit();
  void measure();
  void decide();
  void prune();
  void compare();
  expected<comparison> compared();
  void finalize();

  json step(search_phase phase, std::string_view tool, json more = json::object());
  void take_warnings(const json& answer);
  void take_kinds_of_warnings(const json& answer);
  void say_what_is_paid_for();
  bool failed(json& answer);
  bool try_again(const json& answer);
  void all_is_well();
  json find_session(const std::string& lost);
  std::optional<json> answer_meanwhile(const json& progress) const;
  void give_up(const json& answer);
  bool leaves() const;
  void end(std::string why);
  void iteration_over(iteration_line line);
  void take_status(const json& progress);
  void take_round(const json& answer);
  void drop_losers(const json& answer);
  void tell(const iteration_line* line = nullptr);

  laboratory lab_;
  search_options options_;
  std::function<void(const search_state&, const iteration_line*)> changed_;
  search_state state_;
  search_result result_;
  const std::atomic<bool>* stop_ = nullptr;
  search_phase next_ = search_phase::edit;
  bool over_ = false;
  bool give_up_ = false;  ///< leave the session as it is
  bool paused_ = false;
  int failed_edits_ = 0;
  /// Since when every step has been lost, and how often.
  std::optional<std::chrono::milliseconds> lost_since_;
  int losses_ = 0;
  int wrong_steps_ = 0;  ///< in a row
  iteration_line current_;
  std::map<int, std::string> hypotheses_;  ///< of candidates side by side, by iteration
};

}  // namespace ratchet::cli
