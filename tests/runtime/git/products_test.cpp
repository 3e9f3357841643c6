// SPDX-License-Identifier: MIT
//
// What builds leave: whatever is restored, kept and reverted, each run is that of its own sources,
// and what did not change is not compiled again.
#include <algorithm>

#include "tests/runtime/git/build_laboratory.hpp"
#include "tests/support/long_tests.hpp"

namespace fs = std::filesystem;
using namespace ratchet;
using namespace ratchet::test;

namespace {

struct build_tool {
  std::string name;
  std::vector<std::string> needs;
  std::map<std::string, std::string> files;
  std::string set_up, run;
};

std::map<std::string, std::string> project(std::map<std::string, std::string> more) {
  auto files = two_constants();
  files.merge(more);
  return files;
}

const std::string cmake_lists =
    "cmake_minimum_required(VERSION 3.18)\nproject(p C)\nadd_executable(prog p.c q.c main.c)\n";

build_tool make_in_tree() {
  return {"make",
          {"make"},
          project({{"Makefile", "prog: p.o q.o main.o\n\t$(CC) -o $@ $^\n"},
                   {".gitignore", "*.o\nprog\n"}}),
          "make -s",
          "make -s -j2 && ./prog"};
}

std::vector<build_tool> build_tools() {
  build_tool folder = make_in_tree();
  folder.name = "make, with a build folder, unknown to git, and dependency files";
  folder.files["Makefile"] =
      "build/prog: build/p.o build/q.o build/main.o\n\t$(CC) -o $@ $^\n"
      "build/%.o: %.c\n\t@mkdir -p build\n\t$(CC) -MMD -c -o $@ $<\n-include build/*.d\n";
  folder.files[".gitignore"] = "";
  folder.run = "make -s -j2 && build/prog";
  build_tool cmake{
      "cmake and make",
      {"cmake", "make"},
      project({{"CMakeLists.txt", cmake_lists}, {".gitignore", "/build/\n"}}),
      "cmake -S . -B build -G 'Unix Makefiles' >/dev/null && cmake --build build >/dev/null",
      "cmake --build build -j2 >/dev/null && build/prog"};
  build_tool ninja = cmake;
  ninja.name = "cmake and ninja";
  ninja.needs = {"cmake", "ninja"};
  ninja.set_up = "cmake -S . -B build -G Ninja >/dev/null && cmake --build build >/dev/null";
  return {make_in_tree(), folder, cmake, ninja};
}

bool installed_all(const build_tool& tool) {
  return std::all_of(tool.needs.begin(), tool.needs.end(), installed);
}

}  // namespace

TEST_CASE("with make, cmake and ninja every run is that of its own sources, whatever came before") {
  for (const auto& tool : build_tools()) {
    CAPTURE(tool.name);
    if (!installed_all(tool)) continue;
    build_laboratory lab(tool.files, {"p.c", "q.c"});
    lab.set_up(tool.set_up);
    lab.compiled();
    auto measure = [&](int p, int q, int most) {
      CAPTURE(p);
      CAPTURE(q);
      lab.restore(lab.tree(p, q));
      CHECK(lab.run(tool.run) == 100 * p + q);
      CHECK(lab.compiled() <= most);
    };
    measure(3, 5, 0);
    measure(4, 5, 1);
    measure(3, 5, 0);
    if (long_tests()) measure(4, 5, 1);
    measure(4, 5, 1);
    lab.keep(lab.tree(4, 5));
    measure(4, 5, 0);
    measure(4, 1, 1);
    lab.reopen();
    measure(4, 5, 0);
    measure(4, 9, 1);
    lab.run(tool.run);
    CHECK(lab.compiled() == 0);  // nothing has changed since
    if (!long_tests()) continue;
    lab.keep(lab.tree(4, 9));
    measure(7, 9, 1);
    measure(4, 9, 0);
    measure(3, 5, 2);
    measure(4, 9, 0);
  }
}

