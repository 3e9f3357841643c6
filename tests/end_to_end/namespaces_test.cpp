// SPDX-License-Identifier: MIT
//
// A node and four workers, each in a network namespace of its own, on a bridge: the same as
// hive_test.cpp on links that the kernel makes, where this user may make them. Elsewhere the cases
// say so and end; loopback is what hive_test.cpp is for.
#include <unistd.h>

#include <csignal>
#include <cstdlib>

#include "tests/end_to_end/cluster.hpp"

using namespace ratchet;
using namespace ratchet::e2e;

namespace {

bool succeeds(const std::string& command) {
  return std::system((command + " >/dev/null 2>&1").c_str()) == 0;
}

/// Namespaces with a bridge between them; gone at the end.
class switched_network {
 public:
  explicit switched_network(const std::vector<std::string>& machines) {
    const std::string ip = fs::exists("/usr/bin/ip") ? "/usr/bin/ip" : "/sbin/ip";
    there_ = fs::exists(ip) && succeeds(ip + " netns add " + name("node"));
    if (!there_) return;
    ip_ = ip;
    machines_.push_back("node");
    run(in("node") + " link set lo up");
    run(in("node") + " link add hub type bridge");
    run(in("node") + " addr add " + address + "/24 dev hub");
    run(in("node") + " link set hub up");
    int host = 2;
    for (const auto& m : machines) {
      run(ip_ + " netns add " + name(m));
      machines_.push_back(m);
      run(in("node") + " link add " + m + " type veth peer name wire netns " + name(m));
      run(in("node") + " link set " + m + " master hub up");
      run(in(m) + " addr add 10.213.7." + std::to_string(host++) + "/24 dev wire");
      run(in(m) + " link set wire up");
      run(in(m) + " link set lo up");
    }
  }
  ~switched_network() {
    for (const auto& m : machines_) succeeds(ip_ + " netns del " + name(m));
  }
  switched_network(const switched_network&) = delete;
  switched_network& operator=(const switched_network&) = delete;

  static constexpr const char* address = "10.213.7.1";
  bool there() const { return there_; }
  cluster_options options() const {
    return {
        .slots = 0, .host = address, .links = false, .place = [this](const std::string& machine) {
          return std::vector<std::string>{ip_, "netns", "exec", name(machine)};
        }};
  }
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
  std::string in(const std::string& machine) const { return ip_ + " -n " + name(machine); }
  static void run(const std::string& command) { REQUIRE_MESSAGE(succeeds(command), command); }

  bool there_ = false;
  std::string ip_;
  std::vector<std::string> machines_;
};

const std::vector<std::string> four{"w1", "w2", "w3", "w4"};

std::string start(cluster& c, const std::string& wait) {
  for (const auto& w : four) c.add(w, {"--slots", "1"});
  return c.start_search(4, wait + "; sed 's/.*score/score/; s/#.*//' p.txt");
}

json round_of(const cluster& c, const std::string& id, const std::function<void()>& meanwhile) {
  REQUIRE(c.ask("autoresearch_edit", {{"session_id", id}})["success"] == true);
  auto run = c.begin("autoresearch_run", {{"session_id", id}});
  run->ends_within(300);
  meanwhile();
  const json ran = run->end().answer();
  CHECK_MESSAGE(ran["variants"].size() == 4, ran.dump());
  c.ask("autoresearch_decide", {{"session_id", id}});
  return ran;
}

}  // namespace

TEST_CASE("in namespaces: a pulled cable costs the time of a lease, a killed machine nothing") {
  switched_network network(four);
  if (!network.there()) {
    MESSAGE("this user may not make network namespaces here");
    return;
  }
  auto options = network.options();
  options.lease_s = 2;
  cluster c(options);
  const auto id = start(c, "sleep 0.8");
  round_of(c, id, [&] { network.connect("w1", false); });
  network.connect("w1", true);
  c.await_workers(4);
  round_of(c, id, [&] {
    c.at("w2").program->send(SIGKILL);
    c.at("w2").program->end();
  });
  c.start("w2");
  c.await_workers(4);
  round_of(c, id, [] {});
  CHECK(c.lab.rows("results") == 1 + 12);
  CHECK(c.lab.rows("benchmarks") == 1 + 12);
  CHECK(c.lab.status(id)["spark_consumed"] == 48);
}

TEST_CASE("in namespaces: latency and loss of the kernel's making lose nothing") {
  switched_network network(four);
  if (!network.there()) {
    MESSAGE("this user may not make network namespaces here");
    return;
  }
  cluster c(network.options());
  const auto id = start(c, "true");
  for (const auto& w : four)
    if (!network.make_bad(w)) {
      MESSAGE("this kernel has no netem; hive_test.cpp makes latency and loss itself");
      return;
    }
  for (int i = 0; i < 2; ++i) round_of(c, id, [] {});
  CHECK(c.lab.rows("benchmarks") == 1 + 8);
}
