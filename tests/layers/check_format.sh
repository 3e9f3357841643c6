#!/usr/bin/env bash
# SPDX-License-Identifier: MIT
# check_format.sh [ROOT]: every .cpp and .hpp is as clang-format writes it by .clang-format, and no
# ruler or drawing in a comment has been torn by it. Prints file:line: what for each offence and
# fails if there was one. Exit 77: Debian's clang-format 14 is not there (others write otherwise).
set -euo pipefail
cd "${1:-$(dirname "$0")/../..}"
format=$(command -v clang-format-14 || command -v clang-format || true)
[[ $format && $("$format" --version) == *' version 14.'* ]] || {
  echo "clang-format 14 is not installed (Debian 12: apt-get install clang-format): nothing was checked"
  exit 77
}
mapfile -d '' -t files < <(find messages actors runtime tests examples -type f \
  \( -name '*.cpp' -o -name '*.hpp' \) ! -path '*/node_modules/*' -print0 | sort -z)
failed=0
offences=$("$format" --dry-run "${files[@]}" 2>&1 | grep -E '^[^ ]*:[0-9]+:[0-9]+: ' || true)
[ -z "$offences" ] || {
  sed 's/code should be clang-formatted.*/clang-format writes this otherwise: clang-format -i FILE/' \
    <<<"$offences"
  failed=1
}
# A ruler of 100 columns and more is torn into a name and a line of dashes; a row of a drawing into
# itself and a word or two that stand further left than both its neighbours.
awk '
  function complain(line, what) { print FILENAME ":" line ": " what; offences++ }
  function indentation(line) { sub(/^ *\/\/[\/<]?/, "", line); match(line, /^ */); return RLENGTH }
  FNR == 1 { before = last = "" }
  /^ *\/\/ *-+ *$/ && last ~ /^ *\/\/ -- / { complain(FNR, "a torn ruler: make it 99 columns wide") }
  last ~ /^ *\/\// && before ~ /^ *\/\// && /^ *\/\/ / && length(before) > 80 && length(last) < 50 &&
    indentation(last) + 8 < indentation($0) && indentation(last) >= indentation(before) &&
    indentation(last) > 8 { complain(FNR - 1, "a torn drawing: make the row above shorter") }
  { before = last; last = $0 }
  END { exit offences > 0 }' "${files[@]}" || failed=1
exit $failed
