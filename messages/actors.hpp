// SPDX-License-Identifier: MIT
//
// The map: every actor's typed handle, one line a handler. A role is a triple: the handle
// `x_actor` here, the state `x_state` and the behaviour `x(self, …)` in actors/x.*.
//
//   host ─┬─► session_registry ─► session (one per session: the step machine)
//         │                         ├─► journal             store + leases, the one writer
//         │                         ├─► edit_generator      ─► edit workers    ─► editors
//         │                         ├─► experiment_runner   ─► run workers     ─► processes
//         │                         │                       ─► remote_workers, on other machines
//         │                         ├─► gate_chain          ─► gate worker, the user's gates
//         │                         ├─► workspace_keeper    ─► workspace workers ─► git
//         │                         ├─► benchmark_recorder
//         │                         └─► federation_broadcaster ─► outbox
//         └─► event_hub ─► subscribers       (the journal feeds it)
//   supervisor: starts them in this order, watches, replaces, stops in reverse
#pragma once

#include "messages/benchmarks.hpp"
#include "messages/caf_port.hpp"
#include "messages/events.hpp"
#include "messages/hive.hpp"
#include "messages/jobs.hpp"
#include "messages/journal.hpp"
#include "messages/sessions.hpp"
#include "messages/shown.hpp"
#include "messages/steering.hpp"
#include "messages/workspaces.hpp"

