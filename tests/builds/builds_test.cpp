// SPDX-License-Identifier: MIT
//
// What is measured is the candidate: programs that print their own source's constants, built by
// real tools in every place where a build may stand, and no sample that is another source's.
#include <csignal>
#include <iterator>
#include <random>
#include <set>
#include <sstream>

#include "tests/builds/built_project.hpp"
#include "tests/support/long_tests.hpp"

using namespace ratchet;
using namespace ratchet::e2e;

namespace {

using files = std::map<std::string, std::string>;

files with_make() {
  return {{"Makefile",
           "OBJECTS := $(patsubst %.c,%.o,$(wildcard *.c))\nprog: $(OBJECTS)\n\t$(CC) -o $@ $^\n"},
          {".gitignore", "*.o\nprog\n"}};
}
files with_cmake() {
  return {{"CMakeLists.txt",
           "cmake_minimum_required(VERSION 3.18)\nproject(p C)\nfile(GLOB sources *.c)\n"
           "add_executable(prog ${sources})\n"},
          {".gitignore", "build/\n"}};
}

void with_a_header_that_no_rule_names(const laboratory& lab) {
  fs::create_directories(lab.repository / "include");
  write_text(lab.repository / "include" / "value.h", "#define VALUE 5\n");
  write_text(lab.repository / "p.c",
             "#include <stdio.h>\n#include \"include/value.h\"\n"
             "int main(void) { printf(\"score: %d\\n\", VALUE); return 0; }\n");
  write_text(lab.repository / "Makefile", "prog: p.o\n\t$(CC) -o $@ $^\n");
  write_text(lab.repository / ".gitignore", "*.o\nprog\n");
  lab.git("add -A");
  lab.git("-c user.name=a -c user.email=a@example.org commit -qm project");
}

const json make_in_setup{{"setup_command", "make -s"}, {"run_command", "make -s && ./prog"}};
const json make_built{{"build_command", "make -s -j2"}, {"run_command", "./prog"}};
const json make_in_run{{"run_command", "make -s && ./prog"}};

/// Of single runs and pairs: both in long tests, else one of them for each place in turn.
std::vector<int> repeats_at(std::size_t place) {
  if (long_tests()) return {1, 5};
  return {place % 2 == 0 ? 5 : 1};
}

json with(json settings, const json& more) {
  settings.update(more);
  return settings;
}

}  // namespace

TEST_CASE("make: wherever the build stands, every run is that of its own source") {
  std::size_t place = 0;
  for (const auto& how : {make_in_setup, make_built, make_in_run, with(make_built, make_in_setup)})
    for (int repeats : repeats_at(place++)) {
      built_project project(with_make());
      project.open(with(how, {{"repeats", repeats}}));
      project.a_night();
    }
}

TEST_CASE("make: what did not change is not compiled again, over keeps and reverts") {
  std::size_t place = 1;
  for (const auto& how : {make_in_setup, make_built, make_in_run})
    for (int repeats : repeats_at(place++)) {
      CAPTURE(how.dump());
      CAPTURE(repeats);
      built_project project(with_make(), 3);
      project.open(with(how, {{"repeats", repeats}}));
      project.try_it("p", 4);
      project.compiled();
      project.try_it("q", 1);
      CHECK(project.compiled() == "q.c");
      // What looks better is measured in pairs, and the best code's tree gets what was kept since.
      project.try_it("q", 9);
      CHECK(project.compiled() == (repeats > 1 ? "p.c q.c" : "q.c"));
      project.try_it("q", 2);
      CHECK(project.compiled() == "q.c");
    }
}

