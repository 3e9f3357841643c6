// SPDX-License-Identifier: MIT
//
// Which literals read like settings, by kind of place and by name.
#include <doctest/doctest.h>

#include <algorithm>

#include "actors/logic/text.hpp"
#include "runtime/edit/parameters.hpp"
#include "tests/runtime/edit/small_projects.hpp"

using namespace ratchet;
using namespace ratchet::test;

namespace {

/// "name=value name=value" of what is found without annotations.
std::string found_in(const std::string& file, const std::string& text,
                     const std::string& metric = "score") {
  auto survey = survey_settings({{file, text}}, json::object(), metric);
  REQUIRE(survey.has_value());
  std::string out;
  for (const auto& p : survey->found) out += (out.empty() ? "" : " ") + p.name + "=" + p.text;
  return out;
}

/// Why the literal of this name, or with this text, is left out.
std::string why_not(const std::string& file, const std::string& text, const std::string& which,
                    const std::string& metric = "score") {
  auto survey = survey_settings({{file, text}}, json::object(), metric);
  REQUIRE(survey.has_value());
  for (const auto& l : survey->left_out)
    if (l.name == which || l.text == which) return l.why;
  return "it is searched";
}

}  // namespace

TEST_CASE("of thirteen kinds of small project exactly the settings are found") {
  for (const auto& p : small_projects()) {
    CAPTURE(p.file);
    auto found = parameters_of({{p.file, p.text}}, json::object(), p.metric);
    REQUIRE(found.has_value());
    std::vector<std::string> names;
    for (const auto& f : *found) names.push_back(f.name);
    CHECK(listed(names, 99) == listed(p.settings, 99));
  }
}

TEST_CASE("a whole right side is a setting in each language") {
  CHECK(found_in("a.py",
                 "LR = 3e-4\nx: float = 0.1\ndef f(lr=0.1, depth=4): pass\n"
                 "opt = Adam(lr=1e-3)\nconfig.width = 32\nNET.SIZE_KB = 8\n") ==
        "LR=3e-4 x=0.1 lr=0.1 depth=4 lr=1e-3 config.width=32 NET.SIZE_KB=8");
  CHECK(found_in("a.cpp",
                 "#define BLOCK 64\n#define TILE (32)  // wide\nconstexpr int kWays = 4;\n"
                 "const double alpha = 0.5;\nint chunk{16};\nint fan(int arity = 3);\n"
                 "enum { kDepth = 12 };\nstruct o { int slots = 9; };\n") ==
        "BLOCK=64 TILE=32 kWays=4 alpha=0.5 chunk=16 arity=3 kDepth=12 slots=9");
  CHECK(found_in("a.js",
                 "let x = 5\nconst pool = { maxSize: 10, idleMs: 500 };\n"
                 "function f(fanout = 8) {}\n") == "x=5 maxSize=10 idleMs=500 fanout=8");
  CHECK(found_in("a.rs",
                 "const BLOCK: usize = 64;\nlet rate = 0.25;\nlet c = Config { depth: 7 };\n") ==
        "BLOCK=64 rate=0.25 depth=7");
  CHECK(found_in("a.go", "const Shards = 8\nvar c = Config{Depth: 12}\nx := 5\n") ==
        "Shards=8 Depth=12 x=5");
  CHECK(found_in(".env", "POOL=12\nexport QUEUE_DEPTH=64\n") == "POOL=12 QUEUE_DEPTH=64");
  CHECK(found_in("a.ini", "[cache]\nsize = 12\nttl_s = 60\n") == "size=12 ttl_s=60");
}

TEST_CASE("an option's default is called as the option is") {
  CHECK(
      found_in("a.py",
               "p.add_argument(\"--n-embd2\", type=int, default=64)\n"
               "p.add_argument(\n    '-w', '--width', default=32,\n    help='x')\n"
               "@click.option(\"--rate\", default=0.1)\nflags.DEFINE_float(\"beta\", 0.9, \"b\")\n"
               "lr: float = field(default=0.3)\n") ==
      "--n-embd2=64 --width=32 --rate=0.1 --beta=0.9 lr=0.3");
  CHECK(found_in("a.cc", "DEFINE_int32(block, 64, \"size\");\n") == "--block=64");
  CHECK(found_in("a.go", "var b = flag.Int(\"block\", 64, \"size\")\n") == "--block=64");
  CHECK(found_in("a.rs", "#[arg(long, default_value_t = 64)]\nblock: usize,\n") == "--block=64");
}

TEST_CASE("no seed, port, version, date, status, identifier or size of the workload is taken") {
  CHECK(found_in("a.py",
                 "SEED = 1337\nrandom_state = 42\nRNG = 3\nPORT = 8080\nhttp_port = 80\n"
                 "VERSION = 3\nschema_version = 2\nYEAR = 2024\nsince = 1999\nHTTP_OK = 200\n"
                 "exit_code = 3\nuser_id = 77\nDEVICE = 2\nN = 1000\nROWS = 500\nnum_samples = 64\n"
                 "REPEAT = 5\niterations = 100\nDATA_SIZE = 4096\nNUM_CLASSES = 10\n"
                 "IMAGE_SIZE = 32\nbest_score = 0.0\nEVAL_BATCHES = 20\nTEST_SIZE = 0.2\n"
                 "TARGET_TILE = 128\nPI = 3.14159265\nFNV_PRIME = 16777619\nMS_PER_SEC = 1000\n"
                 "log_level = 10\nverbose = True\n") == "");
  CHECK(why_not("a.py", "SEED = 1\n", "SEED") == "a seed");
  CHECK(why_not("a.yaml", "ports:\n  http: 8000\n", "http") == "a port");
  CHECK(why_not("a.js", "const ROWS = 100;\n", "ROWS") == "the size of the workload");
  CHECK(found_in("a.py", "max_requests = 20\nthread_count = 4\nbatch_size = 8\nbits = 12\n") ==
        "max_requests=20 thread_count=4 batch_size=8 bits=12");
}

