#!/usr/bin/env bash
# SPDX-License-Identifier: MIT
# check_sources.sh [ROOT]: the house rules that a compiler does not see. Prints file:line: what for
# each offence and fails if there was one.
#   - includes point one way: messages <- actors/logic <- actors <- runtime <- tests, examples,
#     and are written from the root of the repository
#   - actors/logic is plain C++: nothing of CAF, not by way of a message header either
#   - every source names its licence in the first two lines
#   - no source names a path of the machine it was written on
set -euo pipefail
root=$(readlink -f "${1:-$(dirname "$0")/../..}")
cd "$root"
{
  find messages actors runtime tests examples -type f \
    \( -name '*.cpp' -o -name '*.hpp' -o -name '*.h' -o -name '*.c' -o -name '*.sh' \
    -o -name '*.cmake' -o -name CMakeLists.txt -o -name '*.js' -o -name '*.html' \) -print0
  [ ! -f CMakeLists.txt ] || printf 'CMakeLists.txt\0'
} | sort -z | xargs -0 awk -v root="$root" -v home="${HOME:-}" '
  # Which folders a file may include from; the first entry that its path begins with counts.
  BEGIN {
    layers = split("messages/ actors/logic/ actors/ runtime/ tests/ examples/", layer, " ")
    may["messages/"] = "messages/"
    may["actors/logic/"] = "messages/ actors/logic/"
    may["actors/"] = "messages/ actors/"
    may["runtime/"] = "messages/ actors/ runtime/"
    may["tests/"] = "messages/ actors/ runtime/ tests/"
    may["examples/"] = "messages/ actors/ runtime/ examples/"
    split("caf_port.hpp actors.hpp type_ids.hpp", of_caf, " ")
  }
  function complain(line, what) {
    printf "%s:%d: %s\n", FILENAME, line, what
    offences++
  }
  function own_layer(path,   i) {
    for (i = 1; i <= layers; i++) if (index(path, layer[i]) == 1) return layer[i]
    return ""
  }
  function check_include(path,   own, allowed, n, i) {
    own = own_layer(FILENAME)
    if (own == "") return
    n = split(may[own], allowed, " ")
    for (i = 1; i <= n; i++) if (index(path, allowed[i]) == 1) break
    if (i > n) complain(FNR, own " must not include \"" path "\": it may use " may[own])
    if (own == "actors/logic/")
      for (i in of_caf) if (path == "messages/" of_caf[i])
        complain(FNR, "actors/logic/ must not include \"" path "\": it brings CAF in")
  }
  FNR == 1 { file_count++ }
  FNR <= 2 && /SPDX-License-Identifier: MIT/ { licensed[FILENAME] = 1 }
  /^[ \t]*#[ \t]*include[ \t]*"/ {
    path = $0
    sub(/^[^"]*"/, "", path)
    sub(/".*$/, "", path)
    check_include(path)
  }
  /^[ \t]*#[ \t]*include[ \t]*<caf\// && own_layer(FILENAME) == "actors/logic/" {
    complain(FNR, "actors/logic/ must not include CAF")
  }
  index($0, root) || (length(home) > 1 && index($0, home "/")) {
    complain(FNR, "names a path of this machine")
  }
  END {
    for (i = 1; i < ARGC; i++) if (!(ARGV[i] in licensed)) {
      printf "%s:1: has no SPDX-License-Identifier: MIT in its first two lines\n", ARGV[i]
      offences++
    }
    if (file_count < 3) {
      print "no sources were found: is " root " the repository?"
      offences++
    }
    exit offences > 0
  }'
