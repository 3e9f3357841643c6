#!/usr/bin/env bash
# SPDX-License-Identifier: MIT
#
# ssh_test.sh RATCHET
#
# examples/clusters/ssh_workers.sh with a shell in place of ssh: what ssh would run on the hosts is run
# here. Two workers join; both drain when the script is asked to end.
set -euo pipefail
ratchet=$(readlink -f "${1:?"ssh_test.sh RATCHET"}")
top=$(dirname "$(readlink -f "$0")")/../..
. "$top/tests/clusters/support.sh"

printf '#!/bin/sh\nexec sh -c "$2"\n' > "$work/ssh"
chmod +x "$work/ssh"
mkdir "$work/tmp"
start_node
lab node invite pool --output "$work/pool.invite" > /dev/null
SSH=$work/ssh RATCHET=$ratchet FLAGS="--slots 1" TMPDIR=$work/tmp \
  "$top/examples/clusters/ssh_workers.sh" "$work/pool.invite" one two > "$work/ssh.log" 2>&1 &
loop=$!
within 30 joined 2
kill -TERM $loop
within 20 joined 0
wait $loop || true
[ "$(grep -c ": drained" "$work/ssh.log")" = 2 ]
[ -z "$(ls -A "$work/tmp")" ] || { ls "$work/tmp"; exit 1; }
echo "two workers by ssh_workers.sh: joined, drained, nothing left"
