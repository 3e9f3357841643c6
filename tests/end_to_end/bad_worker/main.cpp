// SPDX-License-Identifier: MIT
//
// bad_worker INVITATION HOW: joins a node as a worker that is no good, until the node is gone. HOW
// is
//   nan      the metric is none, and it is better
//   boast    worse than anything, and it is better
//   flood    an answer of 15 MB
//   silent   no answer, but heartbeats
//   broken   it could not make the run
//   other    it speaks another protocol
#include <caf/scoped_actor.hpp>
#include <iostream>
#include <limits>
#include <set>

#include "actors/watched_request.hpp"
#include "messages/timeouts.hpp"
#include "messages/type_ids.hpp"
#include "runtime/net/remote_node.hpp"

using namespace ratchet;

namespace {

struct beat {};

run_result answer_of(const std::string& how, const run_on_worker& m) {
  run_result r;
  r.iteration = m.job.iteration;
  r.improved = true;
  r.gain = 1e9;
  if (how == "nan") r.metric_value = std::numeric_limits<double>::quiet_NaN();
  if (how == "boast") r.metric_value = -1e9;
  if (how == "flood") r.output_tail.assign(15 << 20, '\x1b');
  return r;
}

}  // namespace

RATCHET_PRIVATE_MESSAGE(beat)

namespace {

using bad_actor = remote_worker_actor::extend<tells<beat>>;

struct bad_state {
  static inline const char* name = "bad_worker";
  std::int64_t worker_id = 0;
  std::set<std::int64_t> leases;
};

bad_actor::behavior_type bad_worker(bad_actor::stateful_pointer<bad_state> self,
                                    experiment_runner_actor runner, std::string how) {
  join_runner offer;
  offer.machine.name = "bad-" + how;
  offer.machine.arch = "x86_64";
  offer.machine.cpus = 2;
  offer.slots = 2;
  offer.protocol = how == "other" ? hive_protocol + 1 : hive_protocol;
  self->monitor(runner);
  self->set_down_handler([self](const caf::down_msg&) { self->quit(); });
  self->request(runner, join_timeout, offer, caf::actor_cast<remote_worker_actor>(self))
      .then(
          [self](const worker_joined& j, const object_source_actor&) {
            self->state.worker_id = j.worker_id;
            std::cout << "joined" << std::endl;
            self->send(self, beat{});
          },
          [self](const caf::error& e) {
            std::cout << as_failure(e, "the node").text << std::endl;
            self->quit();
          });
  return {
      [self, how](const run_on_worker& m) -> caf::result<run_result> {
        self->state.leases.insert(m.lease);
        if (how == "silent") return self->make_response_promise<run_result>();
        if (how == "broken") return as_error(fail(errc::process_failed, "nothing works here"));
        return answer_of(how, m);
      },
      [](const compare_on_worker&) -> caf::result<comparison> {
        return as_error(fail(errc::process_failed, "nothing works here"));
      },
      [self](const stop_lease& m) { self->state.leases.erase(m.lease); },
      [](const release_session&) {},
      [self, runner](const beat&) {
        worker_heartbeat news{self->state.worker_id, {}};
        for (auto lease : self->state.leases) news.at_work.push_back({lease, "busy \x1b[31m"});
        self->request(runner, join_timeout, std::move(news))
            .then([](const heartbeat_heard&) {}, [](const caf::error&) {});
        self->delayed_send(self, std::chrono::milliseconds(300), beat{});
      },
  };
}

}  // namespace

int main(int argc, char** argv) {
  if (argc != 3) return 2;
  auto invited = net::invitation::read(argv[1]);
  if (!invited) return 2;
  net::remote_node node(*invited);
  auto front = node.join();
  if (!front) return 1;
  auto runner = ask_watched<experiment_runner_actor>(node.system(), *front, join_timeout,
                                                     "the node", find_runner{});
  if (!runner) return 1;
  caf::scoped_actor self{node.system()};
  auto worker = self->spawn<caf::monitored>(bad_worker, *runner, std::string(argv[2]));
  self->receive([](const caf::down_msg&) {});
  return 0;
}
