// SPDX-License-Identifier: MIT
//
// Ratchet inside a C++ program: open a runtime, call its tools, listen to its events.
//
//   auto opened = ratchet::runtime::open({.state_dir = "/var/lib/lab"});
//   if (!opened) return complain(opened.error().text);
//   ratchet::runtime& lab = **opened;
//   json session = lab.call("autoresearch_setup", {{"repo_path", "."}, …});
//
// A host with an actor system of its own passes it (prepared by `prepare_config`) and may talk to
// `registry()` with the typed messages of messages/actors.hpp.
#pragma once

#include <caf/fwd.hpp>
#include <filesystem>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <string_view>

#include "actors/ports/sessions_port.hpp"
#include "messages/actors.hpp"
#include "messages/failure.hpp"
#include "runtime/embed/pending_call.hpp"

namespace ratchet {

struct runtime_options {
  /// Where sessions, store and reports live; empty: $RATCHET_STATE_DIR, else
  /// $XDG_STATE_HOME/ratchet, else ~/.local/state/ratchet. Made when absent.
  std::filesystem::path state_dir;
  /// How many experiments run side by side on this machine; 0: half its cores, at least one; -1:
  /// none, workers on other machines run them all.
  int slots = 0;
  /// How long a worker on another machine may be silent before another gets its runs; 1 … 600 s.
  std::chrono::seconds lease_time{10};
  /// The program that starts processes for Ratchet; empty: looked for beside this program.
  std::filesystem::path launcher;
  /// It is started by the first command that runs, and not at once while this program is small: for
  /// one that makes a single call.
  bool launcher_when_needed = false;
};

/// `directory` if not empty, else the default described at runtime_options::state_dir.
std::filesystem::path resolve_state_dir(const std::filesystem::path& directory);

class runtime {
 public:
  /// With an actor system of its own.
  static expected<std::unique_ptr<runtime>> open(const runtime_options& options = {});
  /// Inside the host's actor system, which must outlive the runtime.
  static expected<std::unique_ptr<runtime>> open(caf::actor_system& system,
                                                 const runtime_options& options = {});
  /// Makes a host's configuration know Ratchet's messages and errors.
  static void prepare_config(caf::actor_system_config& config);

  runtime(const runtime&) = delete;
  runtime& operator=(const runtime&) = delete;
  /// Cancels the steps at work (they are undone, or recovered at the next start) and stops the
  /// actors, in reverse order of their start, each once those before it are gone; calls that are
  /// not answered yet are, with `cancelled`. Then peers that are being told of what was learned
  /// have 1 s to answer. When it returns nothing of the runtime is left in the actor system, unless
  /// 15 s were not enough: it never blocks longer than 16 s, and says so in the log.
  ~runtime();

  /// Calls a tool; the answer is always an object, an error answer has `error` and `code`. Blocks
  /// until the answer is there or `wait_ms` of the arguments (else `default_wait_ms`; < 0: no
  /// bound) has passed. Safe from any thread that is not an actor's.
  json call(std::string_view tool, const json& arguments, std::int64_t default_wait_ms = -1);

  /// The same without blocking: `answer` is called exactly once, from a thread of the runtime or,
  /// when the arguments are refused, from this call; it must neither block nor throw.
  pending_call start_call(std::string_view tool, const json& arguments,
                          std::int64_t default_wait_ms, std::function<void(json)> answer);

  /// Ends the step at work in a session, whoever has begun it in this runtime.
  void cancel(const std::string& session_id);
  /// The last line that the session's command has printed, valid UTF-8, <= 200 bytes; empty when
  /// no command of it is at work in this runtime.
  std::string last_output(const std::string& session_id) const;

  /// Calls `deliver` from a thread of the runtime for every event after `after_seq`, in order,
  /// until the returned token is destroyed. A slow callback delays only itself.
  std::shared_ptr<void> subscribe(const subscription& wanted,
                                  std::function<void(const event&)> deliver);

  /// Adds a gate that judges after the built-in ones.
  expected<> add_gate(const std::string& name, const gate_actor& gate);

  session_registry_actor registry();
  event_hub_actor events();
  /// Names the roles of the moment, for those who outlive one of them.
  supervisor_actor front();
  caf::actor_system& system();

  /// As they are stored, for those who only look.
  sessions_port& sessions();
  const std::filesystem::path& state_dir() const;

 private:
  struct parts;
  explicit runtime(std::unique_ptr<parts> parts);
  static std::unique_ptr<runtime> start(std::unique_ptr<parts> parts,
                                        const runtime_options& options);
  std::unique_ptr<parts> parts_;
};

}  // namespace ratchet
