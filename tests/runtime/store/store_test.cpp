// SPDX-License-Identifier: MIT
#include <doctest/doctest.h>

#include <chrono>
#include <limits>

#include "runtime/store/sqlite.hpp"
#include "runtime/store/sqlite_store.hpp"
#include "tests/runtime/store/scratch.hpp"

using namespace ratchet;
using testing::scratch;

namespace {

constexpr double no_number = std::numeric_limits<double>::quiet_NaN();

std::shared_ptr<whole_store> opened(const scratch& s) {
  auto store = open_store(s.path);
  REQUIRE_MESSAGE(store, store.error().text);
  return *store;
}

session_record session_named(const std::string& id, std::int64_t created_ms,
                             const std::string& status = "running") {
  return {id,         status,        json{{"metric_name", "score"}}, json{{"iteration", 3}}, false,
          created_ms, created_ms + 1};
}

iteration_record iteration_numbered(int n, const std::string& session = "s1") {
  iteration_record r;
  r.session_id = session;
  r.iteration = n;
  r.decision = "reverted";
  r.reason = "not better";
  r.time = "2026-01-01T00:00:00.000Z";
  r.candidate = {.iteration = n,
                 .hypothesis = "try " + std::to_string(n),
                 .files_changed = {"a.py"},
                 .tree = "tree" + std::to_string(n),
                 .parent = "p",
                 .diff = "--- a\n+++ b\n",
                 .backend = "mutate"};
  r.result = run_result{.iteration = n, .metric_value = 0.1 * n, .duration_s = 1.5};
  return r;
}

template <class T>
std::string text_of(const T& x) {
  return json(x).dump();
}

void must(const expected<std::vector<event>>& written) {
  REQUIRE_MESSAGE(written, written.error().text);
}

}  // namespace

TEST_CASE("A session is stored as it was given and replaced by its id") {
  scratch s;
  auto store = opened(s);
  auto record = session_named("s1", 10);
  record.in_step = true;
  must(store->write({.session = record}));
  record.status = "completed";
  record.state["iteration"] = 4;
  record.updated_ms = 99;
  must(store->write({.session = record}));

  auto found = store->session("s1");
  REQUIRE(found);
  REQUIRE(found->has_value());
  CHECK((*found)->status == "completed");
  CHECK((*found)->settings == record.settings);
  CHECK((*found)->state == record.state);
  CHECK((*found)->in_step);
  CHECK((*found)->created_ms == 10);
  CHECK((*found)->updated_ms == 99);
  CHECK_FALSE(store->session("s2")->has_value());
  CHECK(store->sessions({}, 10)->size() == 1);
}

TEST_CASE("Sessions come newest first, by status and no more than asked for") {
  scratch s;
  auto store = opened(s);
  must(store->write({.session = session_named("old", 1, "completed")}));
  must(store->write({.session = session_named("new", 3, "running")}));
  must(store->write({.session = session_named("mid", 2, "failed")}));
  auto ids = [](const expected<std::vector<session_record>>& found) {
    std::string all;
    for (const auto& r : *found) all += r.session_id + " ";
    return all;
  };
  CHECK(ids(store->sessions({}, 10)) == "new mid old ");
  CHECK(ids(store->sessions({}, 2)) == "new mid ");
  CHECK(ids(store->sessions({"completed", "running"}, 10)) == "new old ");
  CHECK(ids(store->sessions({"pending"}, 10)).empty());
}

TEST_CASE("Only sessions in the middle of a step are interrupted") {
  scratch s;
  auto store = opened(s);
  auto a = session_named("a", 1), b = session_named("b", 2);
  b.in_step = true;
  must(store->write({.session = a}));
  must(store->write({.session = b}));
  auto found = store->interrupted_sessions();
  REQUIRE(found);
  REQUIRE(found->size() == 1);
  CHECK(found->front().session_id == "b");
  b.in_step = false;
  must(store->write({.session = b}));
  CHECK(store->interrupted_sessions()->empty());
}

