// SPDX-License-Identifier: MIT
//
// What a node and the workers on other machines tell each other. A worker joins the node's
// experiment_runner with its slots; from then on it beats, is given runs under a lease, fetches the
// objects that it lacks, and answers. All times are durations by the sender's own steady clock: the
// machines' wall clocks are never compared.
//
// How these messages grow: a field that is added is `if_set`, and a reader that does not know it
// passes over it; so machines of two versions work together. `hive_protocol` counts up only when
// that is not enough, because something means another thing than it did: then a worker is told so
// as it joins, with both versions, and ends.
#pragma once

#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <vector>

#include "messages/jobs.hpp"
#include "messages/json.hpp"

namespace ratchet {

inline constexpr int hive_protocol = 1;

/// A machine as requirements see it and as a result remembers it.
struct machine_facts {
  std::string name;  ///< of the worker or node, for people
  std::string arch;  ///< "x86_64", as `uname -m` says
  std::string cpu;   ///< model name; empty when the system does not tell
  int cpus = 0;      ///< logical processors this program may use
  int memory_mb = 0;
  std::string os;                             ///< "linux 6.1.0-18-amd64"
  std::map<std::string, std::string> labels;  ///< the owner's: "gpu" → "", "rack" → "7"
  std::string device;  ///< the model of the devices that its slots lease; empty: none

  static constexpr auto fields() {
    using m = machine_facts;
    return field_list{field{"name", &m::name},
                      field{"arch", &m::arch},
                      field{"cpu", &m::cpu},
                      field{"cpus", &m::cpus},
                      field{"memory_mb", &m::memory_mb},
                      field{"os", &m::os},
                      field{"labels", &m::labels, presence::if_set},
                      field{"device", &m::device, presence::if_set}};
  }
};

// -- joining -------------------------------------------------------------------------------------

/// Offers a worker's slots. The worker's own handle travels beside this message; the answer's
/// handle is where it fetches objects.
struct join_runner {
  machine_facts machine;
  int slots = 1;                    ///< 1 … 1024
  std::string program;              ///< its version: "0.1.0"; empty: one that did not say it yet
  std::optional<int> protocol;      ///< hive_protocol; none: 1
  std::optional<double> ends_in_s;  ///< it will be ended then, as by Slurm; none: not known

  static constexpr auto fields() {
    using j = join_runner;
    return field_list{field{"machine", &j::machine}, field{"slots", &j::slots},
                      field{"program", &j::program, presence::if_set},
                      field{"protocol", &j::protocol, presence::if_set},
                      field{"ends_in_s", &j::ends_in_s, presence::if_set}};
  }
};

struct worker_joined {
  std::int64_t worker_id = 0;  ///< for as long as it stays joined
  double lease_s = 0;   ///< a run whose worker has not beaten for so long is given to another
  std::string program;  ///< the node's version
  std::string name;     ///< what the node calls it, where another has the name that it asked for

  static constexpr auto fields() {
    using j = worker_joined;
    return field_list{field{"worker_id", &j::worker_id}, field{"lease_s", &j::lease_s},
                      field{"program", &j::program, presence::if_set},
                      field{"name", &j::name, presence::if_set}};
  }
};

/// A run at work on a worker, and the last line it has printed (≤ 200 bytes).
struct lease_news {
  std::int64_t lease = 0;
  std::string last_line;

  static constexpr auto fields() {
    return field_list{field{"lease", &lease_news::lease},
                      field{"last_line", &lease_news::last_line, presence::if_set}};
  }
};

/// Sent several times within a lease: the worker is there, and at work on these.
struct worker_heartbeat {
  std::int64_t worker_id = 0;
  std::vector<lease_news> at_work;

  static constexpr auto fields() {
    return field_list{field{"worker_id", &worker_heartbeat::worker_id},
                      field{"at_work", &worker_heartbeat::at_work, presence::if_set}};
  }
};

/// `known` false: the node does not know this worker (any more); it joins again. The runs in
/// `stopped` are nobody's any more: the worker ends them.
struct heartbeat_heard {
  bool known = true;
  std::vector<std::int64_t> stopped;

  static constexpr auto fields() {
    return field_list{field{"known", &heartbeat_heard::known},
                      field{"stopped", &heartbeat_heard::stopped, presence::if_set}};
  }
};

/// The worker takes nothing more; it finishes what it has and then goes.
struct drain_worker {
  std::int64_t worker_id = 0;

  static constexpr auto fields() {
    return field_list{field{"worker_id", &drain_worker::worker_id}};
  }
};

// -- runs ----------------------------------------------------------------------------------------

/// Measures a candidate on the worker that gets this; `job.directory` and `job.lane` are the
/// worker's to choose.
struct run_on_worker {
  std::int64_t lease = 0;
  run_experiment job;

