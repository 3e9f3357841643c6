// SPDX-License-Identifier: MIT
//
// What a worker has of a node's sessions: their objects, fetched when they are lacking, and work
// trees that are set up once. Blocking, shared by the worker's run workers; different sessions do
// not wait for each other.
#pragma once

#include <deque>
#include <functional>
#include <map>
#include <memory>
#include <mutex>
#include <set>
#include <string>

#include "actors/ports/object_ports.hpp"
#include "actors/ports/settling_port.hpp"
#include "actors/work/world.hpp"

namespace ratchet {

/// Asks the node; each blocks until the answer is there or the connection has ended.
struct object_requests {
  std::function<expected<repository_identified>(const identify_repository&)> repository;
  std::function<expected<objects_part>(const fetch_base&)> base;
  std::function<expected<objects_part>(const fetch_change&)> change;
};

class node_copies {
 public:
  /// `w.workspaces` is where `cache` opens its work trees. Work trees of an earlier process are
  /// removed: nobody knows whether they were set up.
  /// `shared` says where on this machine a session's shared paths are, by their names.
  node_copies(world w, std::shared_ptr<object_cache_port> cache,
              std::shared_ptr<settling_port> settling, std::map<std::string, std::string> shared);

  /// A work tree in which nothing else runs until it is given back; then it is made ready for the
  /// next candidate (see settle_next), and meanwhile another one is used.
  class lane {
   public:
    lane(node_copies& copies, std::string session_id, int number, std::string directory)
        : copies_(copies),
          session_id_(std::move(session_id)),
          number_(number),
          directory_(std::move(directory)) {}
    ~lane() { copies_.give_back(session_id_, number_); }
    lane(const lane&) = delete;
    lane& operator=(const lane&) = delete;
    int number() const { return number_; }
    const std::string& directory() const { return directory_; }

   private:
    node_copies& copies_;
    std::string session_id_;
    int number_;
    std::string directory_;
  };

  /// A free work tree of the session, with every object of `wanted` (commits or trees) at hand. The
  /// run's own git answers as at the last commit among them.
  expected<std::unique_ptr<lane>> take(const std::string& session_id,
                                       const shared_settings& settings,
                                       const std::string& base_commit,
                                       const std::vector<std::string>& wanted,
                                       const object_requests& ask, const std::string& stop_key);
  /// The session is over: its work trees go, once nothing runs in them.
  void release(const std::string& session_id);
  /// A run could not be made for what its work tree is like. Objects that a power loss has damaged
  /// are such a cause: before the next run they are dropped and fetched again.
  void distrust(const std::string& session_id);
  /// Releases those that the node does not know any more.
  void drop_ended(const object_requests& ask);

  /// Called each time that a work tree has been given back, from the thread that gives it back:
  /// some other thread should then call settle_next().
  void on_given_back(std::function<void()> told);
  /// Makes one work tree that was given back ready. Nothing to do is fine.
  void settle_next();

 private:
  struct copy {
    std::mutex mutex;
    std::string key;  ///< empty until its own work tree is open and set up
    std::string directory;
    std::string base_commit;
    std::set<int> taken;  ///< those that are being made ready are still among them
    bool released = false;
    bool distrusted = false;
    bool gone = false;  ///< released for good: whoever waited for it looks for another
  };
  std::shared_ptr<copy> find(const std::string& session_id);
  /// The same, locked.
  std::pair<std::shared_ptr<copy>, std::unique_lock<std::mutex>> lock(
      const std::string& session_id);
  expected<> open(copy& c, const std::string& session_id, const shared_settings& settings,
                  const std::string& base_commit, const object_requests& ask,
                  const std::string& stop_key);
  expected<> drop_distrusted(copy& c, const std::string& session_id);
  bool forget(const std::string& key, const std::string& why);
  expected<> fetch_base_into(const std::string& key, const std::string& session_id,
                             const std::string& commit, const object_requests& ask);
  expected<> fetch_change_into(copy& c, const std::string& session_id, const std::string& id,
                               const object_requests& ask);
  expected<> move_head(copy& c, const std::string& session_id, const std::string& id,
                       const object_requests& ask);
  void give_back(const std::string& session_id, int number);
  void free(const std::string& session_id, int number);
  void remove(const std::string& session_id);

  world world_;
  std::shared_ptr<object_cache_port> cache_;
  std::shared_ptr<settling_port> settling_;
  std::map<std::string, std::string> shared_;
  std::function<void()> given_back_;
  std::mutex mutex_;
  std::deque<std::pair<std::string, int>> unsettled_;
  std::map<std::string, std::shared_ptr<copy>> copies_;
};

}  // namespace ratchet