TEST_CASE("a file that is collected may be the build's memory: it stays, and what is new is told") {
  const files with_memory{
      {"Makefile",
       "OBJECTS := $(patsubst %.c,build/%.o,$(wildcard *.c))\nbuild/prog: $(OBJECTS)\n"
       "\t$(CC) -o $@ $^\nbuild/%.o: %.c build/memory\n\t$(CC) -c -o $@ $<\n"
       "build/memory:\n\tmkdir -p build && echo of the build >$@\n"},
      {".gitignore", "build/\n"}};
  const std::string profiled = "build/prog && build/prog >build/profile";
  for (const bool built : {true, false}) {
    CAPTURE(built);
    built_project project(with_memory, 3);
    json how{{"run_command", built ? profiled : "make -s && " + profiled},
             {"collect_paths", {"build/memory", "build/profile"}},
             {"repeats", 1}};
    if (built) how["build_command"] = "make -s -j2";
    project.open(how);
    project.try_it("p", 4);
    project.compiled();
    project.try_it("q", 1);
    CHECK(project.compiled() == "q.c");
    const json shown{{"session_id", project.id}, {"what", "output"}, {"iteration", 2}};
    const json profile = with(shown, {{"file", "build/profile"}});
    CHECK(project.lab.ask("autoresearch_show", profile)["text"] == "score: 401");
    const json memory = with(shown, {{"file", "build/memory"}});
    if (built) CHECK(project.lab.ask("autoresearch_show", memory)["text"] == "of the build");
  }
}

TEST_CASE("a metric may be in a file that the build writes") {
  files sized = with_make();
  sized["Makefile"] += "size.csv: prog\n\t(echo bytes; ./prog | tr -dc 0-9; echo) >size.csv\n";
  sized[".gitignore"] += "size.csv\n";
  built_project project(sized);
  project.open({{"build_command", "make -s prog size.csv"},
                {"run_command", "true"},
                {"metric_pattern", "csv:size.csv#bytes"},
                {"repeats", 1}});
  project.try_it("p", 4);
  project.try_it("q", 1);
  CHECK(project.last_run["metric_value"] == 401);
}

TEST_CASE("of thirty objects eleven samples compile what changed, once in each of the two trees") {
  const json ninja{{"setup_command", "cmake -S . -B build -G Ninja >/dev/null"},
                   {"build_command", "cmake --build build >/dev/null"},
                   {"run_command", "build/prog"}};
  for (const bool make : {true, false}) {
    if (!make && !(installed("cmake") && installed("ninja"))) continue;
    built_project project(make ? with_make() : with_cmake(), 30);
    project.open(with(make ? make_built : ninja, {{"repeats", 5}}));
    project.try_it("p", 4);
    std::istringstream sources(project.compiled());
    const std::multiset<std::string> all{std::istream_iterator<std::string>(sources), {}};
    CHECK(all.count("spare7.c") == 2);  // the baseline, in both
    project.try_it("q", 9);
    CHECK(project.last_run["samples"].size() == 11);
    CHECK(project.compiled() == "p.c q.c");  // the best's tree gets what was kept before
    project.try_it("q", 10);
    CHECK(project.last_run["samples"].size() == 11);
    CHECK(project.compiled() == "q.c q.c");
  }
}

TEST_CASE("a run that builds nothing of an edit is warned of, whatever it prints") {
  const json only_in_setup{{"setup_command", "make -s"}, {"run_command", "./prog"}};
  for (const auto& how : {only_in_setup, make_in_run}) {
    CAPTURE(how.dump());
    laboratory lab;
    with_a_header_that_no_rule_names(lab);
    const json settings = with(how, {{"repo_path", lab.repository.string()},
                                     {"target_file", "include/value.h"},
                                     {"edit_backend", "host"}});
    const std::string id = lab.ask("autoresearch_setup", settings)["session_id"];
    lab.ask("autoresearch_edit", {{"session_id", id}, {"content", "#define VALUE 7\n"}});
    const json ran = lab.ask("autoresearch_run", {{"session_id", id}});
    CHECK_MESSAGE(ran["metric_value"] == 5, ran.dump());  // the best code's
    CHECK(ran["warnings"].dump().find("built nothing of this edit") != std::string::npos);
    CHECK(ran["warnings"].dump().find("--build-command") != std::string::npos);
    lab.ask("autoresearch_decide", {{"session_id", id}});
    const json ended = lab.ask("autoresearch_finalize", {{"session_id", id}});
    CHECK(ended["warnings"].dump().find("built nothing of this edit") != std::string::npos);
  }
}

