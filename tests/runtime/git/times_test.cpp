// SPDX-License-Identifier: MIT
//
// The times of files: restored with content and mode, and later than all products where the content
// is another.
#include <time.h>

#include <set>

#include "runtime/git/file_dates.hpp"
#include "runtime/git/setup_products.hpp"
#include "tests/runtime/git/build_laboratory.hpp"

namespace fs = std::filesystem;
using namespace ratchet;
using namespace ratchet::test;

namespace {

std::int64_t now_ns() { return git::fine_now_ns(); }

std::map<std::string, std::string> with_makefile() {
  auto files = two_constants();
  files["Makefile"] = "prog: p.o q.o main.o\n\t$(CC) -o $@ $^\n";
  files[".gitignore"] = "*.o\nprog\n";
  return files;
}

git_oid id_of(int n) {
  git_oid id{};
  id.id[0] = static_cast<unsigned char>(n);
  return id;
}

}  // namespace

TEST_CASE("a restore gives products and untouched files mode and time to the nanosecond") {
  build_laboratory lab(with_makefile(), {"p.c", "q.c"});
  lab.set_up("make -s && chmod 640 p.o && ln -s prog by-name && mkdir -p out && echo t > out/text");
  std::map<std::string, std::int64_t> times;
  for (const char* path : {"p.c", "q.c", "main.c", "Makefile", "p.o", "q.o", "prog", "out/text"})
    times[path] = lab.time_of(path);
  auto whole = picture_of(lab.work);
  for (const char* script :
       {"touch *", "rm *.o prog", "for f in * out/text; do cp -L $f t && cat t > $f; done; rm t",
        "echo x > p.o; echo y > main.c; chmod 600 q.o", "rm -r out main.c",
        "touch -d 2001-01-01 *"}) {
    CAPTURE(script);
    lab.run(script);
    lab.restore(lab.info.base_tree);
    CHECK(differences(whole, picture_of(lab.work)) == "");
    for (const auto& [path, time] : times) {
      CAPTURE(path);
      CHECK(lab.time_of(path) == time);
    }
  }
  lab.reopen();
  fs::remove_all(lab.work);
  lab.restore(lab.info.base_tree);
  for (const auto& [path, time] : times) CHECK(lab.time_of(path) == time);
}

TEST_CASE(
    "an edited file is later than every product in whole seconds, and not ahead of the clock") {
  build_laboratory lab(with_makefile(), {"p.c", "q.c"});
  lab.set_up("make -s");
  const auto latest = second_of(lab.time_of("prog"));
  auto check_edited = [&](const char* path) {
    CHECK(second_of(lab.time_of(path)) > latest);
    CHECK(lab.time_of(path) <= now_ns());
  };
  must(lab.port->apply("s", lab.info.base_commit, {{"p.c", constant("p", 4)}}));
  check_edited("p.c");
  const auto time = lab.time_of("p.c");
  const auto tree = lab.tree(4, 5);
  lab.restore(tree);  // the same content
  CHECK(lab.time_of("p.c") == time);
  lab.run("touch p.c");
  lab.restore(tree);
  CHECK(lab.time_of("p.c") == time);
  lab.restore(lab.tree(3, 6));
  check_edited("q.c");
  // As an editor in place leaves it.
  lab.restore(lab.info.base_tree);
  must(lab.port->begin_run("s"));
  write_text(lab.work / "p.c", constant("p", 7));
  set_mtime_ns(lab.work / "p.c", 1'000'000'000'000'000'000);
  must(lab.port->adopt("s", lab.info.base_commit));
  check_edited("p.c");
}