TEST_CASE("with cargo and meson, too, every run is that of its own sources") {
  struct tool {
    std::string program, target, before, after;
    std::map<std::string, std::string> files;
    std::string set_up, run;
  };
  const std::vector<tool> tools{
      {"cargo",
       "src/k.rs",
       "pub const K: i32 = ",
       ";\n",
       {{"Cargo.toml", "[package]\nname = \"prog\"\nversion = \"0.1.0\"\nedition = \"2018\"\n"},
        {"src/main.rs", "mod k;\nfn main() { println!(\"score: {}\", k::K); }\n"},
        {".gitignore", "/target\nCargo.lock\n"}},
       "cargo build -q --offline",
       "cargo build -q --offline && target/debug/prog"},
      {"meson",
       "k.c",
       "int k = ",
       ";\n",
       {{"meson.build", "project('p', 'c')\nexecutable('prog', 'k.c', 'main.c')\n"},
        {"main.c",
         "#include <stdio.h>\nextern int k; int main(void) "
         "{ printf(\"score: %d\\n\", k); return 0; }\n"}},
       "meson setup build >/dev/null && ninja -C build >/dev/null",
       "ninja -C build >/dev/null && build/prog"}};
  for (auto tool : tools) {
    if (!installed(tool.program)) continue;
    CAPTURE(tool.program);
    tool.files[tool.target] = tool.before + "1" + tool.after;
    build_laboratory lab(tool.files, {tool.target});
    lab.set_up(tool.set_up);
    auto measure = [&](int k) {
      CAPTURE(k);
      auto tree = lab.info.base_tree;
      if (k != 1)
        tree = must(lab.port->draft("s", lab.info.base_commit,
                                    {{tool.target, tool.before + std::to_string(k) + tool.after}}))
                   .tree;
      lab.restore(tree);
      CHECK(lab.run(tool.run) == k);
      return tree;
    };
    for (int k : {2, 1}) measure(k);
    lab.keep(measure(3));
    for (int k : {2, 3}) measure(k);
    if (long_tests())
      for (int k : {3, 2, 3, 1}) measure(k);
  }
}

TEST_CASE("without a build in setup the first keep makes later builds incremental") {
  auto tool = make_in_tree();
  build_laboratory lab(tool.files, {"p.c", "q.c"});
  lab.restore(lab.info.base_tree);
  CHECK(lab.run(tool.run) == 305);
  CHECK(lab.compiled() == 3);
  lab.keep(lab.info.base_tree);
  lab.restore(lab.tree(8, 5));
  CHECK(lab.run(tool.run) == 805);
  CHECK(lab.compiled() == 1);
  lab.restore(lab.info.base_tree);
  CHECK(lab.run(tool.run) == 305);
  CHECK(lab.compiled() == 0);
}

TEST_CASE("what is built outside the tree or in a shared folder is never out of date") {
  for (bool shared : {false, true}) {
    CAPTURE(shared);
    auto files = make_in_tree().files;
    files["Makefile"] =
        "$(O)/prog: $(O)/p.o $(O)/q.o $(O)/main.o\n\t$(CC) -o $@ $^\n"
        "$(O)/%.o: %.c\n\t$(CC) -c -o $@ $<\n";
    files[".gitignore"] = "/build\n";
    build_laboratory lab(files, {"p.c", "q.c"});
    std::string folder = lab.outside;
    if (shared) {
      fs::create_directory(lab.root / "build");
      lab.settings.shared_paths = {"build"};
      must(lab.port->remove("s"));
      lab.info = must(lab.port->create("s", lab.settings));
      folder = "build";
    }
    // A program of another making, and other things that setup leaves in the tree.
    lab.set_up("cp /bin/true tool && echo x > notes && make -s O=" + folder);
    const std::string run = "make -s O=" + folder + " && " + folder + "/prog";
    for (auto [p, q] : {std::pair{4, 5}, {3, 5}, {4, 5}, {3, 6}, {3, 5}, {4, 6}, {3, 5}}) {
      lab.restore(lab.tree(p, q));
      CHECK(lab.run(run) == 100 * p + q);
    }
    lab.restore(lab.tree(9, 5));
    CHECK(lab.run(run) == 905);
    lab.keep(lab.tree(9, 5));
    lab.restore(lab.tree(9, 1));
    CHECK(lab.run(run) == 901);
    lab.restore(lab.tree(9, 5));
    CHECK(lab.run(run) == 905);
  }
}