TEST_CASE("An iteration comes back whole, replaced by its number, and the last few ascend") {
  scratch s;
  auto store = opened(s);
  step_write step;
  for (int n : {2, 0, 11, 1, 3}) step.iterations.push_back(iteration_numbered(n));
  must(store->write(step));
  auto kept = iteration_numbered(3);
  kept.decision = "kept";
  kept.commit = "abc";
  must(store->write({.iterations = {kept}}));
  must(store->write({.iterations = {iteration_numbered(3, "other")}}));

  CHECK(text_of(**store->iteration("s1", 3)) == text_of(kept));
  CHECK_FALSE(store->iteration("s1", 4)->has_value());
  auto all = *store->iterations("s1", 0);
  REQUIRE(all.size() == 5);
  CHECK(all.front().iteration == 0);
  CHECK(all.back().iteration == 11);
  auto last = *store->iterations("s1", 2);
  REQUIRE(last.size() == 2);
  CHECK(last[0].iteration == 3);
  CHECK(last[1].iteration == 11);
}

TEST_CASE("A tree counts as tried in its own session only, and no tree never does") {
  scratch s;
  auto store = opened(s);
  auto failed_edit = iteration_numbered(2);
  failed_edit.candidate.tree = "";
  must(store->write({.iterations = {iteration_numbered(1), failed_edit}}));
  CHECK((*store->tried_as("s1", "tree1")).has_value());
  CHECK_FALSE((*store->tried_as("s1", "tree2")).has_value());
  CHECK_FALSE((*store->tried_as("s2", "tree1")).has_value());
  CHECK_FALSE((*store->tried_as("s1", "")).has_value());
}

TEST_CASE("Events get increasing numbers and are read after one that was seen") {
  scratch s;
  auto store = opened(s);
  CHECK(*store->last_seq() == 0);
  auto written =
      store->write({.events = {{0, "autoresearch.started", "s1", "t1", json{{"a", 1}}},
                               {0, "autoresearch.baseline", "s1", "t2", json{{"baseline", 0.5}}}}});
  must(written);
  CHECK((*written)[0].seq == 1);
  CHECK((*written)[1].seq == 2);
  CHECK(store->write({.events = {{0, "x", "s2", "t3", json::object()}}})->front().seq == 3);
  CHECK(*store->last_seq() == 3);
  auto after = *store->events_after(1, 10);
  REQUIRE(after.size() == 2);
  CHECK(text_of(after[0]) == text_of((*written)[1]));
  CHECK(store->events_after(0, 1)->size() == 1);
  CHECK(store->events_after(3, 10)->empty());
}

TEST_CASE("The events of one session are read without the others'") {
  scratch s;
  auto store = opened(s);
  must(store->write({.events = {{0, "autoresearch.started", "s1", "t1", json::object()},
                                {0, "autoresearch.started", "s2", "t2", json::object()},
                                {0, "autoresearch.baseline", "s1", "t3", json::object()}}}));
  auto all = *store->session_events("s1", 0, 10);
  REQUIRE(all.size() == 2);
  CHECK(all[1].topic == "autoresearch.baseline");
  CHECK(store->session_events("s1", all[0].seq, 10)->size() == 1);
  CHECK(store->session_events("s1", 0, 1)->size() == 1);
  CHECK(store->session_events("s3", 0, 10)->empty());
}

TEST_CASE("A number of an event is never given twice, also when events are deleted") {
  scratch s;
  {
    auto store = opened(s);
    must(store->write({.events = {{0, "a", "", "", {}}, {0, "b", "", "", {}}}}));
  }
  sqlite::connection(s.path / "ratchet.db").execute("DELETE FROM events");
  auto store = opened(s);
  CHECK(*store->last_seq() == 2);
  CHECK(store->write({.events = {{0, "c", "", "", {}}}})->front().seq == 3);
}

