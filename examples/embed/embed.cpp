// SPDX-License-Identifier: MIT
//
// Ratchet inside a program that has an actor system of its own. The program is the author of the
// edits; an actor of its own hears what happens. Exits 0 only if an edit was kept.
#include <caf/actor_system.hpp>
#include <caf/actor_system_config.hpp>
#include <caf/scoped_actor.hpp>
#include <chrono>
#include <cstdio>
#include <future>
#include <string>

#include "examples/scratch_repository.hpp"
#include "messages/type_ids.hpp"
#include "runtime/embed/runtime.hpp"

using ratchet::event;
using ratchet::json;

// A listener is any actor that takes events. It says nothing back.
ratchet::subscriber_actor::behavior_type listener(ratchet::subscriber_actor::pointer,
                                                  std::promise<void>* completed) {
  return {[completed](const event& e) {
    std::printf("%3lld  %-24s %s\n", static_cast<long long>(e.seq), e.topic.c_str(),
                e.payload.dump().c_str());
    if (e.topic == "autoresearch.completed") completed->set_value();
  }};
}

// The essential part: open, subscribe, set up, then edit, run and decide until there is no more to
// try. `system` is the host's; its configuration went through runtime::prepare_config.
json search(caf::actor_system& system, const scratch_repository& scratch) {
  // [quoted in the README]
  std::promise<void> completed;
  auto opened = ratchet::runtime::open(system, {.state_dir = scratch.state_dir(), .slots = 1});
  if (!opened) return {{"error", opened.error().text}};
  ratchet::runtime& lab = **opened;

  caf::scoped_actor self{system};
  self->send(lab.events(), ratchet::subscription{}, system.spawn(listener, &completed));

  json session = lab.call("autoresearch_setup", {{"repo_path", scratch.repository().string()},
                                                 {"target_file", "x.txt"},
                                                 {"run_command", scratch_repository::experiment},
                                                 {"edit_backend", "host"}});
  if (session.contains("error")) return session;
  json id = {{"session_id", session["session_id"]}};
  for (std::string x : {"4", "12", "7"}) {
    lab.call(
        "autoresearch_edit",
        {{"session_id", session["session_id"]}, {"hypothesis", "x = " + x}, {"content", x + "\n"}});
    lab.call("autoresearch_run", id);
    lab.call("autoresearch_decide", id);
  }
  json result = lab.call("autoresearch_finalize", id);
  // Events come in their own time; the last one is worth a short wait.
  completed.get_future().wait_for(std::chrono::seconds(10));
  return result;
  // [/quoted in the README]
}

int main() {
  caf::actor_system_config config;
  ratchet::runtime::prepare_config(config);
  caf::actor_system system{config};

  json result = search(system, scratch_repository{});
  std::printf("\n%s\n", result.dump(2).c_str());
  return result.value("total_improvements", 0) > 0 ? 0 : 1;
}