TEST_CASE("a candidate's data does not reach a later run, with a build in the run or before it") {
  auto tool = make_in_tree();
  tool.files[".gitignore"] = "/build/\n*.pt\n";
  tool.files["Makefile"] =
      "build/prog: build/p.o build/q.o build/main.o build/table\n\t$(CC) -o $@ build/*.o\n"
      "build/table: p.c\n\t@mkdir -p build; cp p.c $@\n"
      "build/%.o: %.c\n\t@mkdir -p build\n\t$(CC) -c -o $@ $<\n";
  const std::string data =
      "sleep 0.02; echo mine | tee checkpoint.pt build/results.json log.txt state.db >/dev/null; "
      "mkdir -p runs && echo x > runs/x";
  for (bool built_before : {false, true}) {
    CAPTURE(built_before);
    build_laboratory lab(tool.files, {"p.c", "q.c"});
    lab.set_up("make -s && echo setup > state.db");
    const auto tree = lab.tree(4, 5);
    lab.restore(tree);
    if (built_before) lab.build("make -s");
    CHECK(lab.run("make -s && build/prog; " + data) == 405);
    lab.keep(tree);
    for (const char* path : {"checkpoint.pt", "build/results.json", "log.txt", "runs"}) {
      CAPTURE(path);
      CHECK_FALSE(fs::exists(lab.work / path));
    }
    CHECK(read_text(lab.work / "state.db") == "setup\n");
    CHECK(read_text(lab.work / "build" / "table") == constant("p", 4));
    lab.compiled();
    CHECK(lab.run("make -s && build/prog") == 405);
    CHECK(lab.compiled() == 0);
    lab.restore(lab.tree(4, 6));
    CHECK(lab.run("make -s && build/prog") == 406);
    CHECK(lab.compiled() == 1);
  }
}

TEST_CASE("all that a build left is kept, of any kind, but not what runs changed in it") {
  build_laboratory lab({{"p.c", constant("p", 1)}, {"gen.sh", "cat p.c > made/p.txt\n"}}, {"p.c"});
  const auto tree = must(lab.port->draft("s", lab.info.base_commit, {{"p.c", "2\n"}})).tree;
  lab.set_up("mkdir made && sh gen.sh && echo old > gone && echo 1 > counter");
  lab.restore(tree);
  lab.build("sh gen.sh; echo new > made/more; mkdir made/empty; rm gone; echo 2 > counter");
  const auto built = picture_of(lab.work);
  const auto time = lab.time_of("made/p.txt");
  lab.run("cat made/p.txt; echo 3 > counter; echo 4 > after; rm made/more; echo 5 > made/after");
  lab.keep(tree);
  CHECK(read_text(lab.work / "made/p.txt") == "2\n");
  CHECK(lab.time_of("made/p.txt") == time);
  CHECK(fs::is_directory(lab.work / "made/empty"));
  CHECK_FALSE(fs::exists(lab.work / "gone"));
  CHECK_FALSE(fs::exists(lab.work / "after"));
  CHECK_FALSE(fs::exists(lab.work / "made/after"));
  CHECK(read_text(lab.work / "counter") == "1\n");  // the build's version is lost
  lab.restore(lab.info.base_tree);
  lab.restore(tree);
  CHECK(lab.time_of("made/p.txt") == time);

  // Of another tree's build nothing is taken.
  lab.restore(lab.info.base_tree);
  lab.build("echo base > made/base");
  lab.restore(tree);
  write_text(lab.work / "made/base", "base\n");
  lab.keep(tree);
  CHECK_FALSE(fs::exists(lab.work / "made/base"));
}

TEST_CASE("what was built of other code than the tree's is not kept as the tree's") {
  auto tool = make_in_tree();
  build_laboratory lab(tool.files, {"p.c", "q.c"});
  lab.set_up("make -s");
  const auto tree = lab.tree(4, 5);
  for (bool built_before : {false, true}) {
    CAPTURE(built_before);
    lab.restore(tree);
    if (built_before) lab.build("make -s");
    lab.run("echo 'int q(void){return 77;}' > q.c; touch -d 2040-01-01 q.c; make -s");
    must(lab.port->keep_products("s"));
    lab.compiled();
    for (int q : {5, 6, 5}) {
      lab.restore(lab.tree(4, q));
      CHECK(lab.run(tool.run) == 400 + q);
    }
    lab.restore(lab.info.base_tree);
    CHECK(lab.run(tool.run) == 305);
  }
}

