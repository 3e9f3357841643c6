// SPDX-License-Identifier: MIT
//
// How much is written for how little news. A page of the log costs the same whatever is new in it.
#include <doctest/doctest.h>

#include "runtime/store/schema.hpp"
#include "runtime/store/sqlite.hpp"
#include "runtime/store/sqlite_store.hpp"
#include "tests/runtime/store/scratch.hpp"

using namespace ratchet;
using testing::scratch;

namespace {

constexpr std::uintmax_t log_header = 32, page_in_log = 4096 + 24;

/// A store of which a session and an iteration are in the file, and the log is empty.
class settled_store {
 public:
  settled_store() {
    session.session_id = "s1";
    session.status = "running";
    session.settings = json{{"metric_name", "score"}};
    session.state = json{{"iteration", 1}};
    session.created_ms = 1;
    row.session_id = "s1";
    row.iteration = 1;
    row.candidate.tree = "a tree";
    row.candidate.diff = std::string(500, 'd');
    write();
    empty_log();
  }

  void write() {
    auto written = store->write({.session = session, .iterations = {row}});
    REQUIRE_MESSAGE(written, written.error().text);
  }
  /// Pages in the log since it was empty.
  std::uintmax_t pages() const {
    const auto size = std::filesystem::file_size(directory.path / "ratchet.db-wal");
    return size < log_header ? 0 : (size - log_header) / page_in_log;
  }
  void empty_log() {
    sqlite::connection c(directory.path / "ratchet.db");
    REQUIRE(c.integer("PRAGMA wal_checkpoint(TRUNCATE)") == 0);
    REQUIRE(pages() == 0);
  }

  scratch directory;
  std::shared_ptr<whole_store> store = *open_store(directory.path);
  session_record session;
  iteration_record row;
};

}  // namespace

TEST_CASE("A step of a running session changes its row and its iteration's, and no index") {
  settled_store s;
  s.session.in_step = true;
  s.session.state["iteration"] = 2;
  s.session.updated_ms = 77;
  s.row.decision = "kept";
  s.row.commit = "c";
  s.write();
  CHECK(s.pages() == 2);
  CHECK((*s.store->session("s1"))->updated_ms == 77);
  CHECK((*s.store->iteration("s1", 1))->decision == "kept");
  REQUIRE(s.store->interrupted_sessions()->size() == 1);
}

TEST_CASE("What an index holds is changed in it too") {
  settled_store s;
  s.session.status = "completed";
  s.session.in_step = true;
  s.row.candidate.tree = "another tree";
  s.write();
  CHECK(s.store->sessions({"running"}, 9)->empty());
  CHECK(s.store->sessions({"completed"}, 9)->size() == 1);
  CHECK_FALSE((*s.store->tried_as("s1", "a tree")).has_value());
  CHECK((*s.store->tried_as("s1", "another tree")).has_value());
  REQUIRE(s.store->interrupted_sessions()->size() == 1);
  s.session.in_step = false;
  s.write();
  CHECK(s.store->interrupted_sessions()->empty());
}

TEST_CASE("Interrupted sessions of the layout before are found") {
  scratch directory;
  {
    sqlite::connection c(directory.path / "ratchet.db");
    schema::migrate(c, 2);
    c.execute(
        "INSERT INTO sessions VALUES ('b', 'running', 1, 1, 1, '{}', '{}'), "
        "('a', 'completed', 1, 2, 2, '{}', '{}'), ('c', 'running', 0, 3, 3, '{}', '{}')");
  }
  auto found = (*open_store(directory.path))->interrupted_sessions();
  REQUIRE(found);
  REQUIRE(found->size() == 2);
  CHECK(found->front().session_id == "a");
  CHECK(found->back().session_id == "b");
}