TEST_CASE("a build that does not know of a header is made to build what includes it") {
  laboratory lab;
  with_a_header_that_no_rule_names(lab);
  const json how = with(make_built, {{"repo_path", lab.repository.string()},
                                     {"target_file", "include/value.h"},
                                     {"edit_backend", "host"},
                                     {"repeats", 3}});
  const std::string id = lab.ask("autoresearch_setup", how)["session_id"];
  int best = 5;
  for (int value : {7, 6, 9}) {
    lab.ask("autoresearch_edit",
            {{"session_id", id}, {"content", "#define VALUE " + std::to_string(value) + "\n"}});
    const json ran = lab.ask("autoresearch_run", {{"session_id", id}});
    CHECK_MESSAGE(ran["metric_value"] == value, ran.dump());
    for (const auto& s : ran.value("samples", json::array()))
      CHECK_MESSAGE(s["metric_value"] == (s["incumbent"].get<bool>() ? best : value), ran.dump());
    CHECK_FALSE(ran.contains("warnings"));
    if (lab.ask("autoresearch_decide", {{"session_id", id}})["decision"] == "kept") best = value;
  }
}

TEST_CASE("CMake, with make and with Ninja, in setup, in build_command and in the run") {
  for (const std::string generator : {"Unix Makefiles", "Ninja"}) {
    if (generator == "Ninja" && !installed("ninja")) continue;
    const std::string configure = "cmake -S . -B build -G '" + generator + "' >/dev/null";
    const std::string build = "cmake --build build >/dev/null";
    const json in_setup{{"setup_command", configure + " && " + build},
                        {"run_command", build + " && build/prog"}};
    const json built{
        {"setup_command", configure}, {"build_command", build}, {"run_command", "build/prog"}};
    for (const auto& [how, repeats] : {std::pair{in_setup, 1}, {built, 5}}) {
      built_project project(with_cmake());
      project.open(with(how, {{"repeats", repeats}}));
      project.try_it("p", 4);
      project.compiled();
      project.try_it("q", 1);
      CHECK_MESSAGE(project.compiled() == "q.c", generator);
      project.try_it("q", 9);
    }
  }
}

TEST_CASE("meson, where it is installed") {
  if (!installed("meson") || !installed("ninja")) return;
  built_project project({{"meson.build",
                          "project('p', 'c')\nexecutable('prog', 'p.c', 'q.c', "
                          "'main.c')\n"},
                         {".gitignore", "build/\n"}});
  project.open({{"setup_command", "meson setup build >/dev/null"},
                {"build_command", "ninja -C build >/dev/null"},
                {"run_command", "build/prog"},
                {"repeats", 3}});
  project.try_it("p", 4);
  project.try_it("q", 1);
  project.try_it("q", 9);
}

TEST_CASE("ccache, where it is installed, with its folder in the work tree") {
  if (!installed("ccache")) return;
  built_project project(with_make());
  project.open(with(make_built, {{"environment", {"CC=ccache cc", "CCACHE_DIR=.ccache"}}}));
  project.a_night();
}

TEST_CASE("a build folder outside the work tree, or shared with the user's, is never stale") {
  const std::string out_of_tree =
      "prog: $(patsubst %.c,$(OUT)/%.o,$(wildcard *.c))\n\t$(CC) -o $(OUT)/prog $^\n"
      "$(OUT)/%.o: %.c\n\t$(CC) -c -o $@ $<\n.PHONY: prog\n";
  for (const bool shared : {false, true})
    for (int repeats : repeats_at(shared ? 1 : 0)) {
      CAPTURE(shared);
      built_project project({{"Makefile", out_of_tree}, {".gitignore", "out/\n"}});
      const auto out = shared ? project.lab.repository / "out" : project.lab.folder.path / "out";
      fs::create_directories(out);
      const std::string where = shared ? "out" : out.string();
      json how{{"run_command", "make -s OUT=" + where + " && " + where + "/prog"},
               {"repeats", repeats}};
      if (shared) how["shared_paths"] = {"out"};
      if (!shared) how["setup_command"] = "make -s OUT=" + where;
      project.open(how);
      project.a_night();
    }
}

