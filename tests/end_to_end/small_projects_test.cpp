// SPDX-License-Identifier: MIT
//
// Small projects as people try a tool on, searched without annotations: whatever is kept changes
// settings, and none is won by changing how it is measured.
#include <algorithm>
#include <sstream>

#include "tests/end_to_end/program.hpp"

using namespace ratchet;
using namespace ratchet::e2e;

namespace {

std::vector<std::string> lines_in(const std::string& text) {
  std::vector<std::string> out;
  std::istringstream in(text);
  for (std::string line; std::getline(in, line);) out.push_back(line);
  return out;
}

struct searched_project {
  std::string file;
  std::vector<std::string> settings;
  std::string text;
  std::string metric;
  bool minimize = false;
  std::string command;
};

/// Searches, and gives the text of the best: only lines of settings may differ from the start.
std::string best_of(const searched_project& p, outcome* ended = nullptr) {
  laboratory lab;
  write_text(lab.repository / p.file, p.text);
  lab.git("add -A");
  lab.git("-c user.name=a -c user.email=a@b commit -q -m start");
  std::vector<std::string> words{"run",      "--repo",       lab.repository.string(),
                                 "--target", p.file,         "-n",
                                 "20",       "--no-compare", "--repeats",
                                 "1",        "--sandbox",    "none",
                                 "-m",       p.metric,       "-c",
                                 p.command};
  if (p.minimize) words.emplace_back("--minimize");
  auto done = lab.run(words);
  CAPTURE(done.out);
  CHECK(done.exit_code == 0);
  if (ended) *ended = done;
  auto branch = lab.git("for-each-ref --format='%(refname)' refs/heads/ratchet/");
  while (!branch.empty() && branch.back() == '\n') branch.pop_back();
  if (branch.empty()) return p.text;
  auto best = lab.git("show " + branch + ":" + p.file);
  auto before = lines_in(p.text), after = lines_in(best);
  REQUIRE(before.size() == after.size());
  for (std::size_t i = 0; i < before.size(); ++i) {
    if (before[i] == after[i]) continue;
    CHECK_MESSAGE(
        std::any_of(p.settings.begin(), p.settings.end(),
                    [&](const std::string& s) { return before[i].find(s) != std::string::npos; }),
        p.file << ": " << before[i] << " -> " << after[i]);
  }
  return best;
}

}  // namespace

TEST_CASE("five lines of Python are won by their setting, not by their formula") {
  outcome done;
  auto best = best_of({"five.py",
                       {"lr = "},
                       "lr = 0.01\nscore = 1.0 / (1 + 100 * abs(lr - 0.003))\nprint('epoch 1')\n"
                       "print('score:', score)\n",
                       "score",
                       false,
                       "python3 five.py"},
                      &done);
  CHECK(best.find("score = 1.0 / (1 + 100 * abs(lr - 0.003))") != std::string::npos);
  CHECK(best.find("lr = 0.01\n") == std::string::npos);
  CHECK(done.out.find("1 setting is searched: lr 0.01 [0.0025 … 0.04]") != std::string::npos);
}

TEST_CASE("a program that trains and judges itself keeps its seed, its judge and its steps") {
  best_of({"train.py",
           {"LEARNING_RATE", "HIDDEN"},
           "import random\n\nrandom.seed(1337)\nSEED = 7\nLEARNING_RATE = 0.02\nHIDDEN = 256\n\n\n"
           "def squash(x):\n    return 1.0 / (1.0 + x)\n\n\n"
           "miss = abs(LEARNING_RATE - 0.08) * 10 + abs(HIDDEN - 512) / 512\n"
           "luck = random.Random(SEED).random() * 5\ntotal = 0.0\n"
           "for step in range(40):\n    total += squash(miss - luck * 0.1)\n"
           "val_accuracy = total / 40\nprint(f'val_accuracy: {val_accuracy:.4f}')\n",
           "val_accuracy",
           false,
           "python3 train.py"});
}

TEST_CASE("a cost model in C is won by its tile, not by the cost of a tile") {
  auto best =
      best_of({"tile.c",
               {"TILE", "UNROLL"},
               "#include <stdio.h>\n#define TILE 16\n#define UNROLL 2\n#define ROWS 1000\n"
               "static int cost(int tile, int unroll) {\n"
               "  return (tile - 48) * (tile - 48) + (unroll - 4) * 10 * (unroll - 4) + 4;\n"
               "}\nint main(void) {\n  int total = 0;\n"
               "  for (int i = 0; i < ROWS; i += 100) total += cost(TILE, UNROLL);\n"
               "  printf(\"cost: %d\\n\", total / 10);\n  return 0;\n}\n",
               "cost",
               true,
               "cc -o tile tile.c && ./tile"});
  CHECK(best.find("#define TILE 16\n") == std::string::npos);
}

