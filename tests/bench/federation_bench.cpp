// SPDX-License-Identifier: MIT
//
// How long a delta takes to reach 50 peers, against 50 connections that say nothing; and what dead
// peers cost a finalize, against none, the two in turns in one run.
//
//   federation_bench [peers] [rounds]
#include <sys/socket.h>

#include <atomic>
#include <boost/asio/ip/tcp.hpp>
#include <boost/asio/ssl.hpp>
#include <condition_variable>
#include <memory>
#include <mutex>
#include <thread>

#include "runtime/federation/delivery.hpp"
#include "runtime/federation/peer_server.hpp"
#include "runtime/os/wall_clock.hpp"
#include "runtime/store/federation_store.hpp"
#include "runtime/store/sqlite_store.hpp"
#include "tests/bench/laboratory.hpp"

using namespace ratchet;
using namespace ratchet::bench;

namespace {

template <class T>
T must(expected<T> x) {
  if (!x) give_up(x.error().text);
  return std::move(*x);
}
void must(const expected<>& x) {
  if (!x) give_up(x.error().text);
}

struct node {
  explicit node(const fs::path& where)
      : state(where), known(must(open_federation(where))), key(must(net::node_key::open(where))) {}
  void listen() {
    server = must(federation::peer_server::open(key, {"127.0.0.1", 0}, known,
                                                std::make_shared<wall_clock>()));
  }
  std::string address() const { return "127.0.0.1:" + std::to_string(server->port()); }

