// SPDX-License-Identifier: MIT
//
// The JSON form of every struct in messages/, compiled here once.
#include "messages/json_fields.hpp"

#include "messages/benchmarks.hpp"
#include "messages/edits.hpp"
#include "messages/event_payloads.hpp"
#include "messages/events.hpp"
#include "messages/experiments.hpp"
#include "messages/failure.hpp"
#include "messages/hive.hpp"
#include "messages/jobs.hpp"
#include "messages/journal.hpp"
#include "messages/records.hpp"
#include "messages/sessions.hpp"
#include "messages/settings.hpp"
#include "messages/shown.hpp"
#include "messages/workspaces.hpp"

namespace ratchet {

// benchmarks.hpp
RATCHET_JSON(benchmark_row)
RATCHET_JSON(tool_score)
RATCHET_JSON(model_score)

// edits.hpp
RATCHET_JSON(search_replace)
RATCHET_JSON(given_edit)
RATCHET_JSON(lesson)
RATCHET_JSON(edit_usage)
RATCHET_JSON(usage_totals)

// event_payloads.hpp
RATCHET_JSON(session_started)
RATCHET_JSON(baseline_measured)
RATCHET_JSON(setup_failed)
RATCHET_JSON(candidate_edited)
RATCHET_JSON(candidate_measured)
RATCHET_JSON(candidate_rejected)
RATCHET_JSON(candidate_promoted)
RATCHET_JSON(candidate_reverted)
RATCHET_JSON(budget_spent)
RATCHET_JSON(session_completed)

// events.hpp
RATCHET_JSON(event)
RATCHET_JSON(subscription)
RATCHET_JSON(unsubscribe)
RATCHET_JSON(subscribed)

// experiments.hpp
RATCHET_JSON(candidate)
RATCHET_JSON(run_sample)
RATCHET_JSON(metric_noise)
RATCHET_JSON(run_result)
RATCHET_JSON(iteration_record)

// failure.hpp
RATCHET_JSON(failure)

// hive.hpp
RATCHET_JSON(machine_facts)
RATCHET_JSON(join_runner)
RATCHET_JSON(worker_joined)
RATCHET_JSON(lease_news)
RATCHET_JSON(worker_heartbeat)
RATCHET_JSON(heartbeat_heard)
RATCHET_JSON(drain_worker)
RATCHET_JSON(run_on_worker)
RATCHET_JSON(compare_on_worker)
RATCHET_JSON(stop_lease)
RATCHET_JSON(release_session)
RATCHET_JSON(identify_repository)
RATCHET_JSON(repository_identified)
RATCHET_JSON(fetch_base)
RATCHET_JSON(fetch_change)
RATCHET_JSON(objects_part)
RATCHET_JSON(list_workers)
RATCHET_JSON(worker_row)
RATCHET_JSON(waiting_runs)
RATCHET_JSON(worker_list)
RATCHET_JSON(find_runner)

// jobs.hpp
RATCHET_JSON(propose_variants)
RATCHET_JSON(variants_outcome)
RATCHET_JSON(propose_edit)
RATCHET_JSON(edit_outcome)
RATCHET_JSON(run_experiment)
RATCHET_JSON(compare_commits)
RATCHET_JSON(comparison)
RATCHET_JSON(run_setup)
RATCHET_JSON(stop_job)
RATCHET_JSON(judge_candidate)
RATCHET_JSON(gate_verdict)
RATCHET_JSON(judgement)
RATCHET_JSON(add_gate)
RATCHET_JSON(recover_session)
RATCHET_JSON(look_again)
RATCHET_JSON(compare_session)
RATCHET_JSON(prune_session)
RATCHET_JSON(session_pruned)
RATCHET_JSON(find_roles)
RATCHET_JSON(best_tool_query)
RATCHET_JSON(best_tool_answer)
RATCHET_JSON(share_delta)
RATCHET_JSON(delta_shared)

// journal.hpp
RATCHET_JSON(open_step)
RATCHET_JSON(opened_step)
RATCHET_JSON(write_step)
RATCHET_JSON(close_step)
RATCHET_JSON(claim_unfinished)
RATCHET_JSON(read_sessions)
RATCHET_JSON(stored_sessions)
RATCHET_JSON(write_report)
RATCHET_JSON(report_written)
RATCHET_JSON(recorded_events)

// shown.hpp
RATCHET_JSON(show_session)
RATCHET_JSON(steer_session)
RATCHET_JSON(steer_answer)
RATCHET_JSON(session_wish)
RATCHET_JSON(steering)
RATCHET_JSON(session_steered)
RATCHET_JSON(session_shown)
RATCHET_JSON(read_iterations)
RATCHET_JSON(iterations_read)
RATCHET_JSON(read_report)
RATCHET_JSON(report_read)
RATCHET_JSON(read_code)
RATCHET_JSON(code_read)

// workspaces.hpp
RATCHET_JSON(inspect_repository)
RATCHET_JSON(open_workspace)
RATCHET_JSON(workspace_opened)
RATCHET_JSON(restore_workspace)
RATCHET_JSON(read_targets)
RATCHET_JSON(targets_read)
RATCHET_JSON(draft_tree)
RATCHET_JSON(tree_drafted)
RATCHET_JSON(rebase_tree)
RATCHET_JSON(tree_rebased)
RATCHET_JSON(commit_candidate)
RATCHET_JSON(candidate_committed)
RATCHET_JSON(publish_commit)
RATCHET_JSON(remove_workspace)
RATCHET_JSON(find_unfinished)
RATCHET_JSON(unfinished_workspaces)

// records.hpp
RATCHET_JSON(session_record)
RATCHET_JSON(recipe)
RATCHET_JSON(snapshot)
RATCHET_JSON(step_write)

// sessions.hpp
RATCHET_JSON(edited_variant)
RATCHET_JSON(measured_variant)
RATCHET_JSON(setup_session)
RATCHET_JSON(guard_finding)
RATCHET_JSON(session_opened)
RATCHET_JSON(edit_candidate)
RATCHET_JSON(edit_answer)
RATCHET_JSON(run_candidate)
RATCHET_JSON(run_answer)
RATCHET_JSON(decide_candidate)
RATCHET_JSON(decide_answer)
RATCHET_JSON(finalize_session)
RATCHET_JSON(finalize_answer)
RATCHET_JSON(get_status)
RATCHET_JSON(progress)
RATCHET_JSON(list_sessions)
RATCHET_JSON(session_list)
RATCHET_JSON(cancel_step)
RATCHET_JSON(done)

// settings.hpp
RATCHET_JSON(metric_rule)
RATCHET_JSON(guard_metric)
RATCHET_JSON(external_gate)
RATCHET_JSON(session_settings)

}  // namespace ratchet
