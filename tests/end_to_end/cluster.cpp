// SPDX-License-Identifier: MIT
#include "tests/end_to_end/cluster.hpp"

#include <csignal>

#include "tests/support/raw_client.hpp"

namespace ratchet::e2e {

namespace {

/// Waits until a process has printed `word`; it must not end before.
void await_word(process& p, const std::string& word) {
  for (double until = now_s() + 60; now_s() < until;) {
    if (p.out_so_far().find(word) != std::string::npos) return;
    REQUIRE_FALSE(p.ends_within(10));
  }
  FAIL("no \"" << word << "\" in: " << p.out_so_far());
}

}  // namespace

cluster::cluster(cluster_options options) : options_(std::move(options)) {
  write_text(lab.repository / "p.txt", "score: 500000  # ratchet: range 1..1000000\n");
  lab.git("-c user.name=t -c user.email=t@localhost commit -qam 'many values'");
  start_node();
  REQUIRE(lab.run({"node", "invite", "me", "--output", (others.path / "me.invite").string()})
              .exit_code == 0);
}

void cluster::start_node() {
  const auto where = options_.host + ":" + std::to_string(port_);
  node_ = std::make_unique<process>(
      placed("node", lab.command({"node", "--listen", where, "--slots",
                                  std::to_string(options_.slots), "--lease",
                                  std::to_string(options_.lease_s), "--metrics", "0", "--json"})),
      lab.folder.path);
  await_word(*node_, "\n");
  const auto said = json::parse(node_->out_so_far().substr(0, node_->out_so_far().find('\n')));
  const auto listens = said["listen"].get<std::string>();
  const auto url = said["metrics"].get<std::string>();
  metrics_port_ = static_cast<std::uint16_t>(std::stoi(url.substr(url.find(':', 6) + 1)));
  port_ = static_cast<std::uint16_t>(std::stoi(listens.substr(listens.rfind(':') + 1)));
}

void cluster::kill_node() {
  node_->send(SIGKILL);
  node_->end();
  node_.reset();
}

cluster::worker& cluster::add(const std::string& name, std::vector<std::string> flags) {
  auto& w = workers_[name];
  if (options_.links) w.link = std::make_unique<bad_link>(port_);
  const auto port = options_.links ? w.link->port() : port_;
  w.flags = std::move(flags);
  REQUIRE(lab.run({"node", "invite", name, "--output", (others.path / (name + ".invite")).string(),
                   "--address", options_.host + ":" + std::to_string(port)})
              .exit_code == 0);
  start(name);
  return w;
}

void cluster::start(const std::string& name) {
  auto& w = workers_.at(name);
  std::vector<std::string> words{lab.program,
                                 "--join",
                                 (others.path / (name + ".invite")).string(),
                                 "--state-dir",
                                 (others.path / name).string(),
                                 "worker",
                                 "--name",
                                 name};
  words.insert(words.end(), w.flags.begin(), w.flags.end());
  w.program = std::make_unique<process>(placed(name, std::move(words)), others.path);
  await_word(*w.program, "joined the node");
}

void cluster::kill(const std::string& name) {
  auto& w = workers_.at(name);
  w.program->send(SIGKILL);
  w.program->end();
  CHECK(w.program->all_gone());
  w.program.reset();
}

std::vector<std::string> cluster::joined(std::vector<std::string> words) const {
  words.insert(words.begin(), {lab.program, "--join", (others.path / "me.invite").string()});
  return placed("node", std::move(words));
}

std::vector<std::string> cluster::placed(const std::string& machine,
                                         std::vector<std::string> words) const {
  if (!options_.place) return words;
  auto all = options_.place(machine);
  all.insert(all.end(), words.begin(), words.end());
  return all;
}

json cluster::call(const std::string& tool, const json& arguments) const {
  return process(joined({"call", tool, arguments.dump()}), others.path).end().answer();
}

json cluster::ask(const std::string& tool, const json& arguments) const {
  auto answer = call(tool, arguments);
  CHECK_MESSAGE(!answer.contains("code"), tool << ": " << answer.dump());
  return answer;
}

std::unique_ptr<process> cluster::begin(const std::string& tool, const json& arguments) const {
  return std::make_unique<process>(joined({"call", tool, arguments.dump()}), others.path);
}

json cluster::workers() const {
  json all = json::array();
  const auto listed = process(joined({"workers", "--json"}), others.path).end();
  if (listed.exit_code != 0) return json{{"failed", listed.err}};
  const json answer = listed.answer();
  for (const auto& w : answer["workers"])
    if (w["worker_id"] != 0) all.push_back(w);
  return all;
}

std::string cluster::metrics() const {
  testing::raw_client client(metrics_port_);
  client.say("GET /metrics HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n");
  return client.hear("no more than all of it");
}

void cluster::await_workers(std::size_t count) {
  for (double until = now_s() + 60; now_s() < until;)
    if (const json there = workers(); there.is_array() && there.size() == count) return;
  std::string said;
  for (const auto& [name, w] : workers_)
    if (w.program) said += name + ": " + w.program->out_so_far();
  FAIL("there are " << workers().dump() << "\n" << said);
}

std::string cluster::start_search(int variants, const std::string& command,
                                  const json& more) const {
  json arguments = lab.setup_arguments({{"run_command", command},
                                        {"hive_parallel", true},
                                        {"num_variants", variants},
                                        {"edit_backend", {{"name", "mutate"}, {"seed", 7}}},
                                        {"sandbox", "none"},
                                        {"spark_budget", 100'000},
                                        {"max_iterations", 1000}});
  arguments.update(more);
  return ask("start_autoresearch", arguments)["session_id"];
}

void cluster::check_counted_once(const std::string& id) const {
  const json status = lab.status(id);
  const long iterations = status["iteration"];
  CHECK(lab.rows("results") == iterations + 1);
  long measured = 0;
  for (long i = 1; i <= iterations; ++i) {
    const auto shown = lab.run({"show", id, std::to_string(i), "--json"}).answer();
    const bool failed = shown["decision"] == "edit_failed";
    CHECK_MESSAGE(shown["decision"] != "", shown.dump());
    CHECK_MESSAGE((failed || !shown["result"].is_null()), shown.dump());
    measured += failed ? 0 : 1;
  }
  CHECK(status["spark_consumed"] == 4 * measured);
  CHECK(lab.rows("benchmarks") == measured + 1);
  if (status["total_improvements"] > 0)
    CHECK(lab.git("rev-parse ratchet/" + id).substr(0, 40).size() == 40);
}

}  // namespace ratchet::e2e