TEST_CASE("a work tree without products is never waited for, and no two contents share a second") {
  temp_repository repo;
  auto port = must(open_workspaces(repo.state));
  auto info = must(port->create("s", repo.settings()));
  const fs::path file = fs::path(info.directory) / "train.py";
  std::map<std::pair<std::int64_t, std::uintmax_t>, std::string> seen;
  auto see = [&] {
    auto [it, fresh] =
        seen.try_emplace({second_of(mtime_ns(file)), fs::file_size(file)}, read_text(file));
    CHECK(it->second == read_text(file));
  };
  see();
  const auto begun = now_ns();
  for (int i = 10; i < 40; ++i) {
    must(port->apply("s", info.base_commit, {{"train.py", std::to_string(i) + "\n"}}));
    see();
    if (i % 7 == 0) port = must(open_workspaces(repo.state));
    must(port->restore("s", info.base_tree));
    see();
  }
  CHECK(now_ns() - begun < 20'000'000'000);
  CHECK(mtime_ns(file) < now_ns() + 64'000'000'000);
}

TEST_CASE("times are chosen by order, then by seconds that no other content of the size has had") {
  const std::int64_t s = 1'000'000'000;
  git::file_dates dates;
  auto choose = [&](const char* path, int blob, std::int64_t now) {
    return dates.choose({{path, id_of(blob), 10, std::nullopt, 0}}, now);
  };
  dates.snapshot({{"a.py", {id_of(1), 50 * s + 7}}}, 100 * s + 5);
  CHECK(dates.known("a.py", id_of(1)) == 50 * s + 7);
  CHECK(choose("a.py", 2, 100 * s + 500).wait_until_ns == 101 * s);
  CHECK(choose("a.py", 2, 101 * s).times.at(0) == 101 * s);
  CHECK(dates.known("a.py", id_of(2)) == 101 * s);
  CHECK_FALSE(dates.known("a.py", id_of(1)));
  // Nothing shows that builds happen in the tree: ahead of the clock, and never back.
  CHECK(choose("a.py", 3, 101 * s + 9).times.at(0) == 102 * s);
  CHECK(choose("a.py", 1, 101 * s + 10).times.at(0) == 103 * s);
  CHECK(choose("a.c", 4, 101 * s + 11).times.at(0) == 101 * s + 11);
  CHECK(choose("a.c", 5, 101 * s + 12).times.at(0) == 101 * s + 12);
  dates.builds_here();
  CHECK(choose("a.py", 1, 110 * s).times.at(0) == 50 * s + 7);
  CHECK(choose("a.py", 2, 110 * s).times.at(0) == 101 * s);  // the one it had
  CHECK(choose("a.py", 6, 110 * s + 1).times.at(0) == 110 * s + 1);
  CHECK(choose("a.py", 7, 110 * s + 2).times.at(0) == 109 * s);
  // Ten seconds since the latest product, and then the eight latest contents do not wait.
  for (int blob = 8; blob < 40; ++blob) {
    auto time = choose("a.py", blob, 110 * s + blob);
    CHECK(time.wait_until_ns == 0);
    CHECK(time.times.at(0) > 100 * s);
    CHECK(time.times.at(0) < 111 * s);
  }
  git::file_dates again;
  again.load(dates.save());
  CHECK(again.build_seen());
  CHECK(again.known("a.py", id_of(39)) == dates.known("a.py", id_of(39)));
  auto bytes = dates.save();
  for (std::size_t i = 0; i < bytes.size(); i += 7) {
    git::file_dates torn;
    torn.load(std::string_view(bytes).substr(0, i));
    CHECK(torn.empty());
  }
}

TEST_CASE("Python never runs the byte code of another content, in the tree or outside") {
  if (!installed("python3")) return;
  for (bool out_of_tree : {false, true}) {
    CAPTURE(out_of_tree);
    build_laboratory lab(
        {{"knob.py", "K = 1\n"}, {"run.py", "import knob\nprint('score:', knob.K)\n"}},
        {"knob.py"});
    const std::string run =
        std::string(out_of_tree ? "PYTHONPYCACHEPREFIX='" + lab.outside.string() + "' " : "") +
        "python3 run.py";
    lab.set_up(run);
    auto tree = [&](int k) {
      return must(lab.port->draft("s", lab.info.base_commit,
                                  {{"knob.py", "K = " + std::to_string(k) + "\n"}}))
          .tree;
    };
    for (int k = 2; k < 5; ++k) {
      lab.restore(tree(k));
      CHECK(lab.run(run) == k);
      lab.restore(lab.info.base_tree);
      CHECK(lab.run(run) == 1);
    }
  }
}

TEST_CASE("in place an edit is later than all that was built there, and so is what takes it back") {
  build_laboratory lab(with_makefile(), {"p.c", "q.c"}, workspace_kind::in_place);
  lab.set_up("make -s");
  lab.compiled();
  const std::string run = "make -s && ./prog";
  must(lab.port->apply("s", lab.info.base_commit, {{"p.c", constant("p", 4)}}));
  CHECK(second_of(lab.time_of("p.c")) > second_of(lab.time_of("prog")));
  CHECK(lab.run(run) == 405);
  CHECK(lab.compiled() == 1);
  lab.restore(lab.info.base_tree);
  CHECK(lab.run(run) == 305);
  lab.restore(lab.tree(4, 5));
  CHECK(lab.run(run) == 405);
  lab.restore(lab.tree(3, 9));
  CHECK(lab.run(run) == 309);
  lab.compiled();
  CHECK(lab.run(run) == 309);
  CHECK(lab.compiled() == 0);
}

TEST_CASE("snapshots of before, without times, are read and built anew; torn ones are refused") {
  git_oid blob{};
  REQUIRE(git_oid_fromstr(&blob, "e69de29bb2d1d6434b8b29ae775ad8c2e48c5391") == 0);
  const std::string old_list =
      "f" + git::hex(blob) + "a/b" + '\0' + "x" + git::hex(blob) + "c" + '\0' + "E" + '\0';
  auto before = git::decode_setup(old_list);
  REQUIRE(before.products.size() == 2);
  CHECK(before.products[0].path == "a/b");
  CHECK(before.products[0].over_tracked);
  CHECK(second_of(before.products[1].mtime_ns) == 946'684'800);
  git::snapshot_record snapshot;
  snapshot.products = {{"a/b", git::entry_kind::executable, blob, 0750, 123456789012345678, false},
                       {"c", git::entry_kind::link, blob, 0, 0, true},
                       {"d", git::entry_kind::empty_folder, {}, 0, 0, false}};
  snapshot.tracked["x y"] = {blob, 1234567890123456789};
  const auto bytes = git::encode_setup(snapshot);
  auto again = git::decode_setup(bytes);
  CHECK(again.products == snapshot.products);
  CHECK(again.tracked.at("x y").mtime_ns == 1234567890123456789);
  for (std::size_t i = 0; i + 1 < bytes.size(); ++i)
    CHECK_THROWS_AS(git::decode_setup(bytes.substr(0, i)), git::refusal);

  build_laboratory lab(with_makefile(), {"p.c", "q.c"});
  lab.set_up("make -s");
  auto kept = git::decode_setup(read_text(lab.work.parent_path() / "setup"));
  std::string old_format;
  for (const auto& p : kept.products)
    old_format += std::string(p.kind == git::entry_kind::executable ? "x" : "f") + git::hex(p.id) +
                  p.path + '\0';
  write_text(lab.work.parent_path() / "setup", old_format + "E" + '\0');
  for (int p : {4, 3, 6}) {
    lab.restore(lab.tree(p, 5));
    CHECK(lab.run("make -s && ./prog") == 100 * p + 5);
  }
}
