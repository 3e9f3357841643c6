// SPDX-License-Identifier: MIT
//
// Owners of nodes that are peers, as real processes with real sockets.
#pragma once

#include <csignal>
#include <functional>
#include <memory>

#include "tests/end_to_end/program.hpp"

namespace ratchet::e2e {

/// An owner: a repository, a state directory, and `ratchet node` listening to peers.
struct owner {
  laboratory lab;
  std::unique_ptr<process> node;
  std::string id, address;
  std::string host;  ///< where it listens

  /// `place` is what the command line of each of its processes begins with: where it is run.
  explicit owner(std::string where = "127.0.0.1", std::vector<std::string> place = {})
      : address(where + ":0"), host(std::move(where)) {
    lab.place = std::move(place);
    begin();
  }
  ~owner() {
    if (node) end(SIGTERM);
  }

  void begin() {
    node = std::make_unique<process>(
        lab.command({"node", "--listen", host + ":0", "--peers", address, "--json"}),
        lab.folder.path);
    json said;
    for (double until = now_s() + 30; now_s() < until && said.is_null();) {
      const auto out = node->out_so_far();
      if (out.find('\n') != std::string::npos)
        said = json::parse(out.substr(0, out.find('\n')), nullptr, false);
      else if (node->ends_within(10))
        break;
    }
    if (!said.is_object()) FAIL("the node did not begin");
    id = said["node"];
    address = said["peers"];
  }
  outcome end(int signal) {
    node->send(signal);
    auto ended = node->end();
    node = nullptr;
    return ended;
  }

  json peers() const { return lab.run({"peers", "--json"}).answer()["peers"]; }
  json peer(const owner& other) const {
    for (const auto& p : peers())
      if (p["node_id"] == other.id) return p;
    return nullptr;
  }
  void add(const owner& other) const {
    REQUIRE(lab.run({"peers", "add", other.id, other.address}).exit_code == 0);
  }
  /// A session whose metric goes up `improvements` times, by edits given with the calls.
  std::string improve(int improvements = 1) const {
    const auto id = lab.start();
    for (int i = 0; i < improvements; ++i) {
      lab.edit_to(id, "score: " + std::to_string(6 + i) + "\n");
      lab.ask("autoresearch_run", {{"session_id", id}});
      REQUIRE(lab.ask("autoresearch_decide", {{"session_id", id}})["decision"] == "kept");
    }
    lab.ask("autoresearch_finalize", {{"session_id", id}});
    return id;
  }
};

inline void befriend(const owner& a, const owner& b) {
  a.add(b);
  b.add(a);
}

/// Within 30 s; each look is a process.
inline bool becomes(const std::function<bool()>& so) {
  for (double until = now_s() + 30; now_s() < until;)
    if (so()) return true;
  return false;
}

}  // namespace ratchet::e2e