TEST_CASE("Recipes come newest first and once an iteration") {
  scratch s;
  auto store = opened(s);
  recipe r{"s1", "e1", 1, "score", 0.5, std::nullopt, "h", "a.py", json::array({"x"}), "t"};
  must(store->write({.kept_recipe = r}));
  r.iteration = 2;
  r.after = 0.7;
  must(store->write({.kept_recipe = r}));
  r.hypothesis = "again";
  must(store->write({.kept_recipe = r}));
  auto found = *store->recipes(10);
  REQUIRE(found.size() == 2);
  CHECK(found[0].iteration == 2);
  CHECK(found[0].hypothesis == "again");
  CHECK(found[0].before == 0.5);
  CHECK(found[0].after == 0.7);
  CHECK(found[0].changes == r.changes);
  CHECK(found[0].experiment_id == "e1");
  CHECK_FALSE(found[1].after.has_value());
  CHECK(store->recipes(1)->size() == 1);
}

TEST_CASE("The latest snapshot of an experiment is found among sessions") {
  scratch s;
  auto store = opened(s);
  must(store->write({.kept_snapshot = snapshot{"e1", "s1", 7, "c1", {{"score", 1}}, "t1"}}));
  must(store->write(
      {.kept_snapshot = snapshot{"e1", "s2", 1, "c2", {{"score", 2}, {"mem", no_number}}, "t2"}}));
  must(store->write({.kept_snapshot = snapshot{"e2", "s3", 1, "c3", {{"score", 3}}, "t3"}}));
  auto found = **store->latest_snapshot("e1");
  CHECK(found.session_id == "s2");
  CHECK(found.commit == "c2");
  CHECK(found.metrics == std::map<std::string, double>{{"score", 2}});
  CHECK_FALSE(store->latest_snapshot("e3")->has_value());
}

TEST_CASE("Broken text and numbers that are none are stored fit to read again") {
  scratch s;
  auto store = opened(s);
  auto r = iteration_numbered(1);
  r.candidate.diff = "bad \xff byte, \0 nul";
  r.candidate.hypothesis = std::string("nul \0 inside", 12);
  r.result->metric_value = no_number;
  r.result->guards = {{"mem", no_number}, {"loss", 1}};
  must(store->write({.iterations = {r},
                     .events = {{0, "t", "s1", "now", json{{"v", no_number}, {"s", "\xc3("}}}}}));
  auto found = **store->iteration("s1", 1);
  CHECK(found.candidate.diff == "bad \xef\xbf\xbd byte, ");
  CHECK(found.candidate.hypothesis == r.candidate.hypothesis);
  CHECK_FALSE(found.result->metric_value.has_value());
  CHECK(found.result->guards == std::map<std::string, double>{{"loss", 1}});
  auto e = store->events_after(0, 1)->front();
  CHECK(e.payload["v"].is_null());
  CHECK(e.payload["s"] == "\xef\xbf\xbd(");
}

TEST_CASE("What is stored survives closing, and a row spoilt by others is told, not thrown") {
  scratch s;
  {
    must(opened(s)->write(
        {.session = session_named("s1", 1), .iterations = {iteration_numbered(1)}}));
  }
  {
    auto store = opened(s);
    CHECK(store->session("s1")->has_value());
    CHECK(store->iterations("s1", 0)->size() == 1);
  }
  sqlite::connection(s.path / "ratchet.db").execute("UPDATE results SET body = '{'");
  auto store = opened(s);
  auto broken = store->iterations("s1", 0);
  REQUIRE_FALSE(broken);
  CHECK(broken.error().code == errc::store_failed);
  CHECK(broken.error().text.find("ratchet.db") != std::string::npos);
}

