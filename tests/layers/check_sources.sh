#!/usr/bin/env bash
# SPDX-License-Identifier: MIT
# check_sources.sh [ROOT]: the house rules that a compiler does not see. Prints file:line: what for
# each offence and fails if there was one.
#   - includes point one way: messages <- actors/logic <- actors <- runtime <- tests, examples,
#     and are written from the root of the repository
#   - no two folders include each other, not by way of others either
#   - actors/logic is plain C++: nothing of CAF, not by way of a message header either
#   - every .hpp and .cpp that a comment names exists: beside the file, or at the path that is given
#     (from the root, or from a folder above it); and every one that a page names, somewhere. The
#     examples' pages speak of files of their readers.
#   - every source names its licence in the first two lines
#   - no text names a path of the machine it was written on, or holds the marks of a merge
set -euo pipefail
root=$(readlink -f "${1:-$(dirname "$0")/../..}")
cd "$root"
mapfile -d '' -t files < <({
  find messages actors runtime tests examples -type f ! -path '*/node_modules/*' \
    \( -name '*.cpp' -o -name '*.hpp' -o -name '*.h' -o -name '*.c' -o -name '*.sh' \
    -o -name '*.cmake' -o -name CMakeLists.txt -o -name '*.js' -o -name '*.mjs' -o -name '*.html' \
    -o -name '*.py' -o -name '*.md' \) -print0
  for f in CMakeLists.txt README.md .github/*.md; do [ ! -f "$f" ] || printf '%s\0' "$f"; done
} | sort -z)
awk -v root="$root" -v home="${HOME:-}" '
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
    for (i = 1; i < ARGC; i++) remember(ARGV[i])
  }
  function complain_at(where, what) {
    print where ": " what
    offences++
  }
  function complain(what) { complain_at(FILENAME ":" FNR, what) }
  function own_layer(path,   i) {
    for (i = 1; i <= layers; i++) if (index(path, layer[i]) == 1) return layer[i]
    return ""
  }
  function folder(path) {
    sub(/\/[^\/]*$/, "", path)
    return path
  }
  function base(path) {
    sub(/^.*\//, "", path)
    return path
  }
  # Every way to name a file that says in which folder it is: with one folder of its path, two, all.
  function remember(path,   tail) {
    named[path] = somewhere[base(path)] = 1
    for (tail = path; index(tail, "/"); sub(/^[^\/]*\//, "", tail)) named[tail] = 1
  }
  function check_include(path,   own, allowed, n, i) {
    own = own_layer(FILENAME)
    if (own == "") return
    n = split(may[own], allowed, " ")
    for (i = 1; i <= n; i++) if (index(path, allowed[i]) == 1) break
    if (i > n) complain(own " must not include \"" path "\": it may use " may[own])
    if (own == "actors/logic/")
      for (i in of_caf) if (path == "messages/" of_caf[i])
        complain("actors/logic/ must not include \"" path "\": it brings CAF in")
    if (!((folder(FILENAME), folder(path)) in edge))
      edge[folder(FILENAME), folder(path)] = FILENAME ":" FNR
  }
  function check_names(comment,   name) {
    while (match(comment, /[A-Za-z0-9_.\/-]*[A-Za-z0-9_]\.(hpp|cpp)/)) {
      name = substr(comment, RSTART, RLENGTH)
      comment = substr(comment, RSTART + RLENGTH)
      if (!(name in named) && !((folder(FILENAME) "/" name) in named) &&
          !(page && name in somewhere))
        complain("there is no " name " here or at that path")
    }
  }
  # An edge is part of a circle when its end leads back to its start.
  function check_circles(   e, f, ends, via, changed) {
    for (e in edge) leads[e] = 1
    do {
      changed = 0
      for (e in edge) for (f in leads) {
        split(e, ends, SUBSEP)
        split(f, via, SUBSEP)
        if (ends[2] == via[1] && !((ends[1], via[2]) in leads)) next_leads[ends[1], via[2]] = 1
      }
      for (f in next_leads) { leads[f] = 1; changed = 1 }
      delete next_leads
    } while (changed)
    for (e in edge) {
      split(e, ends, SUBSEP)
      if (ends[1] != ends[2] && (ends[2], ends[1]) in leads)
        complain_at(edge[e], ends[1] " and " ends[2] " include each other, or by way of others")
    }
  }
  FNR == 1 {
    file_count++
    of_c = FILENAME ~ /\.(cpp|hpp|c|h)$/
    page = FILENAME ~ /\.md$/ && FILENAME !~ /^examples\//
  }
  FNR <= 2 && /SPDX-License-Identifier: MIT/ { licensed[FILENAME] = 1 }
  of_c && /^[ \t]*#[ \t]*include[ \t]*"/ {
    path = $0
    sub(/^[^"]*"/, "", path)
    sub(/".*$/, "", path)
    check_include(path)
  }
  /^[ \t]*#[ \t]*include[ \t]*<caf\// && own_layer(FILENAME) == "actors/logic/" {
    complain("actors/logic/ must not include CAF")
  }
  of_c && match($0, /\/\/.*/) { check_names(substr($0, RSTART)) }
  page { check_names($0) }
  index($0, root) || (length(home) > 1 && index($0, home "/")) {
    complain("names a path of this machine")
  }
  /^(<<<<<<<|>>>>>>>|\|\|\|\|\|\|\|) / && !/^(<<<<<<< SEARCH|>>>>>>> REPLACE)/ {
    complain("holds the mark of a merge")
  }
  END {
    check_circles()
    for (i = 1; i < ARGC; i++) if (!(ARGV[i] in licensed) && ARGV[i] !~ /\.md$/)
      complain_at(ARGV[i] ":1", "has no SPDX-License-Identifier: MIT in its first two lines")
    if (file_count < 3) {
      print "no sources were found: is " root " the repository?"
      offences++
    }
    exit offences > 0
  }' "${files[@]}"
