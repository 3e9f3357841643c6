// SPDX-License-Identifier: MIT
//
// A member of a node on another machine: its calls, events and agent hosts.
#include <csignal>
#include <fstream>

#include "tests/end_to_end/mcp_host.hpp"
#include "tests/end_to_end/two_machines.hpp"

using namespace ratchet;
using namespace ratchet::e2e;

namespace {

/// Waits until a follower has printed so many events, or 30 s.
std::vector<json> followed(process& follower, std::size_t count) {
  for (double until = now_s() + 30; now_s() < until;) {
    auto all = json_lines_of(follower.out_so_far());
    if (all.size() >= count || follower.ends_within(10)) return all;
  }
  return json_lines_of(follower.out_so_far());
}

}  // namespace

TEST_CASE("a member's search at a node: setup to finalize, status and events, as at home") {
  two_machines m;
  m.invite("laptop");
  const std::string id = m.ask("autoresearch_setup", m.lab.setup_arguments())["session_id"];
  m.ask("autoresearch_edit", {{"session_id", id}, {"content", "score: 7\n"}});
  const json run = m.ask("autoresearch_run", {{"session_id", id}});
  CHECK(run["metric_value"] == 7);
  CHECK(m.ask("autoresearch_decide", {{"session_id", id}})["decision"] == "kept");
  CHECK(m.ask("autoresearch_finalize", {{"session_id", id}})["status"] == "completed");
  // The node's machine sees what the member did, and the member what the node has.
  CHECK(m.lab.status(id)["best_metric"] == 7);
  CHECK(m.lab.git("show ratchet/" + id + ":p.txt").find("score: 7") != std::string::npos);
  const auto status = m.remote({"status", "--json"});
  CHECK(status.exit_code == 0);
  REQUIRE(status.answer()["sessions"].size() == 1);
  CHECK(status.answer()["sessions"][0]["status"] == "completed");
  CHECK(m.remote({"status", id}).out.find(id) != std::string::npos);
  CHECK(m.remote({"status", "000000000000"}).exit_code == 1);
  CHECK(m.remote({"events", "--json"}).out == m.lab.run({"events", "--json"}).out);
  CHECK(m.remote({"events", "--json", "--topic", "*.promoted"}).out ==
        m.lab.run({"events", "--json", "--topic", "*.promoted"}).out);
  CHECK(m.remote({"events", "--after", "100000"}).out.empty());
  CHECK_FALSE(fs::exists(m.member.path / "state"));
  m.node->send(SIGTERM);
  CHECK(m.node->end().exit_code == 0);
  CHECK(m.node->all_gone());
}

TEST_CASE("a follower goes on after kill -9 of the node: no event is missing, none comes twice") {
  two_machines m;
  m.invite("laptop");
  process follower(m.command({"events", "--follow", "--json"}), m.member.path);
  m.ask("autoresearch_setup", m.lab.setup_arguments());
  REQUIRE(followed(follower, 2).size() >= 2);
  for (int round = 0; round < 3; ++round) {
    m.node->send(SIGKILL);
    m.node->end();
    m.lab.start();  // another process on the same state directory writes on
    m.start(m.listens);
    m.ask("autoresearch_setup", m.lab.setup_arguments());
  }
  const auto stored = json_lines_of(m.lab.run({"events", "--json"}).out);
  const auto seen = followed(follower, stored.size());
  REQUIRE(seen.size() == stored.size());
  for (std::size_t i = 0; i < seen.size(); ++i) CHECK(seen[i] == stored[i]);
  follower.send(SIGINT);
  const auto end = follower.end();
  CHECK(end.exit_code == 0);
  CHECK(end.err.find("no event will be missed") != std::string::npos);
}

