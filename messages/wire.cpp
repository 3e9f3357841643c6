// SPDX-License-Identifier: MIT
//
// The wire form of every message: CBOR of its JSON.
#include "messages/type_ids.hpp"

namespace ratchet {

template <has_fields T>
std::string pack(const T& x) {
  std::string bytes;
  json::to_cbor(json(x), bytes);
  return bytes;
}

template <has_fields T>
bool unpack(const std::string& bytes, T& x) {
  json j = json::from_cbor(bytes, true, false);
  if (j.is_discarded()) return false;
  try {
    from_json(j, x);
  } catch (const std::exception&) {
    return false;  // another version's idea of this message, or no message at all
  }
  return true;
}

#define RATCHET_WIRE(type)                      \
  template std::string pack<type>(const type&); \
  template bool unpack<type>(const std::string&, type&);
RATCHET_WIRE(setup_session)
RATCHET_WIRE(session_opened)
RATCHET_WIRE(edit_candidate)
RATCHET_WIRE(edit_answer)
RATCHET_WIRE(run_candidate)
RATCHET_WIRE(run_answer)
RATCHET_WIRE(decide_candidate)
RATCHET_WIRE(decide_answer)
RATCHET_WIRE(finalize_session)
RATCHET_WIRE(finalize_answer)
RATCHET_WIRE(get_status)
RATCHET_WIRE(progress)
RATCHET_WIRE(list_sessions)
RATCHET_WIRE(session_list)
RATCHET_WIRE(cancel_step)
RATCHET_WIRE(done)
RATCHET_WIRE(event)
RATCHET_WIRE(subscription)
RATCHET_WIRE(subscribed)
RATCHET_WIRE(unsubscribe)
RATCHET_WIRE(open_step)
RATCHET_WIRE(opened_step)
RATCHET_WIRE(write_step)
RATCHET_WIRE(close_step)
RATCHET_WIRE(read_sessions)
RATCHET_WIRE(stored_sessions)
RATCHET_WIRE(write_report)
RATCHET_WIRE(report_written)
RATCHET_WIRE(recorded_events)
RATCHET_WIRE(inspect_repository)
RATCHET_WIRE(open_workspace)
RATCHET_WIRE(workspace_opened)
RATCHET_WIRE(restore_workspace)
RATCHET_WIRE(commit_candidate)
RATCHET_WIRE(candidate_committed)
RATCHET_WIRE(publish_commit)
RATCHET_WIRE(remove_workspace)
RATCHET_WIRE(propose_edit)
RATCHET_WIRE(edit_outcome)
RATCHET_WIRE(run_experiment)
RATCHET_WIRE(run_result)
RATCHET_WIRE(compare_commits)
RATCHET_WIRE(comparison)
RATCHET_WIRE(run_setup)
RATCHET_WIRE(stop_job)
RATCHET_WIRE(judge_candidate)
RATCHET_WIRE(gate_verdict)
RATCHET_WIRE(judgement)
RATCHET_WIRE(add_gate)
RATCHET_WIRE(recover_session)
RATCHET_WIRE(compare_session)
RATCHET_WIRE(look_again)
RATCHET_WIRE(find_roles)
RATCHET_WIRE(benchmark_row)
RATCHET_WIRE(best_tool_query)
RATCHET_WIRE(best_tool_answer)
RATCHET_WIRE(share_delta)
RATCHET_WIRE(delta_shared)
#undef RATCHET_WIRE

}  // namespace ratchet
