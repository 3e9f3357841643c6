// SPDX-License-Identifier: MIT
//
// What eleven samples of a candidate cost (repeats 5: one that screens, five pairs with the best)
// in a project of many objects with a build_command, against a floor measured in the same run, by
// hand in a checkout: two builds of what one edit changed, and eleven runs of the program. Each
// candidate edits another object and is kept, so that both work trees have one to compile. Prints
// medians in milliseconds and the ratio as JSON, for make, and for CMake with Ninja where
// installed.
//
//   builds_bench [candidates 7] [objects 32] [sandbox auto]
#include <cstdio>
#include <string>
#include <vector>

#include "tests/bench/laboratory.hpp"

namespace {

using ratchet::json;
using namespace ratchet::bench;

struct build_tool {
  const char* name;
  const char* setup;  ///< "" for none
  const char* build;
  const char* run;
  const char* file;
  const char* text;
};

const build_tool with_make{"make",
                           "",
                           "make -s -j2",
                           "./prog",
                           "Makefile",
                           "OBJECTS := $(patsubst %.c,%.o,$(wildcard *.c))\nCFLAGS := -O1\n"
                           "prog: $(OBJECTS)\n\t$(CC) -o $@ $^\n"};
const build_tool with_ninja{
    "cmake+ninja",
    "cmake -S . -B build -G Ninja -DCMAKE_BUILD_TYPE=RelWithDebInfo >/dev/null",
    "cmake --build build >/dev/null",
    "build/prog",
    "CMakeLists.txt",
    "cmake_minimum_required(VERSION 3.18)\nproject(p C)\nfile(GLOB sources *.c)\n"
    "add_executable(prog ${sources})\n"};

std::string part_name(int i) { return "part" + std::to_string(i); }

/// One object's source: a number that counts, and enough to compile.
std::string part_text(int i, int value) {
  const std::string name = part_name(i);
  std::string text = "int " + name + "(void) { return " + std::to_string(value) + "; }\n";
  for (int f = 0; f < 40; ++f)
    text += "double " + name + "_" + std::to_string(f) +
            "(const double* x, int n) {\n  double s = 0;\n  for (int i = 0; i < n; ++i)\n"
            "    s += i % 3 ? x[i] * " +
            std::to_string(f + 1) + " : s / (1 + x[i]);\n  return s;\n}\n";
  return text;
}

/// Computes for some tens of milliseconds and prints the sum of the parts.
std::string main_text(int objects) {
  std::string declared, sum;
  for (int i = 0; i < objects; ++i) {
    declared += "int " + part_name(i) + "(void);\n";
    sum += " + " + part_name(i) + "()";
  }
  return "#include <stdio.h>\n" + declared +
         "int main(void) {\n  volatile double s = 0;\n"
         "  for (int i = 0; i < 10000000; ++i) s += i;\n  printf(\"score: %d\\n\", 0" +
         sum + ");\n  return 0;\n}\n";
}

void write(const fs::path& path, const std::string& text) { std::ofstream(path) << text; }

fs::path make_project(const fs::path& at, const build_tool& tool, int objects) {
  fs::create_directories(at);
  for (int i = 0; i < objects; ++i) write(at / (part_name(i) + ".c"), part_text(i, 0));
  write(at / "main.c", main_text(objects));
  write(at / tool.file, tool.text);
  write(at / ".gitignore", "*.o\nprog\nbuild/\n");
  shell("cd '" + at.string() +
        "' && git init -q -b main && git add -A && git -c user.name=b -c user.email=b@localhost "
        "commit -q -m base");
  return at;
}

double timed(const fs::path& where, const std::string& command) {
  auto begin = clock_type::now();
  shell("cd '" + where.string() + "' && " + command + " >/dev/null");
  return ms_since(begin);
}

/// The same by hand.
class by_hand {
 public:
  by_hand(fs::path where, const build_tool& tool) : where_(std::move(where)), tool_(tool) {
    if (*tool.setup) timed(where_, tool.setup);
    timed(where_, tool.build);
  }
  /// A build of what this edit changes, then a run.
  double build(int part, int value) {
    write(where_ / (part_name(part) + ".c"), part_text(part, value));
    return timed(where_, tool_.build);
  }
  double run() { return timed(where_, tool_.run); }

 private:
  fs::path where_;
  const build_tool& tool_;
};

void measure(const fs::path& base, const build_tool& tool, int candidates, int objects,
             const std::string& sandbox) {
  by_hand hand(make_project(base / "floor", tool, objects), tool);
  auto repo = make_project(base / "repo", tool, objects);
  auto opened = ratchet::runtime::open({.state_dir = base / "state"});
  if (!opened) give_up(opened.error().text);
  auto& lab = **opened;
  std::vector<std::string> targets;
  for (int i = 0; i < objects; ++i) targets.push_back(part_name(i) + ".c");
  json settings{{"repo_path", repo.string()},
                {"target_files", targets},
                {"build_command", tool.build},
                {"run_command", tool.run},
                {"repeats", 5},
                {"sandbox", sandbox},
                {"max_iterations", 1'000'000},
                {"edit_backend", "host"}};
  if (*tool.setup) settings["setup_command"] = tool.setup;
  auto begin = clock_type::now();
  const std::string id = call(lab, "autoresearch_setup", settings)["session_id"];
  const double setup = ms_since(begin);
  std::vector<double> steps, builds, runs, floors;
  for (int i = 1; i <= candidates; ++i) {
    const int part = i % objects;
    double floor = 0;
    for (int tree = 0; tree < 2; ++tree) floor += builds.emplace_back(hand.build(part, i + tree));
    for (int run = 0; run < 11; ++run) floor += runs.emplace_back(hand.run());
    call(lab, "autoresearch_edit",
         {{"session_id", id}, {"content", {{part_name(part) + ".c", part_text(part, i)}}}});
    begin = clock_type::now();
    auto ran = call(lab, "autoresearch_run", {{"session_id", id}});
    steps.push_back(ms_since(begin));
    if (ran["samples"].size() != 11) give_up("not eleven samples: " + ran.dump());
    auto decided = call(lab, "autoresearch_decide", {{"session_id", id}});
    if (decided["decision"] != "kept") give_up("decision was " + decided.dump());
    floors.push_back(floor);
  }
  const json line{{"tool", tool.name},
                  {"objects", objects + 1},
                  {"sandbox", sandbox},
                  {"setup_ms", setup},
                  {"eleven_samples_ms", median(steps)},
                  {"floor_ms", median(floors)},
                  {"floor_build_ms", median(builds)},
                  {"floor_run_ms", median(runs)},
                  {"ratio_to_floor", median(steps) / median(floors)}};
  std::printf("%s\n", line.dump().c_str());
}

bool starts(const char* program) {
  return std::system((std::string(program) + " --version >/dev/null 2>&1").c_str()) == 0;
}

}  // namespace

int main(int argc, char** argv) {
  const int candidates = argc > 1 ? std::atoi(argv[1]) : 7;
  const int objects = argc > 2 ? std::atoi(argv[2]) : 32;
  const std::string sandbox = argc > 3 ? argv[3] : "auto";
  char scratch[] = "/tmp/ratchet-bench-XXXXXX";
  const fs::path base = mkdtemp(scratch);
  measure(base / "make", with_make, candidates, objects, sandbox);
  if (starts("cmake") && starts("ninja"))
    measure(base / "ninja", with_ninja, candidates, objects, sandbox);
  fs::remove_all(base);
}