  static constexpr auto fields() {
    return field_list{field{"lease", &run_on_worker::lease}, field{"job", &run_on_worker::job}};
  }
};

/// The final comparison of a session whose requirements only that worker meets.
struct compare_on_worker {
  std::int64_t lease = 0;
  compare_commits job;

  static constexpr auto fields() {
    return field_list{field{"lease", &compare_on_worker::lease},
                      field{"job", &compare_on_worker::job}};
  }
};

/// Ends one run at once; its answer is not waited for.
struct stop_lease {
  std::int64_t lease = 0;

  static constexpr auto fields() { return field_list{field{"lease", &stop_lease::lease}}; }
};

/// The session is over: its work trees on this machine may go.
struct release_session {
  std::string session_id;

  static constexpr auto fields() {
    return field_list{field{"session_id", &release_session::session_id}};
  }
};

// -- objects -------------------------------------------------------------------------------------

/// Asks what the objects of a session are kept under: the same for all sessions of a repository.
struct identify_repository {
  std::string session_id;

  static constexpr auto fields() {
    return field_list{field{"session_id", &identify_repository::session_id}};
  }
};

struct repository_identified {
  std::string key;  ///< 40 hexadecimal digits

  static constexpr auto fields() { return field_list{field{"key", &repository_identified::key}}; }
};

/// Asks for the base commit of a session, part by part from 0 on.
struct fetch_base {
  std::string session_id;
  std::string commit;
  std::int64_t offset = 0;

  static constexpr auto fields() {
    return field_list{field{"session_id", &fetch_base::session_id},
                      field{"commit", &fetch_base::commit}, field{"offset", &fetch_base::offset}};
  }
};

/// Asks for what `tree` has that the base commit has not.
struct fetch_change {
  std::string session_id;
  std::string base;
  std::string tree;

  static constexpr auto fields() {
    return field_list{field{"session_id", &fetch_change::session_id},
                      field{"base", &fetch_change::base}, field{"tree", &fetch_change::tree}};
  }
};

/// Bytes of what object_source_port exports: ≤ 1 MiB of a base, else all.
struct objects_part {
  std::string bytes;
  std::int64_t total = 0;  ///< bytes of the whole

  static constexpr auto fields() {
    return field_list{field{"bytes", &objects_part::bytes}, field{"total", &objects_part::total}};
  }
};

// -- for people ----------------------------------------------------------------------------------

struct list_workers {
  static constexpr auto fields() { return field_list{}; }
};

/// A joined worker, or the node itself (worker_id 0).
struct worker_row {
  std::int64_t worker_id = 0;
  machine_facts machine;
  int slots = 0;
  int busy = 0;
  bool draining = false;
  std::int64_t runs = 0;      ///< answered in time
  std::int64_t lost = 0;      ///< leases that ran out
  double last_heard_s = 0;    ///< ago
  std::int64_t failures = 0;  ///< runs that it could not make, in a row
  std::string last_failure;   ///< why, ≤ 300 characters; empty: it has not failed since it joined
  double rests_s = 0;         ///< for so long it is given nothing
  std::string program;        ///< its version
  std::optional<double> ends_in_s;

  static constexpr auto fields() {
    using w = worker_row;
    return field_list{field{"worker_id", &w::worker_id},
                      field{"machine", &w::machine},
                      field{"slots", &w::slots},
                      field{"busy", &w::busy},
                      field{"draining", &w::draining},
                      field{"runs", &w::runs},
                      field{"lost", &w::lost},
                      field{"last_heard_s", &w::last_heard_s},
                      field{"failures", &w::failures, presence::if_set},
                      field{"last_failure", &w::last_failure, presence::if_set},
                      field{"rests_s", &w::rests_s, presence::if_set},
                      field{"program", &w::program, presence::if_set},
                      field{"ends_in_s", &w::ends_in_s, presence::if_set}};
  }
};

/// Runs that wait for a slot, those of one requirement together.
struct waiting_runs {
  std::vector<std::string> requirements;  ///< empty: any machine will do
  int runs = 0;
  double oldest_s = 0;  ///< how long the first of them has waited

  static constexpr auto fields() {
    using w = waiting_runs;
    return field_list{field{"requirements", &w::requirements}, field{"runs", &w::runs},
                      field{"oldest_s", &w::oldest_s}};
  }
};

struct worker_list {
  std::vector<worker_row> workers;
  std::vector<waiting_runs> waiting;

  static constexpr auto fields() {
    return field_list{field{"workers", &worker_list::workers},
                      field{"waiting", &worker_list::waiting, presence::if_set}};
  }
};

/// Asks the supervisor for the experiment_runner, as a worker does that wants to join.
struct find_runner {
  static constexpr auto fields() { return field_list{}; }
};

}  // namespace ratchet
