#!/usr/bin/env bash
# SPDX-License-Identifier: MIT
# The loop that an agent runs, as a shell script: every step is one `ratchet call`, JSON in and JSON
# out, each in a process of its own. Where this script takes the next value from a list, an agent
# reads the result and writes the next edit.
#
# Needs git, awk and ratchet ($RATCHET, else the one on the PATH). Works in a fresh directory and
# removes it. Exits 0 only if an edit was kept.
set -euo pipefail
ratchet=${RATCHET:-ratchet}
here=$(mktemp -d)
trap 'rm -rf "$here"' EXIT
export RATCHET_STATE_DIR=$here/state
cd "$here"

# A repository of one file, and an experiment that prints a score: 10 where x is 7, less elsewhere.
git init -q -b main lab
echo 1 >lab/x.txt
git -C lab add x.txt
git -C lab -c user.name=you -c user.email=you@localhost commit -q -m "x is 1"
experiment="awk '{print \"score:\", 10 - (\$1 - 7) ^ 2}' x.txt"

# field NAME: the value of a key of the flat JSON object on standard input.
field() { tr -d '\n' | sed -n 's/.*"'"$1"'": *"\{0,1\}\([^",}]*\).*/\1/p'; }

cat >setup.json <<END
{"repo_path": "$here/lab", "target_file": "x.txt", "edit_backend": "host", "max_iterations": 4,
 "run_command": "$(sed 's/"/\\"/g' <<<"$experiment")"}
END
session=$("$ratchet" call autoresearch_setup @setup.json | field session_id)
id="{\"session_id\": \"$session\"}"

for x in 4 12 oops 7; do
  edit="{\"session_id\": \"$session\", \"hypothesis\": \"x = $x\", \"content\": \"$x\\n\"}"
  "$ratchet" call autoresearch_edit "$edit" >/dev/null
  score=$("$ratchet" call autoresearch_run "$id" | field metric_value)
  answer=$("$ratchet" call autoresearch_decide "$id")
  printf 'x = %-5s score %-6s %s\n' "$x" "$score" "$(field decision <<<"$answer")"
  [ "$(field should_continue <<<"$answer")" = true ] || break
done

"$ratchet" call autoresearch_finalize "$id" >result.json
printf 'best %s, on the branch %s:\n' "$(field best_metric <result.json)" \
  "$(field branch <result.json)"
git -C lab log --format='  %s' "$(field branch <result.json)"
[ "$(field total_improvements <result.json)" -gt 0 ]
