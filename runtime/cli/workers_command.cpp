// SPDX-License-Identifier: MIT
//
// `ratchet workers`: which machines run a node's experiments, how they are, and what waits.
#include <cmath>

#include "actors/logic/requirements.hpp"
#include "actors/logic/text.hpp"
#include "actors/watched_request.hpp"
#include "messages/timeouts.hpp"
#include "messages/type_ids.hpp"
#include "messages/version.hpp"
#include "runtime/cli/node_view.hpp"
#include "runtime/cli/style.hpp"
#include "runtime/embed/runtime.hpp"
#include "runtime/net/node_addresses.hpp"

namespace ratchet::cli {

expected<net::invitation> invitation_of(const command_context& context) {
  if (!context.join.empty()) return net::invitation::read(context.join);
  return net::own_invitation(resolve_state_dir(context.state_dir));
}

expected<experiment_runner_actor> runner_of(net::remote_node& node) {
  auto front = node.join();
  if (!front) return front.error();
  return ask_watched<experiment_runner_actor>(node.system(), *front, join_timeout, "the node",
                                              find_runner{});
}

expected<worker_list> machines_of(caf::actor_system& system, const supervisor_actor& front,
                                  const std::string& name) {
  auto runner =
      ask_watched<experiment_runner_actor>(system, front, join_timeout, name, find_runner{});
  if (!runner) return runner.error();
  return ask_watched<worker_list>(system, *runner, join_timeout, name + "'s experiment_runner",
                                  list_workers{});
}

int show_workers(const command_context& context) {
  auto invited = invitation_of(context);
  if (!invited) return complain(context, invited.error());
  net::remote_node node(*invited);
  auto front = node.join();
  if (!front) return complain(context, front.error());
  auto list = machines_of(node.system(), *front, "the node");
  if (!list) return complain(context, list.error());
  if (context.json_output) {
    print_json(*list, false);
    return exit_done;
  }
  for (const auto& w : list->workers) {
    std::string line = (w.worker_id == 0 ? "node    " : "worker  ") + w.machine.name + "  " +
                       std::to_string(w.busy) + "/" + std::to_string(w.slots) + " busy  " +
                       machine_class(w.machine);
    if (w.worker_id != 0)
      line += "  " + std::to_string(w.runs) + " runs, " + std::to_string(w.lost) + " lost" +
              (w.draining ? ", draining" : "");
    if (!w.program.empty() && w.program != program_version()) line += ", Ratchet " + w.program;
    if (w.ends_in_s) line += ", ends in " + duration_text(*w.ends_in_s);
    if (w.rests_s > 0)
      line += ", rests for " + std::to_string(static_cast<int>(std::ceil(w.rests_s))) + " s";
    if (!w.last_failure.empty())
      line += "\n        " +
              (w.failures > 0 ? "failures in a row: " + std::to_string(w.failures) + ", the last: "
                              : std::string("its last failure: ")) +
              w.last_failure;
    if (!print_line(line)) return exit_failed;
  }
  if (list->waiting.empty()) print_line("no run waits for a slot");
  for (const auto& queue : list->waiting)
    if (!print_line("waiting " + std::to_string(queue.runs) + (queue.runs == 1 ? " run" : " runs") +
                    ", the first for " + duration_text(queue.oldest_s) + ", for " +
                    (queue.requirements.empty() ? "any free slot" : listed(queue.requirements))))
      return exit_failed;
  return exit_done;
}

}  // namespace ratchet::cli
