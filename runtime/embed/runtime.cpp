// SPDX-License-Identifier: MIT
#include "runtime/embed/runtime.hpp"

#include <spdlog/spdlog.h>
#include <algorithm>

#include <caf/scoped_actor.hpp>
#include <chrono>
#include <cstdlib>
#include <fstream>
#include <future>
#include <iterator>
#include <mutex>
#include <thread>

#include "actors/logic/constitution.hpp"
#include "actors/logic/text.hpp"
#include "messages/timeouts.hpp"
#include "messages/type_ids.hpp"
#include "runtime/edit/editors.hpp"
#include "runtime/embed/guests.hpp"
#include "runtime/embed/system.hpp"
#include "runtime/embed/tool_client.hpp"
#include "runtime/embed/visit.hpp"
#include "runtime/embed/wiring.hpp"
#include "runtime/federation/delivery.hpp"
#include "runtime/git/session_code.hpp"
#include "runtime/git/workspaces.hpp"
#include "runtime/objects/object_parts.hpp"
#include "runtime/os/machine.hpp"
#include "runtime/os/wall_clock.hpp"
#include "runtime/process/process_runner.hpp"
#include "runtime/report/report_files.hpp"
#include "runtime/store/federation_store.hpp"
#include "runtime/store/leases.hpp"
#include "runtime/store/sqlite_store.hpp"
#include "runtime/tools/tools.hpp"