TEST_CASE("the program itself is left alone") {
  const std::string c =
      "int f(int x) {\n  for (int i = 0; i < 2000; ++i) x += i << 3;\n  if (x > 10) x = 5;\n"
      "  int sum = 0;\n  sum += x * 7;\n  char buf[256];\n  x = y ? 11 : 13;\n  g(64);\n"
      "  return 42;\n}\n";
  CHECK(found_in("a.c", c) == "");
  CHECK(why_not("a.c", c, "2000") == "in a loop's header");
  CHECK(why_not("a.c", c, "10") == "in a condition");
  CHECK(why_not("a.c", c, "256") == "an index or a size in brackets");
  CHECK(why_not("a.c", c, "64") == "an argument without a name");
  CHECK(why_not("a.c", c, "42") == "returned");
  CHECK(why_not("a.c", c, "sum") != "it is searched");
  CHECK(found_in("a.py",
                 "for i in range(100): pass\nx = [1, 2]\ny = (0.1, 0.2)\nz = 3 * q\n"
                 "assert z == 5\nwith open('f', buffering=1) as f: pass\n"
                 "self.width = 32\nreturn Foo(3)\n") == "");
}

TEST_CASE("code for other systems and tests are left alone") {
  const std::string c =
      "#ifdef _WIN32\nconst int a = 10;\n#else\nconst int b = 20;\n#endif\n"
      "#if defined(__linux__)\nconst int c = 30;\n#elif defined(__APPLE__)\nconst int d = 40;\n"
      "#else\nconst int e = 50;\n#endif\n#ifndef _WIN32\nconst int f = 60;\n#endif\n"
      "#if 0\nconst int g = 70;\n#endif\n";
  CHECK(found_in("a.c", c) == "b=20 c=30 f=60");
  CHECK(why_not("a.c", c, "a") == "under another system's #ifdef");
  CHECK(found_in("a.py",
                 "depth = 5\ndef test_depth():\n    width = 7\n\nfanout = 9\n"
                 "if sys.platform == 'win32':\n    slots = 3\n") == "depth=5 fanout=9");
}

TEST_CASE("a variable that changes while the program runs is a state, a rate that decays is not") {
  CHECK(found_in("a.py",
                 "total = 0.0\nbest = 1e9\nx = 5.0\nrate = 0.1\nwidth = 64\n"
                 "for v in data:\n    total += v\n    best = min(best, v)\n"
                 "    x = x - rate * v\n    rate *= 0.95\nwidth = args.width\n") ==
        "rate=0.1 width=64");
  CHECK(found_in("a.c",
                 "int used = 0;\nbool done = false;\nbool fast = false;\n"
                 "void f() { done = true; }\n") == "fast=false");
}

TEST_CASE("constants that only number something, and neutral defaults, are left alone") {
  CHECK(found_in("a.py",
                 "STORED = 0\nDEFLATED = 1\nLZMA = 2\nDEPTH = 9\n\n\nREAD = 1\nWRITE = 2\n"
                 "APPEND = 4\ndef f(whence=0, scale=1.0, reverse=False, depth=3): pass\n") ==
        "DEPTH=9 depth=3");
}

TEST_CASE("the number of repetitions that the metric is divided by is left alone") {
  CHECK(why_not("a.js",
                "const many = 500;\nlet sum = 0;\nfor (let i = 0; i < many; i++) sum += f(i);\n"
                "const score = sum / many;\nconsole.log(`score: ${score}`);\n",
                "many") == "the metric is divided by it");
}

TEST_CASE("numbers in the formula of the metric are named as such") {
  const std::string text =
      "lr = 0.01\nscore = 1.0 / (1 + abs(lr - 0.003))\nprint('score', score)\n";
  CHECK(found_in("a.py", text) == "lr=0.01");
  CHECK(why_not("a.py", text, "0.003") == "in a formula of the metric");
  CHECK(why_not("a.py", "print('score:', f(scale=2.5))\n", "2.5") ==
        "on the line that prints the metric");
}

TEST_CASE(
    "a literal stays a setting when its value has become one that reads like something else") {
  for (const char* value : {"1999", "1", "-1", "1234567891"}) {
    std::string text = "width = " + std::string(value) + "\ndepth = 5\n";
    auto found = parameters_of({{"a.py", text}}, json::object(), "score", {"a.py:width#1"});
    REQUIRE(found.has_value());
    CHECK(found->size() == 2);
  }
}

TEST_CASE("without any setting the refusal says what was looked for and what to do") {
  auto none = parameters_of({{"a.py", "SEED = 7\nfor i in range(9): pass\n"}}, json::object());
  REQUIRE_FALSE(none.has_value());
  const auto& e = none.error();
  CHECK(e.code == errc::edit_refused);
  CHECK(e.permanent);
  for (const char* part : {"no literal to change in a.py", "reads like a setting", "SEED: a seed",
                           "in a loop's header", "annotate one", "ratchet settings"})
    CHECK_MESSAGE(e.text.find(part) != std::string::npos, e.text);
}

TEST_CASE("a region and an annotation take what would be left out, but a seed only by annotation") {
  CHECK(found_in("a.py", "# ratchet: begin\ny = f(3) + 7\nSEED = 5\n# ratchet: end\nz = 9\n") ==
        "y=3 y=7");
  CHECK(found_in("a.py", "SEED = 5  # ratchet: range 1..9\nz = 9\n") == "SEED=5");
}
