// SPDX-License-Identifier: MIT
//
// The number of every message type on the wire, in one block. Append only: a number that has been
// released is never given to another type.
#pragma once

#include "messages/actors.hpp"

// clang-format off

/// What hosts and subscribers exchange with the runtime.
#define RATCHET_HOST_MESSAGES(X) \
  X(setup_session) \
  X(session_opened) \
  X(edit_candidate) \
  X(edit_answer) \
  X(run_candidate) \
  X(run_answer) \
  X(decide_candidate) \
  X(decide_answer) \
  X(finalize_session) \
  X(finalize_answer) \
  X(get_status) \
  X(progress) \
  X(list_sessions) \
  X(session_list) \
  X(cancel_step) \
  X(done) \
  X(event) \
  X(subscription) \
  X(subscribed) \
  X(unsubscribe)

/// What the roles ask of each other.
#define RATCHET_ROLE_MESSAGES(X) \
  X(open_step) \
  X(opened_step) \
  X(write_step) \
  X(close_step) \
  X(read_sessions) \
  X(stored_sessions) \
  X(write_report) \
  X(report_written) \
  X(recorded_events) \
  X(inspect_repository) \
  X(open_workspace) \
  X(workspace_opened) \
  X(restore_workspace) \
  X(commit_candidate) \
  X(candidate_committed) \
  X(publish_commit) \
  X(remove_workspace) \
  X(propose_edit) \
  X(edit_outcome) \
  X(run_experiment) \
  X(run_result) \
  X(compare_commits) \
  X(comparison) \
  X(run_setup) \
  X(stop_job) \
  X(judge_candidate) \
  X(gate_verdict) \
  X(judgement) \
  X(add_gate) \
  X(recover_session) \
  X(compare_session) \
  X(look_again) \
  X(find_roles) \
  X(benchmark_row) \
  X(best_tool_query) \
  X(best_tool_answer) \
  X(share_delta) \
  X(delta_shared) \
  X(find_unfinished) \
  X(unfinished_workspaces) \
  X(claim_unfinished) \
  X(propose_variants) \
  X(variants_outcome) \
  X(prune_session) \
  X(session_pruned) \
  X(read_targets) \
  X(targets_read) \
  X(draft_tree) \
  X(tree_drafted) \
  X(rebase_tree) \
  X(tree_rebased)

/// What a node and its workers on other machines tell each other.
#define RATCHET_HIVE_MESSAGES(X) \
  X(join_runner) \
  X(worker_joined) \
  X(worker_heartbeat) \
  X(heartbeat_heard) \
  X(drain_worker) \
  X(run_on_worker) \
  X(compare_on_worker) \
  X(stop_lease) \
  X(release_session) \
  X(identify_repository) \
  X(repository_identified) \
  X(fetch_base) \
  X(fetch_change) \
  X(objects_part) \
  X(list_workers) \
  X(worker_list) \
  X(find_runner) \
  X(show_session) \
  X(steer_session) \
  X(steer_answer) \
  X(session_shown) \
  X(read_iterations) \
  X(iterations_read) \
  X(read_report) \
  X(report_read) \
  X(read_code) \
  X(code_read)

#define RATCHET_HANDLES(X) \
  X(subscriber_actor) \
  X(gate_actor) \
  X(session_registry_actor) \
  X(event_hub_actor) \
  X(gate_chain_actor) \
  X(experiment_runner_actor) \
  X(remote_worker_actor) \
  X(object_source_actor)

// clang-format on

#define RATCHET_TYPE(name) CAF_ADD_TYPE_ID(ratchet, (ratchet::name))
CAF_BEGIN_TYPE_ID_BLOCK(ratchet, first_custom_type_id)
RATCHET_HOST_MESSAGES(RATCHET_TYPE)
RATCHET_ROLE_MESSAGES(RATCHET_TYPE)
RATCHET_HANDLES(RATCHET_TYPE)
RATCHET_HIVE_MESSAGES(RATCHET_TYPE)
CAF_END_TYPE_ID_BLOCK(ratchet)
#undef RATCHET_TYPE

RATCHET_HOST_MESSAGES(RATCHET_COMPILED_ELSEWHERE)
RATCHET_ROLE_MESSAGES(RATCHET_COMPILED_ELSEWHERE)
RATCHET_HIVE_MESSAGES(RATCHET_COMPILED_ELSEWHERE)