namespace ratchet {

namespace {

/// How long the end of a runtime waits for peers that are being told.
constexpr std::chrono::milliseconds last_deliveries{1000};
/// How long it waits for its actors.
constexpr std::chrono::seconds longest_end{15};

std::filesystem::path from_environment(const char* name) {
  const char* value = std::getenv(name);
  return value ? value : "";
}

expected<> check_constitution(const std::string& path) {
  if (path.empty()) return {};
  std::ifstream file(path, std::ios::binary);
  std::string text{std::istreambuf_iterator<char>(file), {}};
  auto refuse = [&path](const std::string& why) {
    return fail(errc::invalid_argument, "constitution: \"" + path + "\" " + why,
                json{{"field", "constitution"}});
  };
  if (!file.is_open() || file.bad())
    return refuse(
        "cannot be read; give the path of a rule file, or leave it out for the built-in "
        "rules");
  if (auto rules = constitution::load(text); !rules)
    return refuse("is no rule file: " + rules.error().text);
  return {};
}

expected<world> open_world(const std::filesystem::path& state_dir, const runtime_options& options) {
  world w;
  w.clock = std::make_shared<wall_clock>();
  w.machine = this_machine();
  w.lease_time = std::clamp(options.lease_time, std::chrono::seconds(1), std::chrono::seconds(600));
  // First, while this process is small: the launcher is started as a child of it.
  auto processes = open_process_runner(
      options.launcher.empty() ? find_launcher() : options.launcher, options.launcher_when_needed);
  if (!processes) return processes.error();
  w.processes = *processes;
  auto stores = open_stores(state_dir);
  if (!stores) return stores.error();
  w.sessions = stores->store;
  w.events = stores->store;
  w.benchmarks = stores->store;
  w.recipes = stores->store;
  w.federation = stores->federation;
  auto leases = open_leases(state_dir);
  if (!leases) return leases.error();
  w.leases = *leases;
  auto workspaces = open_workspaces(state_dir);
  if (!workspaces) return workspaces.error();
  w.workspaces = *workspaces;
  w.code = open_session_code(state_dir);
  w.objects = open_object_parts(state_dir);
  auto reports = open_reports(state_dir);
  if (!reports) return reports.error();
  w.reports = *reports;
  w.check_backend = [](const session_settings& settings) -> expected<> {
    if (auto ok = check_backend_choice(settings.edit_backend, settings); !ok) return ok;
    return check_constitution(settings.constitution);
  };
  w.make_editor = [processes = w.processes, store = stores->store, federation = w.federation,
                   directory = state_dir.string()](const edit_backend_choice& choice) {
    return make_editor(choice, {.process = processes.get(),
                                .benchmarks = store.get(),
                                .recipes = store.get(),
                                .state_directory = directory,
                                .federation = federation.get()});
  };
  return w;
}

/// Delivers to a callback on a thread of its own, and never after the token is gone.
struct callback_subscription {
  std::recursive_mutex mutex;  // recursive: the callback itself may drop the token
  std::function<void(const event&)> deliver;
};

struct callback_subscriber_state {
  subscription wanted;  ///< after_seq moves on with what was delivered
};
using callback_subscriber_self = subscriber_actor::stateful_pointer<callback_subscriber_state>;

/// The event_hub was started again: go on after the last event that was delivered.
void subscribe_again(callback_subscriber_self self, const supervisor_actor& supervisor) {
  self->request(supervisor, store_timeout, find_roles{})
      .then(
          [self](const session_registry_actor&, const event_hub_actor& hub,
                 const gate_chain_actor&) {
            self->monitor(hub);
            self->request(hub, store_timeout, self->state.wanted, subscriber_actor{self})
                .then([](const subscribed&) {},
                      [](const caf::error& error) {
                        spdlog::error("a subscription could not be taken up again: {}",
                                      as_failure(error, "event_hub").text);
                      });
          },
          [self](const caf::error&) { self->quit(); });  // the runtime ends, and events with it
}

subscriber_actor::behavior_type callback_subscriber(
    callback_subscriber_self self, const subscription& wanted, const supervisor_actor& supervisor,
    const event_hub_actor& hub, const std::shared_ptr<callback_subscription>& shared) {
  self->state.wanted = wanted;
  self->monitor(hub);
  self->set_down_handler(
      [self, supervisor](const caf::down_msg&) { subscribe_again(self, supervisor); });
  return {[self, shared](const event& e) {
    self->state.wanted.after_seq = e.seq;
    std::lock_guard lock(shared->mutex);
    if (shared->deliver) shared->deliver(e);
  }};
}

}  // namespace

std::filesystem::path resolve_state_dir(const std::filesystem::path& directory) {
  if (!directory.empty()) return std::filesystem::absolute(directory);
  if (auto own = from_environment("RATCHET_STATE_DIR"); !own.empty())
    return std::filesystem::absolute(own);
  if (auto xdg = from_environment("XDG_STATE_HOME"); xdg.is_absolute()) return xdg / "ratchet";
  auto home = from_environment("HOME");
  return (home.empty() ? std::filesystem::path("/var/lib") : home / ".local/state") / "ratchet";
}

struct runtime::parts {
  // In order of construction; a runtime in a host's system has no system of its own.
  std::unique_ptr<system_config> config;
  std::unique_ptr<caf::actor_system> own_system;
  caf::actor_system* system = nullptr;
  std::filesystem::path state_dir;
  ratchet::world world;
  std::shared_ptr<federation::delivery> delivery;
  supervisor_actor supervisor;
  ratchet::guests guests;
};

expected<std::unique_ptr<runtime>> runtime::open(const runtime_options& options) {
  const visit here;
  auto p = std::make_unique<parts>();
  p->state_dir = resolve_state_dir(options.state_dir);
  auto w = open_world(p->state_dir, options);
  if (!w) return w.error();
  p->world = std::move(*w);
  p->config = std::make_unique<system_config>();
  p->own_system = std::make_unique<caf::actor_system>(*p->config);
  p->system = p->own_system.get();
  return start(std::move(p), options);
}

expected<std::unique_ptr<runtime>> runtime::open(caf::actor_system& system,
                                                 const runtime_options& options) {
  const visit here;
  auto p = std::make_unique<parts>();
  p->state_dir = resolve_state_dir(options.state_dir);
  auto w = open_world(p->state_dir, options);
  if (!w) return w.error();
  p->world = std::move(*w);
  p->system = &system;
  return start(std::move(p), options);
}

std::unique_ptr<runtime> runtime::start(std::unique_ptr<parts> p, const runtime_options& options) {
  wiring_options wiring;
  const auto half = std::max(1u, std::thread::hardware_concurrency() / 2);
  wiring.slots = options.slots > 0    ? static_cast<std::size_t>(options.slots)
                 : options.slots == 0 ? half
                                      : 0;
  auto delivery =
      std::make_shared<federation::delivery>(p->state_dir, p->world.federation, p->world.clock);
  // Weak: an actor that ends late must not keep the peers' connections open.
  p->world.deliver_soon = [weak = std::weak_ptr(delivery)] {
    if (auto alive = weak.lock()) alive->deliver_soon();
  };
  delivery->start();
  p->delivery = std::move(delivery);
  p->supervisor = wire(*p->system, p->world, wiring);
  return std::unique_ptr<runtime>(new runtime(std::move(p)));
}

void runtime::prepare_config(caf::actor_system_config& config) { add_ratchet_types(config); }

runtime::runtime(std::unique_ptr<parts> p) : parts_(std::move(p)) {}

namespace {

/// False when some were still there at the deadline, or had left others behind.
bool await_ends(const caf::scoped_actor& self, const std::vector<caf::actor>& whom,
                std::chrono::steady_clock::time_point deadline) {
  using std::chrono::milliseconds;
  for (const auto& actor : whom) self->monitor(actor);
  bool all_gone = true;
  for (auto left = whom.size(); left > 0 && all_gone; --left) {
    const auto time = std::chrono::ceil<milliseconds>(deadline - std::chrono::steady_clock::now());
    self->receive(
        [&](const caf::down_msg& down) { all_gone = down.reason != caf::exit_reason::kill; },
        caf::after(std::max(time, milliseconds(0))) >> [&] { all_gone = false; });
  }
  return all_gone;
}

}  // namespace

runtime::~runtime() {
  const visit here;
  auto& p = *parts_;
  const auto deadline = std::chrono::steady_clock::now() + longest_end;
  p.world.stops->cancel_all();
  bool ended = false;
  {
    caf::scoped_actor self{*p.system};
    self->send_exit(p.supervisor, caf::exit_reason::user_shutdown);
    ended = await_ends(self, {caf::actor_cast<caf::actor>(p.supervisor)}, deadline) &&
            await_ends(self, p.guests.present(), deadline);
  }
  // A peer that is there gets what this process has learned; one that is not is called by the next.
  p.delivery->finish(last_deliveries);
  if (ended) return;
  spdlog::warn("the actors did not end within {} s; steps at work are recovered at the next start",
               longest_end.count());
  // The system's own end would wait for them without a bound: it stays, with what it needs.
  (void)p.config.release();
  (void)p.own_system.release();
}

namespace {

/// The roles are asked for each time: they may have been started again since.
template <class Handle, std::size_t Index>
Handle find_role(caf::actor_system& system, const supervisor_actor& supervisor) {
  Handle found;
  const visit here;
  caf::scoped_actor self{system};
  self->request(supervisor, store_timeout, find_roles{})
      .receive(
          [&](session_registry_actor& registry, event_hub_actor& hub, gate_chain_actor& gates) {
            found = std::get<Index>(std::tie(registry, hub, gates));
          },
          [](const caf::error&) {});
  return found;
}

}  // namespace

supervisor_actor runtime::front() { return parts_->supervisor; }

session_registry_actor runtime::registry() {
  return find_role<session_registry_actor, 0>(*parts_->system, parts_->supervisor);
}

event_hub_actor runtime::events() {
  return find_role<event_hub_actor, 1>(*parts_->system, parts_->supervisor);
}

caf::actor_system& runtime::system() { return *parts_->system; }
sessions_port& runtime::sessions() { return *parts_->world.sessions; }
const std::filesystem::path& runtime::state_dir() const { return parts_->state_dir; }

expected<> runtime::add_gate(const std::string& name, const gate_actor& gate) {
  expected<> result;
  const visit here;
  caf::scoped_actor self{*parts_->system};
  self->request(parts_->supervisor, store_timeout, ratchet::add_gate{name}, gate)
      .receive([](const done&) {},
               [&](const caf::error& error) { result = as_failure(error, "the runtime"); });
  return result;
}

std::shared_ptr<void> runtime::subscribe(const subscription& wanted,
                                         std::function<void(const event&)> deliver) {
  const visit here;
  auto shared = std::make_shared<callback_subscription>();
  shared->deliver = std::move(deliver);
  auto hub = events();
  subscriber_actor subscriber = parts_->system->spawn<caf::detached>(
      callback_subscriber, wanted, parts_->supervisor, hub, shared);
  parts_->guests.add(subscriber);
  caf::scoped_actor self{*parts_->system};
  self->request(hub, store_timeout, wanted, subscriber)
      .receive([](const subscribed&) {},
               [](const caf::error& error) {
                 spdlog::error("subscription failed: {}", as_failure(error, "event_hub").text);
               });
  return {shared.get(), [shared, subscriber](void*) {
            {
              std::lock_guard lock(shared->mutex);
              shared->deliver = nullptr;
            }
            caf::anon_send_exit(subscriber, caf::exit_reason::user_shutdown);
          }};
}

// -- tools ----------------------------------------------------------------------------------------

pending_call runtime::start_call(std::string_view tool, const json& arguments,
                                 std::int64_t default_wait_ms, std::function<void(json)> answer) {
  auto ready = read_call(tool, arguments, default_wait_ms);
  if (!ready) {
    answer(error_answer(ready.error()));
    return {};
  }
  const visit here;
  const std::string session_id = session_of(ready->request);
  auto client = call_tool(*parts_->system, parts_->supervisor, std::string(tool),
                          std::move(ready->request), ready->wait_ms, std::move(answer),
                          fail(errc::internal, "the runtime has ended; open a new one"));
  parts_->guests.add(client);
  return {session_id, [client, session_id] { caf::anon_send(client, cancel_step{session_id}); }};
}

void runtime::cancel(const std::string& session_id) {
  if (auto registry = this->registry()) caf::anon_send(registry, cancel_step{session_id});
}

std::string runtime::last_output(const std::string& session_id) const {
  return valid_utf8(parts_->world.output->last_line(session_id));
}

json runtime::call(std::string_view tool, const json& arguments, std::int64_t default_wait_ms) {
  // Shared: the thread that sets it may still be in there when this one is gone.
  auto promise = std::make_shared<std::promise<json>>();
  start_call(tool, arguments, default_wait_ms,
             [promise](json answer) { promise->set_value(std::move(answer)); });
  return promise->get_future().get();
}

}  // namespace ratchet
