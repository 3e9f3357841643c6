# SPDX-License-Identifier: MIT
# What the tests here share; sourced. `work` is a folder that goes at the end, with the processes in
# `started`; what failed shows its logs. `lab` is the command at the node's state directory.
work=$(mktemp -d)
started=()
none_left() { [ -z "$(jobs -pr)" ]; }
# What a test does before its processes are ended.
before_end() { :; }
finish() {
  status=$?
  [ $status = 0 ] || [ $status = 77 ] || tail -n 30 "$work"/*.log 2>/dev/null || true
  before_end
  for process in "${started[@]}"; do kill "$process" 2>/dev/null || true; done
  within 10 none_left || kill -9 "${started[@]}" 2>/dev/null || true
  rm -rf "$work"
  exit $status
}
trap finish EXIT

# within SECONDS COMMAND…: until it succeeds; else the test has failed.
within() {
  local end=$((SECONDS + $1))
  shift
  until "$@"; do
    [ $SECONDS -lt $end ] || { echo "not in time: $*"; return 1; }
    read -rt 0.2 <> <(:) || true
  done
}

lab() { "$ratchet" --state-dir "$work/node" "$@"; }
start_node() {
  "$ratchet" --state-dir "$work/node" node --listen 127.0.0.1:0 --slots 0 > "$work/node.log" 2>&1 &
  started+=($!)
  within 10 grep -q "listens on" "$work/node.log"
}
joined() { [ "$(lab workers | grep -c "^worker.*${2:-}")" = "$1" ]; }