TEST_CASE("a call whose node is killed says so at once, and the step is recovered") {
  two_machines m;
  m.invite("laptop");
  const auto began = m.lab.folder.path / "began";
  process call(
      m.command(
          {"call", "autoresearch_setup",
           m.lab.setup_arguments({{"run_command", "touch '" + began.string() + "'; sleep 300"}})
               .dump()}),
      m.member.path);
  for (double until = now_s() + 30; now_s() < until && !fs::exists(began);)
    REQUIRE_FALSE(call.ends_within(10));
  m.node->send(SIGKILL);
  m.node->end();
  REQUIRE(call.ends_within(10'000));
  const auto lost = call.end();
  CHECK(lost.exit_code == 1);
  CHECK(lost.answer()["code"] == "worker_lost");
  CHECK(lost.answer()["error"].get<std::string>().find("ask for the status") != std::string::npos);
  m.start(m.listens);
  CHECK(m.remote({"status"}).exit_code == 0);
}

TEST_CASE(
    "an agent host on the member's machine works at the node, also after the node's restart") {
  two_machines m;
  m.invite("laptop");
  mcp_host host(m.command({"mcp"}));
  host.initialize();
  const std::string id = host.call("autoresearch_setup", m.lab.setup_arguments())["session_id"];
  host.call("autoresearch_edit", {{"session_id", id}, {"content", "score: 9\n"}});
  CHECK(host.call("autoresearch_run", {{"session_id", id}})["metric_value"] == 9);
  m.node->send(SIGKILL);
  m.node->end();
  CHECK(host.call("get_autoresearch_status", {{"session_id", id}})["code"] == "worker_lost");
  m.start(m.listens);
  CHECK(host.call("autoresearch_decide", {{"session_id", id}})["decision"] == "kept");
  // Sessions are resources there too, and a subscription outlives the node.
  const auto listed = host.ask(90, "resources/list")["result"]["resources"];
  REQUIRE(listed.size() == 1);
  const std::string uri = listed[0]["uri"];
  CHECK(uri == "ratchet://sessions/" + id);
  CHECK(host.ask(91, "resources/templates/list")["result"]["resourceTemplates"].size() == 1);
  const auto read = host.ask(92, "resources/read", {{"uri", uri}})["result"]["contents"][0];
  CHECK(json::parse(read["text"].get<std::string>())["best_metric"] == 9);
  CHECK(host.ask(93, "resources/read",
                 {{"uri", "ratchet://sessions/0123456789ab"}})["error"]["code"] == -32002);
  host.ask(94, "resources/subscribe", {{"uri", uri}});
  m.node->send(SIGKILL);
  m.node->end();
  CHECK(host.ask(95, "resources/read", {{"uri", uri}})["error"]["code"] == -32603);
  m.start(m.listens);
  host.call("autoresearch_edit", {{"session_id", id}, {"content", "score: 3\n"}});
  host.heard(
      [](const json& n) { return n.value("method", "") == "notifications/resources/updated"; });
  CHECK(m.lab.status(id)["best_metric"] == 9);
  CHECK_FALSE(fs::exists(m.member.path / "state"));
  host.close_input();
  CHECK(host.end_within(20'000) == 0);
  CHECK(m.remote({"mcp", "--http", "0"}).exit_code == 2);
}

TEST_CASE("a member that is revoked is cut off while it follows, and told why") {
  two_machines m;
  m.invite("laptop");
  m.invite("desk");
  process follower(m.command({"events", "--follow", "--json"}), m.member.path);
  m.ask("autoresearch_setup", m.lab.setup_arguments());
  REQUIRE(followed(follower, 2).size() >= 2);
  CHECK(m.lab.run({"node", "members"}).out.find("laptop") != std::string::npos);
  CHECK(m.lab.run({"node", "revoke", "laptop"}).exit_code == 0);
  REQUIRE(follower.ends_within(20'000));
  const auto end = follower.end();
  CHECK(end.exit_code == 1);
  CHECK(end.out.find("does not accept our key") != std::string::npos);
  CHECK(m.remote({"status"}).err.find("revoked") != std::string::npos);
  CHECK(m.lab.run({"node", "members"}).out.find("laptop") == std::string::npos);
  CHECK(m.lab.run({"node", "members", "--json"}).answer()["members"].size() == 1);
}

TEST_CASE("a node is reached over IPv6, by its members and its owner") {
  std::ifstream loopback("/proc/net/if_inet6");
  if (!loopback.peek() || loopback.peek() == std::ifstream::traits_type::eof()) {
    MESSAGE("this machine has no IPv6");
    return;
  }
  two_machines m;
  for (const char* where : {"[::1]:0", "[::]:0"}) {
    m.node->send(SIGTERM);
    CHECK(m.node->end().exit_code == 0);
    m.start(where);
    const auto port = m.listens.substr(m.listens.rfind(':'));
    CHECK(m.lab
              .run({"node", "invite", "--again", "laptop", "--output", m.file().string(),
                    "--address", "[::1]" + port})
              .exit_code == 0);
    CHECK(m.remote({"status"}).exit_code == 0);
    process worker(m.command({"worker", "--slots", "1"}), m.member.path);
    while (worker.out_so_far().find("joined the node at [::1]") == std::string::npos)
      REQUIRE_FALSE(worker.ends_within(10));
    CHECK(m.lab.run({"workers"}).out.find("worker  ") != std::string::npos);
  }
}

TEST_CASE(
    "a worker of another protocol learns both versions and ends; one of another version not") {
  two_machines m;
  m.invite("laptop");
  auto told = [&](const char* how) {
    process worker({RATCHET_BIN_DIR "/bad_worker", m.file().string(), how}, m.member.path);
    for (double until = now_s() + 30; worker.out_so_far().empty() && now_s() < until;)
      worker.ends_within(10);
    return worker.out_so_far();
  };
  const auto refused = told("other");
  CHECK_MESSAGE(refused.find("protocol 2") != std::string::npos, refused);
  CHECK(refused.find("protocol 1") != std::string::npos);
  CHECK(refused.find("install the same version") != std::string::npos);
  CHECK(told("silent") == "joined\n");
}

TEST_CASE("what can go wrong with invitations and addresses is said, with what to do") {
  laboratory lab;
  auto says = [&](const std::vector<std::string>& words, int status, const std::string& text) {
    const auto o = lab.run(words);
    CHECK(o.exit_code == status);
    CHECK_MESSAGE((o.out + o.err).find(text) != std::string::npos, o.out << o.err);
  };
  const auto file = lab.folder.path / "x.invite";
  says({"--join", file.string(), "status"}, 1, "No such file");
  says({"node", "invite", "../x"}, 1, "no name for a member");
  says({"node", "invite", "x", "--address", "nonsense"}, 2, "HOST:PORT");
  says({"node", "invite", "x", "--output", file.string()}, 0, "works on this machine alone");
  says({"node", "invite", "x", "--output", file.string() + "2"}, 1, "already");
  says({"node", "revoke", "y"}, 1, "no member called y");
  says({"node", "--listen", "nonsense"}, 2, "HOST:PORT");
  says({"node", "--lease", "0"}, 2, "--lease");
  says({"node", "--listen", "192.0.2.1:1"}, 1, "cannot listen on 192.0.2.1:1");
  says({"node", "invite", "--no-such"}, 2, "no --no-such");
  says({"--join", file.string(), "peers"}, 2, "--join does not work with");
  fs::permissions(file, fs::perms{0644});
  says({"--join", file.string(), "status"}, 1, "chmod 600");
}
