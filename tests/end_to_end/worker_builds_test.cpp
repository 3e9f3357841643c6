// SPDX-License-Identifier: MIT
//
// What a worker measures is the candidate: a project that is built there, kept and reverted, in
// pairs.
#include <map>
#include <sstream>

#include "tests/end_to_end/cluster.hpp"

using namespace ratchet;
using namespace ratchet::e2e;

namespace {

constexpr int spares = 6;

std::string source(const std::string& name, int value) {
  return "int " + name + "(void) { return " + std::to_string(value) + "; }\n";
}

/// A program of its own constants, 100 p + q, with a compiler that writes down what it is called
/// for.
struct built_there {
  cluster c;
  std::string id;
  int p = 3, q = 5;

  built_there() {
    auto put = [&](const std::string& name, const std::string& text) {
      write_text(c.lab.repository / name, text);
    };
    put("p.c", source("p", p));
    put("q.c", source("q", q));
    for (int i = 0; i < spares; ++i) {
      const auto name = "spare" + std::to_string(i);
      put(name + ".c", source(name, i));
    }
    put("main.c",
        "#include <stdio.h>\nint p(void);\nint q(void);\n"
        "int main(void) { printf(\"score: %d\\n\", 100 * p() + q()); return 0; }\n");
    put("Makefile",
        "OBJECTS := $(patsubst %.c,%.o,$(wildcard *.c))\nprog: $(OBJECTS)\n\t$(CC) -o $@ $^\n");
    put(".gitignore", "*.o\nprog\n");
    c.lab.git("add -A");
    c.lab.git("-c user.name=a -c user.email=a@example.org commit -qm project");
    write_text(compiler(),
               "#!/bin/sh\necho \"$PWD $*\" >> '" + log().string() + "'\nexec cc \"$@\"\n");
    fs::permissions(compiler(), fs::perms::owner_all);
    c.add("w1", {"--slots", "1"});
  }
  fs::path compiler() const { return c.others.path / "cc"; }
  fs::path log() const { return c.others.path / "cc.log"; }
  fs::path heads() const { return c.others.path / "heads"; }

  void open() {
    const json opened =
        c.ask("autoresearch_setup",
              {{"repo_path", c.lab.repository.string()},
               {"target_files", {"p.c", "q.c"}},
               {"metric_name", "score"},
               {"edit_backend", "host"},
               {"environment", {"CC=" + compiler().string()}},
               {"build_command", "make -s"},
               {"run_command", "git rev-parse HEAD > '" + heads().string() + "'; ./prog"},
               {"repeats", 3}});
    id = opened["session_id"];
    CHECK(opened["baseline_metric"] == 305);
  }
  void try_it(const std::string& which, int value) {
    CAPTURE(which);
    CAPTURE(value);
    const int best = 100 * p + q;
    const int wanted = which == "p" ? 100 * value + q : 100 * p + value;
    c.ask("autoresearch_edit",
          {{"session_id", id}, {"content", {{which + ".c", source(which, value)}}}});
    const json ran = c.ask("autoresearch_run", {{"session_id", id}});
    CHECK_MESSAGE(ran["metric_value"] == wanted, ran.dump());
    for (const auto& s : ran.value("samples", json::array()))
      CHECK_MESSAGE(s["metric_value"] == (s["incumbent"].get<bool>() ? best : wanted), ran.dump());
    if (wanted > best) CHECK(ran["samples"].size() == 7);
    // Git in the run stands at the best, there as at home.
    CHECK(read_text(heads()) == head());
    const json decided = c.ask("autoresearch_decide", {{"session_id", id}});
    CHECK(decided["decision"] == (wanted > best ? "kept" : "reverted"));
    if (decided["decision"] == "kept") (which == "p" ? p : q) = value;
  }
  std::string head() const {
    const bool kept = p != 3 || q != 5;
    return c.lab.git("rev-parse " + (kept ? "ratchet/" + id : std::string("main")));
  }
  /// How often the compiler was called for a source, by work tree.
  std::map<std::string, int> compiled(const std::string& name) const {
    std::map<std::string, int> calls;
    std::istringstream lines(read_text(log()));
    for (std::string line; std::getline(lines, line);)
      if ((line + " ").find(" " + name + " ") != std::string::npos &&
          line.find(" -c ") != std::string::npos)
        ++calls[line.substr(0, line.find(' '))];
    return calls;
  }
};

}  // namespace

TEST_CASE(
    "at a worker every sample is that of its own source, and what did not change stays built") {
  built_there there;
  there.open();
  there.try_it("p", 4);
  there.try_it("q", 1);
  there.try_it("q", 9);
  there.try_it("p", 2);
  for (int i = 0; i < spares; ++i)
    for (const auto& [tree, calls] : there.compiled("spare" + std::to_string(i) + ".c")) {
      CAPTURE(tree);
      CHECK(calls == 1);
      CHECK(tree.find("/w1/worker/") != std::string::npos);
    }
  // One tree of the candidates and one of the best, and each again while one is made ready.
  CHECK(there.compiled("main.c").size() <= 4);
  // p 3, 4 and 2, and 4 once more where the last one stood.
  for (const auto& [tree, calls] : there.compiled("p.c")) CHECK(calls <= 4);
  there.c.ask("autoresearch_finalize", {{"session_id", there.id}, {"compare", false}});
}
