#!/usr/bin/env bash
# SPDX-License-Identifier: MIT
# Plants each offence in a small clean tree: check_sources.sh must name its file and line, and must
# say nothing about the clean tree.
set -euo pipefail
check=$(readlink -f "$(dirname "$0")/check_sources.sh")
tree=$(readlink -f "$(mktemp -d)")
trap 'rm -rf "$tree"' EXIT
cd "$tree"
licence='// SPDX-License-Identifier: MIT'
failed=0

clean_tree() {
  rm -rf messages actors runtime tests examples
  mkdir -p messages actors/logic runtime/{git,store,http} tests/support examples/one
  printf '%s\n#include <vector>\n' "$licence" >messages/a.hpp
  printf '%s\n#include "messages/a.hpp"\n' "$licence" >actors/logic/b.hpp
  printf '%s\n#include "actors/logic/b.hpp"\n#include <caf/all.hpp>\n' "$licence" >actors/c.cpp
  printf '%s\n#include "actors/logic/b.hpp"\n' "$licence" >runtime/git/d.cpp
  printf '%s\n#include "runtime/git/d.hpp"\n#include "tests/support/e.hpp"\n' "$licence" \
    >tests/support/e.cpp
  printf '%s\n#include "runtime/git/d.hpp"\n' "$licence" >examples/one/f.cpp
  printf '%s\n#include "runtime/git/d.hpp"\n' "$licence" >runtime/store/g.hpp
  printf '%s\n#include "runtime/store/g.hpp"\n' "$licence" >runtime/http/h.hpp
  printf '// as in h.hpp, git/d.cpp, runtime/store/g.hpp and *.cpp\n' >>runtime/http/h.hpp
  printf '<<<<<<< SEARCH\na\n=======\nb\n>>>>>>> REPLACE\n' >examples/edit.md
  printf 'of `store/g.hpp` and h.hpp\n' >runtime/pages.md
}

# finds WHERE LINE...: with LINE appended to the file of WHERE (file:line), WHERE is named.
finds() {
  clean_tree
  local file=${1%%:*}
  printf '%s\n' "${@:2}" >>"$file"
  if "$check" "$tree" >found.txt 2>&1; then
    echo "not found: $1 ${*:2}"
    failed=1
  elif ! grep -q "^$1:" found.txt; then
    echo "$1 was not named for: ${*:2}"
    cat found.txt
    failed=1
  fi
}

clean_tree
"$check" "$tree" || { echo "the clean tree was refused"; failed=1; }
finds messages/a.hpp:3 '#include "actors/c.hpp"'
finds messages/a.hpp:3 '#include "a.hpp"'
finds actors/logic/b.hpp:3 '#include "actors/ports.hpp"'
finds actors/logic/b.hpp:3 '#include "messages/actors.hpp"'
finds actors/logic/b.hpp:3 '#include <caf/actor.hpp>'
finds actors/c.cpp:4 '  #  include "runtime/git/d.hpp"'
finds runtime/git/d.cpp:3 '#include "tests/support/e.hpp"'
finds runtime/git/d.cpp:3 '#include "../d.hpp"'
finds tests/support/e.cpp:4 '#include "examples/one/f.hpp"'
finds examples/one/f.cpp:3 '#include "tests/support/e.hpp"'
finds runtime/git/d.cpp:3 '#include "runtime/store/g.hpp"'
finds runtime/store/g.hpp:3 '#include "runtime/http/h.hpp"'
finds runtime/git/d.cpp:3 '#include "runtime/http/h.hpp"'
finds runtime/git/d.cpp:3 '// as gone.hpp says'
finds runtime/git/d.cpp:3 'int x; // one of runtime/git/gone.cpp'
finds runtime/git/d.cpp:3 '// g.hpp is in another folder'
finds examples/one/f.cpp:3 "// see $tree/notes"
finds examples/edit.md:6 "see $tree/notes"
finds runtime/pages.md:2 'as `git/gone.hpp` says'
finds runtime/pages.md:2 'as `gone.cpp` says'
finds examples/edit.md:6 '<<<<<<< HEAD'
finds examples/edit.md:6 '>>>>>>> 0123abc (a commit)'
finds runtime/unlicensed.sh:1 'echo'
exit "$failed"
