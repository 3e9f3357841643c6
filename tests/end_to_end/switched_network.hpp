// SPDX-License-Identifier: MIT
//
// Machines as network namespaces on a bridge, where this user may make them.
#pragma once

#include <unistd.h>

#include <csignal>
#include <cstdlib>

#include "tests/end_to_end/cluster.hpp"

namespace ratchet::e2e {

/// Namespaces with a bridge between them; gone at the end.
class switched_network {
 public:
  explicit switched_network(const std::vector<std::string>& machines) {
    const std::string ip = fs::exists("/usr/bin/ip") ? "/usr/bin/ip" : "/sbin/ip";
    there_ = fs::exists(ip) && succeeds(ip + " netns add " + name("node"));
    if (!there_) return;
    made_.ip = ip;
    made_.machines.push_back("node");
    run(in("node") + " link set lo up");
    run(in("node") + " link add hub type bridge");
    run(in("node") + " addr add " + address + "/24 dev hub");
    run(in("node") + " link set hub up");
    int number = 0;
    for (const auto& m : machines) {
      run(made_.ip + " netns add " + name(m));
      made_.machines.push_back(m);
      run(in("node") + " link add " + m + " type veth peer name wire netns " + name(m));
      run(in("node") + " link set " + m + " master hub up");
      run(in(m) + " addr add " + address_of(number++) + "/24 dev wire");
      run(in(m) + " link set wire up");
      run(in(m) + " link set lo up");
    }
  }
  switched_network(const switched_network&) = delete;
  switched_network& operator=(const switched_network&) = delete;

  static constexpr const char* prefix = "10.213.7.";
  static constexpr const char* address = "10.213.7.1";  ///< the node's
  bool there() const { return there_; }
  cluster_options options() const {
    return {
        .slots = 0, .host = address, .links = false, .place = [this](const std::string& machine) {
          return place(machine);
        }};
  }
  std::vector<std::string> place(const std::string& machine) const {
    return {made_.ip, "netns", "exec", name(machine)};
  }
  /// Of those that were named, in their order: 0 is the first.
  static std::string address_of(int machine) { return prefix + std::to_string(machine + 2); }
  /// The cable of a machine, pulled and put back.
  void connect(const std::string& machine, bool up) const {
    run(in("node") + " link set " + machine + (up ? " up" : " down"));
  }
  /// 200 ms there and back and 5 % of loss each way; false when this kernel has no netem.
  bool make_bad(const std::string& machine) const {
    const std::string tc = "/sbin/tc -n " + name("node") + " qdisc add dev " + machine +
                           " root netem delay 200ms loss 5%";
    return succeeds(tc);
  }

 private:
  static std::string name(const std::string& machine) {
    return "ratchet-" + std::to_string(::getpid()) + "-" + machine;
  }
  std::string in(const std::string& machine) const { return made_.ip + " -n " + name(machine); }
  static bool succeeds(const std::string& command) {
    return std::system((command + " >/dev/null 2>&1").c_str()) == 0;
  }
  static void run(const std::string& command) { REQUIRE_MESSAGE(succeeds(command), command); }

  bool there_ = false;
  /// Gone also when a later one could not be made.
  struct namespaces {
    std::string ip;
    std::vector<std::string> machines;
    ~namespaces() {
      for (const auto& m : machines) succeeds(ip + " netns del " + name(m));
    }
  } made_;
};

}  // namespace ratchet::e2e
