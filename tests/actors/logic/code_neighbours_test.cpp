// SPDX-License-Identifier: MIT
#include "actors/logic/code_neighbours.hpp"

#include <doctest/doctest.h>

using namespace ratchet;

namespace {

code_neighbours of(const std::string& path, const std::string& text) {
  code_neighbours n;
  n.read(path, text);
  return n;
}

}  // namespace

TEST_CASE("what a C++ file includes is a neighbour, from whichever include path") {
  const auto n = of("src/core/map.cpp",
                    "#include \"map.hpp\"\n  #  include \"util/hash.hpp\"\n#include <vector>\n");
  CHECK(n.match("src/core/map.hpp"));
  CHECK(n.match("include/util/hash.hpp"));
  CHECK(n.match("util/hash.hpp"));
  CHECK_FALSE(n.match("include/other_hash.hpp"));
  CHECK_FALSE(n.match("vector"));
  CHECK(of("a.cpp", "int x;").empty());
}

TEST_CASE("what a Python file imports is a neighbour") {
  const auto n =
      of("pkg/train.py", "import pkg.model\nfrom . import data\nfrom .nets.big import x\n");
  CHECK(n.match("pkg/model.py"));
  CHECK(n.match("pkg/nets/big.py"));
  CHECK(n.match("pkg/__init__.py"));
  CHECK_FALSE(n.match("pkg/other.py"));
}

TEST_CASE("what a script imports by a relative path is a neighbour, packages are not") {
  const auto n =
      of("src/app/main.ts",
         "import { a } from './util';\nconst b = require(\"../lib/b\");\nimport 'react';\n");
  CHECK(n.match("src/app/util.ts"));
  CHECK(n.match("src/lib/b.js"));
  CHECK_FALSE(n.match("react.js"));
}

TEST_CASE("modules of Rust are neighbours") {
  const auto n = of("src/main.rs", "mod parser;\npub mod net;\n");
  CHECK(n.match("src/parser.rs"));
  CHECK(n.match("src/net/mod.rs"));
}
