#!/usr/bin/env bash
# SPDX-License-Identifier: MIT
# Plants each offence against the format in a small tree: check_format.sh must name its file and
# line, and must say nothing about the clean tree. Exit 77: it cannot check here.
set -euo pipefail
check=$(readlink -f "$(dirname "$0")/check_format.sh")
style=$(readlink -f "$(dirname "$0")/../../.clang-format")
tree=$(readlink -f "$(mktemp -d)")
trap 'rm -rf "$tree"' EXIT
cd "$tree"
cp "$style" .clang-format
mkdir -p messages actors runtime tests examples
failed=0

clean_tree() {
  printf '%s\n' '// -- a ruler -------------------------------------------------------' '' \
    '// <state>/a      the first' '//          b      the second, of which more is told than fits here' \
    '//                 in one line of a drawing like this one' '//          c      the third' \
    'int one();' >messages/a.hpp
}

# finds LINE TEXT...: with these lines appended, messages/a.hpp:LINE is named.
finds() {
  clean_tree
  printf '%s\n' "${@:2}" >>messages/a.hpp
  if "$check" "$tree" >found.txt 2>&1 || ! grep -q "^messages/a.hpp:$1:" found.txt; then
    echo "messages/a.hpp:$1 was not named for: ${*:2}"
    cat found.txt
    failed=1
  fi
}

clean_tree
status=0
"$check" "$tree" || status=$?
[ $status -ne 77 ] || exit 77
[ $status -eq 0 ] || { echo "the clean tree was refused"; failed=1; }
finds 8 'int  two();'
finds 9 '// -- a ruler that was too long' '// ------------------------------------------------'
finds 9 '//                 d      a row of a drawing that was as long as this one before it was' \
  '//                 torn' '//                                  and went on here'
exit $failed
