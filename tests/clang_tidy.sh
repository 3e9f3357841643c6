#!/usr/bin/env bash
# SPDX-License-Identifier: MIT
# clang_tidy.sh [--since COMMIT] [FILE...]: clang-tidy by .clang-tidy over these files; without any,
# over the .cpp files that differ from COMMIT (HEAD), or whose header does. One process, at the
# lowest priority: about 15 s a file. Fails when there is a finding.
set -euo pipefail
cd "$(dirname "$(readlink -f "$0")")/.."
base=HEAD
[ "${1:-}" != --since ] || { base=$2; shift 2; }
command -v clang-tidy >/dev/null || { echo "clang-tidy is not installed: apt-get install clang-tidy" >&2; exit 1; }

changed_files() {
  { git diff --name-only --diff-filter=d "$base"; git ls-files --others --exclude-standard; } |
    grep -E '\.(cpp|hpp)$' | sed 's/\.hpp$/.cpp/' | sort -u
}
files=("$@")
[ ${#files[@]} -gt 0 ] || mapfile -t files < <(changed_files)

# A build of its own, never built: what GCC precompiles is nothing that clang can read.
commands=build/tidy
cmake --preset dev -B "$commands" >/dev/null
failed=0
for file in "${files[@]}"; do
  grep -qF "\"$PWD/$file\"" "$commands/compile_commands.json" || continue  # a header alone, a script
  echo "-- $file"
  found=$(nice -n 19 clang-tidy -p "$commands" --quiet "$file" 2>/dev/null || true)
  [ -z "$found" ] || { printf '%s\n' "$found"; failed=1; }
done
exit $failed
