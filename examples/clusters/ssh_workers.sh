#!/usr/bin/env bash
# SPDX-License-Identifier: MIT
#
# ssh_workers.sh INVITATION HOST...
#
# A worker on each host, for as long as this runs: Ctrl-C, or a lost connection, drains them. The
# invitation travels through ssh and is on no disk there. `ratchet` has to be on the hosts; RATCHET
# says where, FLAGS are more flags of `ratchet worker`, SSH is what to connect with.
#
# Executed: through an OpenSSH 9.2 server on loopback, and by tests/clusters/ssh_test.sh.
set -euo pipefail
invitation=${1:?"ssh_workers.sh INVITATION HOST..."}
shift

# There: the invitation, up to its last line, goes into the worker's environment (which takes it out
# of there). Then standard input stays open until this side is gone, and its end drains the worker.
there='invitation=
while IFS= read -r line; do
  invitation="$invitation$line"
  if [ "$line" = "}" ]; then break; fi
done
export invitation
exec 3<&0
'"${RATCHET:-ratchet} --join env:invitation worker --ephemeral --name \"\$0\" ${FLAGS:-}"' &
worker=$!
(cat <&3; kill "$worker") >/dev/null 2>&1 &
while kill -0 "$worker" 2>/dev/null; do wait "$worker"; done'

quoted() { printf "'%s'" "${1//\'/\'\\\'\'}"; }

# Whoever reads from it is at its end when this process is.
folder=$(mktemp -d)
trap 'rm -r "$folder"' EXIT
mkfifo "$folder/open"
exec 9<>"$folder/open"
for host in "$@"; do
  { cat "$invitation"; exec cat "$folder/open"; } 9>&- |
    "${SSH:-ssh}" "$host" "sh -c $(quoted "$there") $(quoted "$host")" 9>&- 2>&1 |
    sed -u "s/^/$host: /" 9>&- &
done
trap 'exec 9>&-' INT TERM
echo "workers on $*; Ctrl-C drains them"
while ! wait; do :; done