TEST_CASE("a configuration keeps its port, version and seed, whatever they would bring") {
  best_of(
      {"server.json",
       {"size", "batch"},
       "{\n  \"version\": 3,\n  \"port\": 8080,\n  \"pool\": {\"size\": 10},\n  \"batch\": 16,\n"
       "  \"seed\": 99\n}\n",
       "ms",
       true,
       "python3 -c \"import json; c = json.load(open('server.json')); "
       "print('ms:', c['port'] + c['version'] + c['seed'] + abs(c['pool']['size'] - 20) + "
       "abs(c['batch'] - 40))\""});
}

TEST_CASE("a shell script keeps its rounds and what it measures") {
  best_of({"pack.sh",
           {"LEVEL"},
           "#!/bin/sh\nLEVEL=3\nROUNDS=5\nBASE=1000\ni=0\nsum=0\nwhile [ $i -lt $ROUNDS ]; do\n"
           "  i=$((i + 1))\n  sum=$((sum + 100 - LEVEL * 2))\ndone\necho \"size: $((sum + 7))\"\n",
           "size",
           true,
           "sh pack.sh"});
}

TEST_CASE("a target without a setting is refused at once, in words") {
  laboratory lab;
  write_text(lab.repository / "none.py", "SEED = 7\nprint('score:', 1 + SEED * 0)\n");
  lab.git("add -A");
  lab.git("-c user.name=a -c user.email=a@b commit -q -m start");
  auto before = lab.users();
  auto done =
      lab.run({"run", "--repo", lab.repository.string(), "-t", "none.py", "-c", "python3 none.py"});
  CHECK(done.exit_code == 1);
  CHECK(done.err.find("no literal to change in none.py") != std::string::npos);
  CHECK(done.err.find("SEED: a seed") != std::string::npos);
  auto dry = lab.run({"run", "--repo", lab.repository.string(), "-t", "none.py", "--dry-run", "-c",
                      "python3 none.py"});
  CHECK(dry.exit_code == 1);
  CHECK(differences(before, lab.users()) == "");
}

TEST_CASE("--dry-run and settings list what is searched, and touch nothing") {
  laboratory lab;
  write_text(lab.repository / "a.py", "SEED = 7\nlr = 0.1\nprint('score:', lr)\n");
  write_text(lab.repository / "Makefile", "CFLAGS = -O2\n");
  lab.git("add -A");
  lab.git("-c user.name=a -c user.email=a@b commit -q -m start");
  auto before = lab.users();
  auto dry = lab.run({"run", "--repo", lab.repository.string(), "-t", "a.py", "--dry-run", "-c",
                      "touch ran; python3 a.py"});
  CHECK(dry.exit_code == 0);
  CHECK(dry.out.find("1 setting is searched") != std::string::npos);
  CHECK(dry.out.find("a.py:2") != std::string::npos);
  CHECK(dry.out.find("a seed") != std::string::npos);
  CHECK(differences(before, lab.users()) == "");
  CHECK_FALSE(fs::exists(lab.repository / "ran"));
  auto file = (lab.repository / "a.py").string();
  auto listed = lab.run({"settings", file, "--json"});
  CHECK(listed.exit_code == 0);
  CHECK(listed.answer()["settings"][0]["name"] == "lr");
  CHECK(listed.answer()["left_out"][0]["why"] == "a seed");
  auto make = (lab.repository / "Makefile").string();
  CHECK(lab.run({"settings", make}).exit_code == 1);
  json parameters{{{"file", make}, {"match", "-O(\\w)"}, {"choices", {"1", "2", "3", "s"}}}};
  auto flags = lab.run({"settings", make, "--parameters", parameters.dump()});
  CAPTURE(flags.err);
  CHECK(flags.exit_code == 0);
  CHECK(flags.out.find("1, 2, 3, s") != std::string::npos);
  CHECK(lab.run({"settings", "no-such.py"}).exit_code == 1);
}

TEST_CASE("parameters tune a compiler flag without touching how it is written") {
  laboratory lab;
  write_text(lab.repository / "Makefile", "CFLAGS = -O2 -g\nrun:\n\t@echo score: $(CFLAGS)\n");
  lab.git("add -A");
  lab.git("-c user.name=a -c user.email=a@b commit -q -m start");
  json backend{{"name", "mutate"},
               {"parameters", {{{"match", "-O(\\w)"}, {"choices", {"1", "2", "3"}}}}}};
  auto done = lab.run({"run", "--repo", lab.repository.string(), "-t", "Makefile", "-n", "4",
                       "--no-compare", "--repeats", "1", "--backend", backend.dump(), "-c",
                       "sed -n 's/.*-O\\(.\\).*/score: \\1/p' Makefile"});
  CAPTURE(done.out);
  CHECK(done.exit_code == 0);
  auto branch = lab.git("for-each-ref --format='%(refname)' refs/heads/ratchet/");
  while (!branch.empty() && branch.back() == '\n') branch.pop_back();
  REQUIRE_FALSE(branch.empty());
  CHECK(lab.git("show " + branch + ":Makefile").starts_with("CFLAGS = -O3 -g\n"));
}
