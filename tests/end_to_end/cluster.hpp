// SPDX-License-Identifier: MIT
//
// A node and its workers as processes of the built program, each with a state directory and, to the
// node, a link of its own.
#pragma once

#include <functional>
#include <map>
#include <memory>
#include <string>
#include <vector>

#include "tests/end_to_end/bad_link.hpp"
#include "tests/end_to_end/program.hpp"

namespace ratchet::e2e {

struct cluster_options {
  int slots = 0;                   ///< of the node itself
  std::string host = "127.0.0.1";  ///< where the node listens
  bool links = true;               ///< a bad_link between each worker and the node
  int lease_s = 10;                ///< as `ratchet node` has it
  /// What the command line of a machine ("node", a worker's name) begins with: where it is run.
  std::function<std::vector<std::string>(const std::string& machine)> place;
};

class cluster {
 public:
  explicit cluster(cluster_options options = {});
  explicit cluster(int slots) : cluster(cluster_options{.slots = slots, .place = {}}) {}

  struct worker {
    std::unique_ptr<bad_link> link;  ///< null without links
    std::unique_ptr<process> program;
    std::vector<std::string> flags;
  };

  void start_node();
  void kill_node();
  /// Starts one and waits until it has joined. More words are more flags.
  worker& add(const std::string& name, std::vector<std::string> flags = {"--slots", "2"});
  void start(const std::string& name);
  void kill(const std::string& name);
  worker& at(const std::string& name) { return workers_.at(name); }
  /// Waits until so many workers have joined, at most a minute.
  void await_workers(std::size_t count);

  /// A tool at the node, called from another process; any answer, and one that is no error.
  json call(const std::string& tool, const json& arguments) const;
  json ask(const std::string& tool, const json& arguments) const;
  /// The program at work there, to be waited for.
  std::unique_ptr<process> begin(const std::string& tool, const json& arguments) const;
  json workers() const;
  /// What the node tells Prometheus.
  std::string metrics() const;
  /// A session on p.txt whose mutations never end; the metric is the number there.
  std::string start_search(int variants, const std::string& command,
                           const json& more = json::object()) const;
  /// Every iteration is there once with one result, every run was paid for once, and the branch is
  /// where the session says.
  void check_counted_once(const std::string& id) const;

  laboratory lab;
  temp_folder others;  ///< what belongs to the other machines

 private:
  std::vector<std::string> joined(std::vector<std::string> words) const;
  std::vector<std::string> placed(const std::string& machine, std::vector<std::string> words) const;
  cluster_options options_;
  std::unique_ptr<process> node_;
  std::uint16_t port_ = 0;
  std::uint16_t metrics_port_ = 0;
  std::map<std::string, worker> workers_;
};

}  // namespace ratchet::e2e