namespace ratchet {

// clang-format off

/// A listener. It may be local or remote; it says nothing back.
using subscriber_actor = caf::typed_actor<tells<event>>;

/// A gate the user adds.
using gate_actor = caf::typed_actor<asks<judge_candidate, gate_verdict>>;

using event_hub_actor = caf::typed_actor<
    tells<recorded_events>,   // from the journal: deliver these, they are durable
    caf::replies_to<subscription, subscriber_actor>::with<subscribed>,  // deliver to this one
    tells<unsubscribe>>;      // deliver nothing more to that subscription

using journal_actor = caf::typed_actor<
    asks<open_step, opened_step>,          // take the lease, read the session
    asks<write_step, done>,                // make a step durable, tell the hub, free the lease
    tells<close_step>,                     // free the lease, nothing to write
    asks<claim_unfinished, done>,          // take the lease of what belongs to no session
    asks<read_sessions, stored_sessions>,  // the stored sessions, newest first
    asks<read_iterations, iterations_read>,  // one of them, with some of its iterations
    asks<read_report, report_read>,          // its report, if it has one
    asks<steer_session, steer_answer>,       // a wish, for the next step to find
    asks<write_report, report_written>>;   // report, results.tsv, progress.svg

using workspace_keeper_actor = caf::typed_actor<
    asks<inspect_repository, done>,               // can it be worked on; touches nothing
    asks<open_workspace, workspace_opened>,       // cut a work tree from HEAD
    asks<restore_workspace, done>,                // make the work tree exactly this tree
    asks<read_targets, targets_read>,             // their bytes in the work tree
    asks<read_code, code_read>,                   // a file at a commit, or what two differ in
    asks<draft_tree, tree_drafted>,               // a tree of its own, nothing on disk changes
    asks<rebase_tree, tree_rebased>,              // a candidate's change on top of the best code
    asks<commit_candidate, candidate_committed>,  // write the commit object
    asks<publish_commit, done>,                   // move the branch, clean the work tree
    asks<remove_workspace, done>,                 // work tree and private git directory
    asks<find_unfinished, unfinished_workspaces>>;  // folders without a whole workspace

using edit_generator_actor = caf::typed_actor<
    asks<propose_edit, edit_outcome>,  // propose with the session's backend, or apply as given
    asks<propose_variants, variants_outcome>,  // several for a parallel round, none left applied
    tells<stop_job>>;                  // cancel it

/// A worker on another machine: what a node asks of it.
using remote_worker_actor = caf::typed_actor<
    asks<run_on_worker, run_result>,      // measure a candidate there, under this lease
    asks<compare_on_worker, comparison>,  // the final comparison there
    tells<stop_lease>,                    // end that run, nobody waits for it
    tells<release_session>>;              // the session is over, its work trees may go

/// Where a worker fetches the objects that it lacks.
using object_source_actor = caf::typed_actor<
    asks<identify_repository, repository_identified>,
    asks<fetch_base, objects_part>,     // a part of the base commit's pack
    asks<fetch_change, objects_part>>;  // what a tree has that the base has not

using experiment_runner_actor = caf::typed_actor<
    asks<run_experiment, run_result>,   // measure a candidate on a free slot
    asks<compare_commits, comparison>,  // measure baseline against best, interleaved
    asks<run_setup, done>,              // setup_command
    tells<stop_job>,                    // cancel it
    tells<release_session>,             // it is over: workers may forget it
    caf::replies_to<join_runner, remote_worker_actor>  // a worker offers its slots
        ::with<worker_joined, object_source_actor>,
    asks<worker_heartbeat, heartbeat_heard>,  // it is there, and at work on these
    tells<drain_worker>,                      // it takes nothing more
    asks<list_workers, worker_list>>;         // who has joined

using gate_chain_actor = caf::typed_actor<
    asks<judge_candidate, judgement>,                    // in order, until one refuses
    caf::replies_to<add_gate, gate_actor>::with<done>>;  // one more, judged last

using benchmark_recorder_actor = caf::typed_actor<
    asks<benchmark_row, done>,                 // one run, failed ones too
    asks<best_tool_query, best_tool_answer>>;  // >= 5 samples, by success rate then time

using federation_broadcaster_actor = caf::typed_actor<
    asks<share_delta, delta_shared>>;  // guard the delta and put it into the outbox

using session_actor = caf::typed_actor<
    asks<setup_session, session_opened>,      // once, first
    asks<edit_candidate, edit_answer>,        // the steps, one at a time, in order of arrival
    asks<run_candidate, run_answer>,
    asks<decide_candidate, decide_answer>,
    asks<finalize_session, finalize_answer>,
    asks<get_status, progress>,               // waits for a step at work, if asked to
    asks<compare_session, comparison>,        // re-measure baseline against best
    asks<prune_session, session_pruned>,      // take back what brings nothing
    asks<recover_session, done>,              // roll an interrupted step back or forward
    tells<look_again>,                        // from itself, while status calls wait
    tells<cancel_step>>;                      // end the step at work

using session_registry_actor = caf::typed_actor<
    asks<setup_session, session_opened>,      // autoresearch_setup
    asks<edit_candidate, edit_answer>,        // autoresearch_edit
    asks<run_candidate, run_answer>,          // autoresearch_run
    asks<decide_candidate, decide_answer>,    // autoresearch_decide
    asks<finalize_session, finalize_answer>,  // autoresearch_finalize
    asks<get_status, progress>,               // get_autoresearch_status with an id
    asks<list_sessions, session_list>,        // and without
    asks<show_session, session_shown>,        // autoresearch_show
    asks<steer_session, steer_answer>,        // autoresearch_steer
    asks<read_iterations, iterations_read>,   // for `ratchet show` at a node
    asks<compare_session, comparison>,        // re-measure baseline against best
    asks<prune_session, session_pruned>,      // take back what brings nothing
    asks<best_tool_query, best_tool_answer>,  // get_hive_best_tool
    tells<cancel_step>>;                      // end the step at work

using supervisor_actor = caf::typed_actor<
    caf::replies_to<find_roles>::with<session_registry_actor, event_hub_actor, gate_chain_actor>,
    caf::replies_to<find_runner>::with<experiment_runner_actor>,  // for a worker to join
    caf::replies_to<add_gate, gate_actor>::with<done>>;  // kept across a restart of the roles

// clang-format on

}  // namespace ratchet
