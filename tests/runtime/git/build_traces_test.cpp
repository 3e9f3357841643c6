// SPDX-License-Identifier: MIT
#include "runtime/git/build_traces.hpp"

#include <doctest/doctest.h>

#include <string>

using ratchet::git::shows_building;
using ratchet::git::trace;
using ratchet::git::trace_of;

namespace {

std::string elf(char type) {
  return std::string(
             "\x7f"
             "ELF\2\1\1\0\0\0\0\0\0\0\0\0",
             16) +
         type + std::string(8, '\0');
}

}  // namespace

TEST_CASE("objects, programs, dependency files and logs of build tools are told from data") {
  CHECK(trace_of("a/b.o", elf(1)) == trace::object);
  CHECK(trace_of("prog", elf(3)) == trace::compiled);
  CHECK(trace_of("libx.a", "!<arch>\nx") == trace::compiled);
  CHECK(trace_of("libx.rmeta", std::string("rust\0\0\0\6", 8)) == trace::compiled);
  CHECK(trace_of("A.class", "\xCA\xFE\xBA\xBE rest") == trace::object);
  CHECK(trace_of("x.bc", "BC\xC0\xDE rest") == trace::object);
  CHECK(trace_of("a.d", "a.o: a.c a.h\n") == trace::dependency);
  CHECK(trace_of(".deps/a.Po", "# dummy\n") == trace::dependency);
  CHECK(trace_of("src/rules.txt", "src/a.o: src/a.c \\\n") == trace::dependency);
  CHECK(trace_of(".a.o.cmd", "cmd_a.o := gcc\n") == trace::dependency);
  CHECK(trace_of("build/.ninja_log", "# ninja log v5\n") == trace::log);
  CHECK(trace_of("build/CMakeCache.txt", "# This is\n") == trace::log);
  CHECK(trace_of("target/debug/.fingerprint/p-1/bin-p", "1234") == trace::log);
  CHECK(trace_of("target/CACHEDIR.TAG", "Signature: ") == trace::log);
  for (const char* path : {"results.json", "model.pt", "run.log", ".pytest_cache/CACHEDIR.TAG",
                           "__pycache__/a.cpython-311.pyc", "notes", "data.mod"}) {
    CAPTURE(path);
    CHECK(trace_of(path, "{\"score\": 1}") == trace::none);
  }
  CHECK(trace_of("empty", "") == trace::none);
  CHECK(trace_of("short",
                 "\x7f"
                 "ELF") == trace::compiled);
}

TEST_CASE("only objects and logs show that sources are compiled here, and not those of packages") {
  CHECK(shows_building("a.o", trace::object));
  CHECK(shows_building("build/.ninja_log", trace::log));
  CHECK_FALSE(shows_building("prog", trace::compiled));
  CHECK_FALSE(shows_building("a.d", trace::dependency));
  CHECK_FALSE(shows_building("node_modules/x/build/x.o", trace::object));
  CHECK_FALSE(shows_building(".venv/lib/site-packages/x.o", trace::object));
}
