#!/usr/bin/env bash
# SPDX-License-Identifier: MIT
# check_readme.sh [ROOT]: what README.md says of the sources is so.
#   - every block of an example between [quoted in the README] and [/quoted in the README] stands
#     in it word for word, less the indentation of its first marker
#   - every path in backquotes that begins with a folder of the sources exists (globs too)
#   - it is no longer than 400 lines
set -euo pipefail
cd "${1:-$(dirname "$0")/../..}"
readme=$(<README.md)
failed=0
quotes=0

while IFS= read -r file; do
  block='' indent='' inside=no
  while IFS= read -r line; do
    case $line in
      *'[quoted in the README]')
        inside=yes block='' indent=${line%%[! ]*} ;;
      *'[/quoted in the README]')
        inside=no quotes=$((quotes + 1))
        if [[ $readme != *"$block"* ]]; then
          printf '%s: README.md does not hold this block word for word:\n%s' "$file" "$block"
          failed=1
        fi ;;
      *) [ $inside = no ] || block+=${line#"$indent"}$'\n' ;;
    esac
  done <"$file"
  [ $inside = no ] || { echo "$file: a quoted block is not closed"; failed=1; }
done < <(grep -rlF '[quoted in the README]' examples | sort)
[ "$quotes" -ge 2 ] || { echo "the examples mark $quotes blocks for the README, not 2"; failed=1; }

while IFS= read -r path; do
  compgen -G "$path" >/dev/null || { echo "README.md: \`$path\` does not exist"; failed=1; }
done < <(grep -oE '`(messages|actors|runtime|tests|examples)/[^` ]*`' README.md | tr -d '`' |
  sort -u)

[ "$(wc -l <README.md)" -le 400 ] || { echo "README.md has more than 400 lines"; failed=1; }
exit "$failed"