  fs::path state;
  std::shared_ptr<federation_port> known;
  net::node_key key;
  std::unique_ptr<federation::peer_server> server;
};

json some_delta() {
  return {{"version", 1},
          {"time", "2026-01-01T00:00:00.000Z"},
          {"ts", 1.7e9},
          {"autoresearch",
           {{"session_id", "0123456789ab"},
            {"experiment_id", "exp"},
            {"metric_name", "score"},
            {"baseline", 1.0},
            {"best", 2.0},
            {"total_improvements", 1},
            {"iterations", 50},
            {"constitutional_rejections", 0},
            {"baseline_rejections", 0}}},
          {"coding_benchmarks",
           {{"autoresearch",
             {{"mutate", {{"success_rate", 0.5}, {"avg_time_s", 1.25}, {"sample_count", 40}}}}}}}};
}

/// All connections begun at once, each closed when it is made.
double connect_all(node& from, const std::vector<std::unique_ptr<node>>& peers) {
  loop_thread loop;
  std::mutex mutex;
  std::condition_variable done;
  std::size_t made = 0;
  const auto begin = clock_type::now();
  for (const auto& p : peers)
    net::connect_tls(loop.context(), from.key, {"127.0.0.1", p->server->port()}, p->key.node_id(),
                     net::peer_protocol, std::chrono::seconds(30),
                     [&](expected<net::secure_connection> c) {
                       if (!c) give_up(c.error().text);
                       std::lock_guard lock(mutex);
                       if (++made == peers.size()) done.notify_one();
                     });
  std::unique_lock lock(mutex);
  done.wait(lock, [&] { return made == peers.size(); });
  return ms_since(begin);
}

bool all_told(federation_port& known) {
  for (const auto& p : must(known.peers()))
    if (p.pending > 0) return false;
  return true;
}

void reach_all(const fs::path& folder, std::size_t count, int rounds) {
  node sender(folder / "sender");
  std::vector<std::unique_ptr<node>> peers;
  for (std::size_t i = 0; i < count; ++i) {
    peers.push_back(std::make_unique<node>(folder / ("peer" + std::to_string(i))));
    peers.back()->listen();
    must(sender.known->add_peer(peers.back()->key.node_id(), peers.back()->address(), "", 0));
    must(peers.back()->known->add_peer(sender.key.node_id(), "", "", 0));
  }
  federation::delivery delivery(sender.state, sender.known, std::make_shared<wall_clock>());
  std::vector<double> floor, told;
  for (int i = 0; i < rounds; ++i) {
    floor.push_back(connect_all(sender, peers));
    const auto begin = clock_type::now();
    must(sender.known->add_to_outbox("session", some_delta(), "now"));
    delivery.deliver_soon();
    delivery.finish(std::chrono::seconds(60));
    told.push_back(ms_since(begin));
    if (!all_told(*sender.known)) give_up("a peer was not told");
  }
  for (const auto& p : peers) {
    auto from = must(p->known->peer(sender.key.node_id()));
    if (from->accepted != rounds) give_up("a peer has not accepted every delta");
  }
  std::printf("floor: %zu TLS connections, both ends here        %8.1f ms\n", count, median(floor));
  std::printf("a delta written, sent to %zu peers, acknowledged  %8.1f ms   (%.1f x the floor)\n",
              count, median(told), median(told) / median(floor));
}

/// One whole session that improves, and the time of its finalize.
double finalize_once(runtime& lab, const fs::path& repo) {
  auto id = call(lab, "autoresearch_setup", score_session(repo))["session_id"];
  call(lab, "autoresearch_edit", {{"session_id", id}, {"content", "score: 1\n"}});
  call(lab, "autoresearch_run", {{"session_id", id}});
  if (call(lab, "autoresearch_decide", {{"session_id", id}})["decision"] != "kept")
    give_up("the improvement was not kept");
  const auto begin = clock_type::now();
  call(lab, "autoresearch_finalize", {{"session_id", id}});
  return ms_since(begin);
}

void finalize_with_dead_peers(const fs::path& folder, int rounds) {
  const auto repo = make_repository(folder / "repo", 10);
  // Nobody listens; somebody accepts and never speaks; packets go nowhere.
  boost::asio::io_context context;
  boost::asio::ip::tcp::acceptor closed(context, {boost::asio::ip::address_v4::loopback(), 0});
  boost::asio::ip::tcp::acceptor silent(context, {boost::asio::ip::address_v4::loopback(), 0});
  const auto refused = "127.0.0.1:" + std::to_string(closed.local_endpoint().port());
  closed.close();
  const std::vector<std::string> dead{
      refused, "127.0.0.1:" + std::to_string(silent.local_endpoint().port()), "192.0.2.1:7718"};
  std::vector<std::string> ids;
  for (std::size_t i = 0; i < dead.size(); ++i) ids.push_back(net::node_key::generate().node_id());

  const auto lonely_state = folder / "lonely", dead_state = folder / "dead";
  auto known = must(open_federation(dead_state));
  auto call_again = [&] {  // without back-off: each finalize has them called
    for (std::size_t i = 0; i < dead.size(); ++i) must(known->add_peer(ids[i], dead[i], "", 0));
  };
  call_again();
  runtime_options alone, with_dead;
  alone.state_dir = lonely_state;
  with_dead.state_dir = dead_state;
  auto a = must(runtime::open(alone));
  auto b = must(runtime::open(with_dead));
  std::vector<double> none, three;
  for (int i = 0; i < rounds; ++i) {
    const bool first = i % 2 == 0;
    if (first) none.push_back(finalize_once(*a, repo));
    call_again();
    three.push_back(finalize_once(*b, repo));
    if (!first) none.push_back(finalize_once(*a, repo));
  }
  std::printf("finalize, no peers                               %8.2f ms\n", median(none));
  std::printf("finalize, 3 dead peers                           %8.2f ms   (%.2f x)\n",
              median(three), median(three) / median(none));
  const auto begin = clock_type::now();
  b = nullptr;
  const auto with = ms_since(begin);
  const auto then = clock_type::now();
  a = nullptr;
  std::printf("end of the runtime: no peers %.0f ms, 3 dead peers %.0f ms\n", ms_since(then), with);
}

}  // namespace

int main(int argc, char** argv) {
  const auto peers = static_cast<std::size_t>(argc > 1 ? std::atoi(argv[1]) : 50);
  const int rounds = argc > 2 ? std::atoi(argv[2]) : 11;
  std::string name = fs::temp_directory_path() / "federation-bench-XXXXXX";
  if (!::mkdtemp(name.data())) return 1;
  reach_all(name, peers, rounds);
  finalize_with_dead_peers(name, 2 * rounds);
  fs::remove_all(name);
}