TEST_CASE("between two runs the tracked files are put back and the products stay") {
  build_laboratory lab(make_in_tree().files, {"p.c", "q.c"});
  lab.set_up("make -s");
  const auto tree = lab.tree(4, 5);
  lab.restore(tree);
  lab.build("make -s");
  lab.compiled();
  const auto times = std::map<std::string, std::int64_t>{{"p.c", lab.time_of("p.c")},
                                                         {"main.c", lab.time_of("main.c")},
                                                         {"p.o", lab.time_of("p.o")},
                                                         {"prog", lab.time_of("prog")}};
  for (const char* script :
       {"touch p.c", "echo x > p.c", "rm main.c", "chmod 755 q.c; touch Makefile", "true"}) {
    CAPTURE(script);
    CHECK(lab.run(std::string("./prog; ") + script + "; echo x >> log") == 405);
    must(lab.port->tidy("s", tree));
    for (const auto& [path, time] : times) CHECK(lab.time_of(path) == time);
    CHECK(read_text(lab.work / "p.c") == constant("p", 4));
    CHECK(fs::exists(lab.work / "log"));
  }
  CHECK(lab.run("make -s && ./prog") == 405);
  CHECK(lab.compiled() == 0);
  lab.keep(tree);
  CHECK(lab.run("make -s && ./prog") == 405);
  CHECK(lab.compiled() == 0);
  CHECK_FALSE(fs::exists(lab.work / "log"));
}

TEST_CASE(
    "another process keeps the products of a build that this one made, and sees a new snapshot") {
  build_laboratory lab(make_in_tree().files, {"p.c", "q.c"});
  lab.set_up("make -s");
  auto tree = lab.tree(4, 5);
  lab.restore(tree);
  lab.build("make -s");
  auto first = lab.port;
  lab.reopen();
  lab.keep(tree);
  lab.compiled();
  lab.port = first;  // which holds the snapshot of before
  lab.restore(tree);
  CHECK(lab.run("make -s && ./prog") == 405);
  CHECK(lab.compiled() == 0);
}

TEST_CASE("an extra work tree has products of its own") {
  build_laboratory lab(make_in_tree().files, {"p.c", "q.c"});
  lab.set_up("make -s");
  auto own = lab.work;
  lab.id = work_tree_id{"s", 1};
  lab.work = must(lab.port->create(work_tree_id{"s", 1}, lab.settings)).directory;
  lab.set_up("make -s CFLAGS=-O1");
  lab.compiled();
  for (int q : {6, 7, 5}) {
    lab.restore(lab.tree(3, q));
    CHECK(lab.run("make -s CFLAGS=-O1 && ./prog") == 300 + q);
    CHECK(lab.compiled() == (q == 5 ? 0 : 1));
  }
  lab.restore(lab.tree(8, 5));
  lab.build("make -s CFLAGS=-O1");
  must(lab.port->keep_products(work_tree_id{"s", 1}));
  lab.id = "s";
  lab.work = own;
  lab.compiled();
  lab.restore(lab.tree(8, 5));
  CHECK(lab.run("make -s && ./prog") == 805);
  CHECK(lab.compiled() == 1);
}

TEST_CASE("a program that was built before an overlaid run is there in it, and kept after it") {
  build_laboratory lab(make_in_tree().files, {"p.c", "q.c"});
  lab.port = must(open_workspaces(lab.folder.path / "state", 1));
  lab.set_up("make -s");
  const auto tree = lab.tree(4, 5);
  lab.restore(tree);
  lab.build("make -s");
  lab.compiled();
  for (int i = 0; i < 2; ++i) {
    const fs::path overlay = must(lab.port->begin_run("s"));
    REQUIRE(overlay != "");
    write_text(overlay / "upper" / "prog", "what the run wrote");
    must(lab.port->end_run("s", true));
    CHECK(must(lab.port->read_file("s", "prog", 100)) == "what the run wrote");
    must(lab.port->tidy("s", tree));
  }
  lab.keep(tree);
  CHECK(shell(lab.work, "./prog") == "score: 405\n");
  CHECK(lab.run("make -s && ./prog") == 405);
  CHECK(lab.compiled() == 0);
}
