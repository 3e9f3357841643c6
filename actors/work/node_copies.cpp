// SPDX-License-Identifier: MIT
#include "actors/work/node_copies.hpp"

#include <spdlog/spdlog.h>

#include "actors/work/experiment.hpp"

namespace ratchet {

node_copies::node_copies(world w, std::shared_ptr<object_cache_port> cache,
                         std::shared_ptr<settling_port> settling,
                         std::map<std::string, std::string> shared)
    : world_(std::move(w)),
      cache_(std::move(cache)),
      settling_(std::move(settling)),
      shared_(std::move(shared)) {
  auto left = cache_->open_sessions();
  if (!left) return;
  for (const auto& id : *left) remove(id);
}

std::shared_ptr<node_copies::copy> node_copies::find(const std::string& session_id) {
  std::lock_guard lock(mutex_);
  auto& c = copies_[session_id];
  if (!c) c = std::make_shared<copy>();
  return c;
}

std::pair<std::shared_ptr<node_copies::copy>, std::unique_lock<std::mutex>> node_copies::lock(
    const std::string& session_id) {
  for (;;) {
    auto c = find(session_id);
    std::unique_lock held(c->mutex);
    if (!c->gone) return {std::move(c), std::move(held)};
  }
}

expected<> node_copies::fetch_base_into(const std::string& key, const std::string& session_id,
                                        const std::string& commit, const object_requests& ask) {
  auto import = cache_->import_base(key, commit);
  if (!import) return import.error();
  fetch_base next{session_id, commit, 0};
  for (;;) {
    auto part = ask.base(next);
    if (!part) return part.error();
    if (part->bytes.empty()) break;
    if (auto ok = (*import)->append(part->bytes); !ok) return ok.error();
    next.offset += static_cast<std::int64_t>(part->bytes.size());
    if (next.offset >= part->total) break;
  }
  auto tree = (*import)->finish();
  if (!tree) return tree.error();
  spdlog::info("session {}: its base has arrived, {} KB", session_id, (next.offset + 1023) / 1024);
  return {};
}

/// False while another session uses them.
bool node_copies::forget(const std::string& key, const std::string& why) {
  if (!cache_->forget(key)) return false;
  spdlog::warn(
      "the objects of repository {} are dropped and fetched again, as they may be damaged: {}",
      key.substr(0, 12), why);
  return true;
}

expected<> node_copies::drop_distrusted(copy& c, const std::string& session_id) {
  if (!c.taken.empty())
    return fail(errc::workspace_failed,
                "its objects may be damaged on this worker and are fetched again once its other "
                "runs there have ended");
  c.distrusted = false;
  remove(session_id);
  forget(std::exchange(c.key, {}), "a run could not be made with them");
  return {};
}

expected<> node_copies::open(copy& c, const std::string& session_id,
                             const shared_settings& settings, const std::string& base_commit,
                             const object_requests& ask, const std::string& stop_key) {
  std::map<std::string, std::string> shared;
  for (const auto& path : settings->shared_paths) {
    auto here = shared_.find(path);
    if (here == shared_.end())
      return fail(errc::repository_refused,
                  "the shared path " + path + " is not on worker " + world_.machine.name +
                      "; start it with --share " + path + "=DIR, where DIR has it",
                  json{{"field", "shared_paths"}});
    shared.insert(*here);
  }
  auto found = ask.repository({session_id});
  if (!found) return found.error();
  auto cut = [&]() -> expected<workspace_info> {
    auto has = cache_->has(found->key, base_commit);
    if (!has) return has.error();
    if (!*has)
      if (auto ok = fetch_base_into(found->key, session_id, base_commit, ask); !ok)
        return ok.error();
    return cache_->open_work_tree(session_id, found->key, base_commit, settings, shared);
  };
  auto opened = cut();
  if (!opened && opened.error().code == errc::workspace_failed &&
      forget(found->key, opened.error().text))
    opened = cut();
  if (!opened) return opened.error();
  c.directory = opened->directory;
  if (!settings->setup_command.empty()) {
    run_setup setup{session_id, settings, opened->directory};
    if (auto ok = set_up_workspace(world_, setup, 0, stop_key); !ok) {
      remove(session_id);
      return ok;
    }
  }
  c.base_commit = base_commit;
  c.key = found->key;
  return {};
}

expected<> node_copies::fetch_change_into(copy& c, const std::string& session_id,
                                          const std::string& id, const object_requests& ask) {
  auto has = cache_->has(c.key, id);
  if (!has) return has.error();
  if (*has) return {};
  auto change = ask.change({session_id, c.base_commit, id});
  if (!change) return change.error();
  auto made = cache_->import_change(c.key, c.base_commit, change->bytes);
  if (!made) return made.error();
  if (*made != id)
    return fail(errc::workspace_failed, "the node sent " + *made + " where " + id +
                                            " was asked for; both should be of one version");
  return {};
}

expected<> node_copies::move_head(copy& c, const std::string& session_id, const std::string& id,
                                  const object_requests& ask) {
  for (std::string last;;) {
    auto lacking = cache_->move_head(session_id, id);
    if (!lacking) return lacking.error();
    if (lacking->empty()) return {};
    if (*lacking == last)
      return fail(errc::workspace_failed, "its ancestor " + last + " is damaged");
    last = *lacking;
    if (auto ok = fetch_change_into(c, session_id, *lacking, ask); !ok) return ok;
  }
}

expected<std::unique_ptr<node_copies::lane>> node_copies::take(
    const std::string& session_id, const shared_settings& settings, const std::string& base_commit,
    const std::vector<std::string>& wanted, const object_requests& ask,
    const std::string& stop_key) {
  const auto [c, held] = lock(session_id);
  c->released = false;
  if (c->distrusted)
    if (auto ok = drop_distrusted(*c, session_id); !ok) return ok.error();
  if (c->key.empty())
    if (auto ok = open(*c, session_id, settings, base_commit, ask, stop_key); !ok)
      return ok.error();
  for (const auto& id : wanted) {
    if (auto ok = fetch_change_into(*c, session_id, id, ask); !ok) return ok.error();
    if (auto ok = move_head(*c, session_id, id, ask); !ok)
      spdlog::warn("session {}: git in runs here does not answer as at {}: {}", session_id, id,
                   ok.error().text);
  }
  int number = 0;
  while (c->taken.count(number) > 0) ++number;
  std::string directory = c->directory;
  if (number > 0) {
    run_experiment job;
    job.session_id = session_id;
    job.settings = settings;
    job.lane = number;
    auto opened = open_lane(world_, job, stop_key);
    if (!opened) return opened.error();
    directory = *opened;
  }
  c->taken.insert(number);
  return std::make_unique<lane>(*this, session_id, number, directory);
}

void node_copies::give_back(const std::string& session_id, int number) {
  std::function<void()> told;
  {
    std::lock_guard lock(mutex_);
    told = given_back_;
    if (settling_ && told) unsettled_.emplace_back(session_id, number);
  }
  if (!settling_ || !told) return free(session_id, number);
  told();
}

void node_copies::on_given_back(std::function<void()> told) {
  std::lock_guard lock(mutex_);
  given_back_ = std::move(told);
}

void node_copies::settle_next() {
  std::unique_lock all(mutex_);
  if (unsettled_.empty()) return;
  const auto [session_id, number] = unsettled_.front();
  unsettled_.pop_front();
  all.unlock();
  // Nothing runs there, and nobody else can take it: what the restore finds holds until the next.
  auto ok = settling_->settle({session_id, number}, find(session_id)->base_commit);
  if (!ok)
    spdlog::warn("session {}: a work tree is not ready ahead of its next run: {}", session_id,
                 ok.error().text);
  free(session_id, number);
}

void node_copies::free(const std::string& session_id, int number) {
  {
    const auto [c, held] = lock(session_id);
    c->taken.erase(number);
    if (!c->released || !c->taken.empty()) return;
  }
  release(session_id);
}

void node_copies::release(const std::string& session_id) {
  const auto [c, held] = lock(session_id);
  c->released = true;
  if (!c->taken.empty()) return;
  remove(session_id);
  c->gone = true;
  std::lock_guard all(mutex_);
  copies_.erase(session_id);
}

void node_copies::distrust(const std::string& session_id) {
  const auto [c, held] = lock(session_id);
  c->distrusted = !c->key.empty();
}

void node_copies::drop_ended(const object_requests& ask) {
  std::set<std::string> kept;
  if (auto open = cache_->open_sessions()) kept.insert(open->begin(), open->end());
  {
    std::lock_guard all(mutex_);
    for (const auto& [session_id, c] : copies_) kept.insert(session_id);
  }
  for (const auto& session_id : kept) {
    auto known = ask.repository({session_id});
    if (known || known.error().code != errc::unknown_session) continue;
    spdlog::info("session {} has ended at the node; its work trees go", session_id);
    release(session_id);
  }
}

void node_copies::remove(const std::string& session_id) {
  world_.lanes->forget(session_id);
  if (auto ok = world_.workspaces->remove(session_id); !ok)
    spdlog::warn("session {}: its work trees are left here: {}", session_id, ok.error().text);
}

}  // namespace ratchet