TEST_CASE("Looking up iteration 10,000 uses an index, as does the search for a tree") {
  scratch s;
  auto store = opened(s);
  sqlite::connection c(s.path / "ratchet.db");
  for (const char* sql :
       {"EXPLAIN QUERY PLAN SELECT body FROM results WHERE session_id = '' AND iteration = 1",
        "EXPLAIN QUERY PLAN SELECT body FROM results WHERE session_id = '' ORDER BY iteration DESC "
        "LIMIT 10",
        "EXPLAIN QUERY PLAN SELECT 1 FROM results WHERE session_id = '' AND tree = 'x' AND "
        "tree <> '' LIMIT 1",
        "EXPLAIN QUERY PLAN SELECT * FROM sessions WHERE in_step = 1 ORDER BY session_id",
        "EXPLAIN QUERY PLAN SELECT * FROM sessions ORDER BY created_ms DESC, rowid DESC",
        "EXPLAIN QUERY PLAN SELECT * FROM snapshots WHERE experiment_key = '' ORDER BY id DESC"}) {
    sqlite::query plan(c, sql);
    while (plan.next()) {
      CAPTURE(sql);
      CHECK(plan.text(3).find("USING") != std::string::npos);
      CHECK(plan.text(3).find("TEMP B-TREE") == std::string::npos);
    }
  }
}

TEST_CASE(
    "A wish waits in the store until a step of its session takes it, and its id is used once") {
  scratch s;
  auto store = opened(s);
  step_write one;
  one.wish = session_wish{0, {"s1", "look at the parser", {}}, "2026-01-01T00:00:00.000Z"};
  REQUIRE(store->write(one));
  one.wish = session_wish{0, {"s1", {}, true}, "2026-01-01T00:00:01.000Z"};
  REQUIRE(store->write(one));
  one.wish = session_wish{0, {"s2", "", {}}, "2026-01-01T00:00:02.000Z"};
  REQUIRE(store->write(one));
  const auto waiting = *opened(s)->wishes("s1");
  REQUIRE(waiting.size() == 2);
  CHECK(waiting[0].what.instructions == "look at the parser");
  CHECK_FALSE(waiting[0].what.pause.has_value());
  CHECK(waiting[1].what.pause == true);
  CHECK(waiting[0].id < waiting[1].id);

  step_write taken;
  taken.session = session_named("s1", 1);
  taken.wishes_taken = waiting[0].id;
  REQUIRE(store->write(taken));
  REQUIRE(store->wishes("s1")->size() == 1);
  taken.wishes_taken = waiting[1].id;
  REQUIRE(store->write(taken));
  CHECK(store->wishes("s1")->empty());
  REQUIRE(store->wishes("s2")->size() == 1);
  one.wish = session_wish{0, {"s1", "again", {}}, "2026-01-01T00:00:03.000Z"};
  REQUIRE(store->write(one));
  CHECK(store->wishes("s1")->front().id > waiting[1].id);
}

TEST_CASE("Sessions of one experiment learn from each other") {
  scratch s;
  auto store = opened(s);
  auto put = [&](const std::string& id, const std::string& experiment, json lessons, int created) {
    step_write w;
    w.session = session_named(id, created);
    w.session->settings["experiment_id"] = experiment;
    if (!lessons.is_null()) w.session->state["lessons"] = std::move(lessons);
    REQUIRE(store->write(w));
  };
  auto lesson_of = [](const char* text) { return json{{"text", text}, {"iterations", {1}}}; };
  put("s1", "e", json::array({lesson_of("older"), lesson_of("both")}), 1);
  put("s2", "e", json::array({lesson_of("newer"), lesson_of("both")}), 2);
  put("s3", "other", json::array({lesson_of("elsewhere")}), 3);
  put("s4", "e", nullptr, 4);
  CHECK(*store->experiment_lessons("e", "s4") ==
        std::vector<std::string>{"newer", "both", "older"});
  CHECK(*store->experiment_lessons("e", "s2") == std::vector<std::string>{"older", "both"});
  CHECK(store->experiment_lessons("none", "s1")->empty());
}
