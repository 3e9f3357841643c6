#!/usr/bin/env bash
# SPDX-License-Identifier: MIT
# with_aimock.sh FOLDER PROGRAM…: runs PROGRAM with RATCHET_AIMOCK_URL naming a mock of model servers
# (aimock, from npm, as package-lock.json fixes it), installed in FOLDER and ended with this script.
# Without a network RATCHET_SKIP_AIMOCK=1 skips it (status 77).
set -euo pipefail
here=$(dirname "$(readlink -f "$0")")
folder=$1
shift
[ "${RATCHET_SKIP_AIMOCK:-}" != 1 ] || { echo "skipped, as RATCHET_SKIP_AIMOCK says"; exit 77; }
for program in node npm; do
  command -v "$program" >/dev/null || {
    echo "$program was not found; runtime/cmake/install_packages.sh installs it, or set RATCHET_SKIP_AIMOCK=1" >&2
    exit 1
  }
done
mkdir -p "$folder"
cd "$folder"
# The stamp is written last: an installation that was interrupted is made anew.
if ! cmp -s "$here/package-lock.json" installed-lock.json; then
  cp "$here/package.json" "$here/package-lock.json" .
  npm ci --ignore-scripts --no-audit --no-fund --loglevel=error ||
    { echo "npm ci failed: see above; without a network set RATCHET_SKIP_AIMOCK=1" >&2; exit 1; }
  cp package-lock.json installed-lock.json
fi
# The CommonJS build: it runs on Debian's Node 18 too, where the other misses an export.
exec 3< <(exec node node_modules/@copilotkit/aimock/dist/cli.cjs -p 0 -f "$here/fixtures.json" 2>&1)
server=$!
trap 'kill "$server" 2>/dev/null || true' EXIT
url=
while [ -z "$url" ] && IFS= read -r line <&3; do
  echo "$line"
  case $line in *"listening on "*) url=${line##*listening on } ;; esac
done
[ -n "$url" ] || { echo "the mock server ended before it listened" >&2; exit 1; }
# It goes on talking, and must not wait for a reader.
cat <&3 >server.log &
RATCHET_AIMOCK_URL=$url "$@" 3<&-