TEST_CASE("in place, where the products are the user's own") {
  for (const auto& how : {make_built, make_in_run}) {
    built_project project(with_make());
    shell(project.lab.repository, "make -s");
    project.open(with(how, {{"workspace", "in_place"}, {"repeats", 3}}));
    project.try_it("p", 4);
    project.try_it("q", 1);
    project.try_it("q", 9);
  }
}

TEST_CASE("a process that is killed in the middle leaves no stale product to the next") {
  built_project project(with_make());
  project.open(with(make_in_setup, {{"repeats", 3}}));
  std::mt19937 random(5);
  for (int value = 10; value < (long_tests() ? 16 : 13); ++value) {
    const std::string which = value % 2 ? "p" : "q";
    const int was = project.best[which];
    project.lab.ask("autoresearch_edit",
                    {{"session_id", project.id},
                     {"content", {{which + ".c", built_project::source(which, value)}}}});
    process run(
        project.lab.command({"call", "autoresearch_run", json{{"session_id", project.id}}.dump()}),
        project.lab.repository);
    run.ends_within(20 + random() % 200);
    run.send(SIGKILL);
    run.end();
    json answer = project.lab.call("autoresearch_run", {{"session_id", project.id}}).answer();
    if (!answer.contains("error") || answer["error"].is_null())
      CHECK_MESSAGE(answer["metric_value"] == project.expected(which, value), answer.dump());
    const json decided = project.lab.ask("autoresearch_decide", {{"session_id", project.id}});
    if (decided["decision"] == "kept") project.best[which] = value;
    CHECK_MESSAGE((decided["decision"] == "kept" || value <= was), decided.dump());
  }
}

TEST_CASE("candidates side by side are each built in a tree of their own") {
  laboratory lab;
  write_text(lab.repository / "p.c",
             "#include <stdio.h>\nint block = 4; // ratchet: range 1..64\n"
             "int main(void) { printf(\"score: %d\\n\", block); return 0; }\n");
  for (const auto& [name, text] : with_cmake()) write_text(lab.repository / name, text);
  lab.git("add -A");
  lab.git("-c user.name=a -c user.email=a@example.org commit -qm project");
  for (const json& how :
       {json{{"setup_command", "cmake -S . -B build >/dev/null && cmake --build build >/dev/null"},
             {"run_command", "cmake --build build >/dev/null && build/prog"}},
        json{{"setup_command", "cmake -S . -B build >/dev/null"},
             {"build_command", "cmake --build build >/dev/null"},
             {"run_command", "build/prog"}}}) {
    json arguments{{"repo_path", lab.repository.string()},
                   {"target_file", "p.c"},
                   {"hive_parallel", true},
                   {"num_variants", 2},
                   {"edit_backend", {{"name", "mutate"}, {"seed", 3}}}};
    arguments.update(how);
    const std::string id = lab.ask("start_autoresearch", arguments)["session_id"];
    for (int round = 0; round < (long_tests() ? 4 : 2); ++round) {
      const json edited = lab.ask("autoresearch_edit", {{"session_id", id}});
      const json ran = lab.ask("autoresearch_run", {{"session_id", id}});
      for (const auto& v : ran.value("variants", json::array())) {
        const json shown =
            lab.run({"show", id, std::to_string(v["iteration"].get<int>()), "--json"}).answer();
        const std::string said = shown["candidate"]["hypothesis"];  // "block 4 -> 9"
        const int wanted = std::stoi(said.substr(said.find("->") + 2));
        CHECK_MESSAGE(v["metric_value"] == wanted, said << ": " << v.dump());
      }
      lab.ask("autoresearch_decide", {{"session_id", id}});
    }
  }
}
