#!/usr/bin/env bash
# SPDX-License-Identifier: MIT
# The real agent programs against a mock of model servers: run.sh BIN_DIR WORK_DIR. As edit backends
# (the presets gemini, opencode and codex) and as hosts of `ratchet mcp` (Gemini CLI and opencode).
# Not a ctest: the packages, at the versions of package-lock.json, take 900 MB and minutes to install.
set -euo pipefail
here=$(dirname "$(readlink -f "$0")")
bin=$(readlink -f "$1") work=$2
mkdir -p "$work"
work=$(readlink -f "$work")
if ! cmp -s "$here/package-lock.json" "$work/installed.json"; then
  cp "$here/package.json" "$here/package-lock.json" "$work/"
  echo "installing the agents"
  npm ci --prefix "$work" --ignore-scripts --no-audit --no-fund --loglevel=error
  (cd "$work/node_modules/opencode-ai" && node postinstall.mjs >/dev/null)
  cp "$here/package-lock.json" "$work/installed.json"
fi
cd "$work"
rm -rf home repo state ./*.log
mkdir -p home/.gemini home/.codex home/.config/opencode repo
git init -q -b main repo
echo 'score: 5' >repo/p.txt
git -C repo add .
git -C repo -c user.name=t -c user.email=t@t commit -qm start
sed "s|REPO|$work/repo|g" "$here/fixtures.json" >fixtures.json

exec 3< <(exec node node_modules/@copilotkit/aimock/dist/cli.cjs -p 0 -f fixtures.json 2>&1)
server=$!
trap 'kill "$server" 2>/dev/null || true' EXIT
url=
while [ -z "$url" ] && IFS= read -r line <&3; do
  case $line in *"listening on "*) url=${line##*listening on } ;; esac
done
[ -n "$url" ] || { echo "the mock server ended before it listened" >&2; exit 1; }
cat <&3 >server.log &

# What each agent needs to find the mock, and Ratchet as a server of tools.
serve="[\"--state-dir\", \"$work/state\", \"mcp\"]"
cat >home/.gemini/settings.json <<J
{"security": {"auth": {"selectedType": "gemini-api-key"}},
 "mcpServers": {"ratchet": {"command": "$bin/ratchet", "args": $serve, "timeout": 120000, "trust": true}}}
J
cat >home/.config/opencode/opencode.json <<J
{"provider": {"mock": {"npm": "@ai-sdk/openai-compatible", "name": "mock",
   "options": {"baseURL": "$url/v1", "apiKey": "none"}, "models": {"mock": {"name": "mock"}}}},
 "mcp": {"ratchet": {"type": "local", "command": ["$bin/ratchet", "--state-dir", "$work/state", "mcp"],
   "enabled": true, "timeout": 120000}}}
J
cat >home/.codex/config.toml <<J
model_provider = "mock"
[model_providers.mock]
name = "mock"
base_url = "$url/v1"
wire_api = "responses"
env_key = "OPENAI_API_KEY"
J
export HOME=$work/home PATH=$work/node_modules/.bin:$PATH
export GEMINI_API_KEY=none OPENAI_API_KEY=none GOOGLE_GEMINI_BASE_URL=$url

edits() { # PRESET MORE-OPTIONS
  echo "$1 writes an edit"
  "$bin/ratchet" run --state-dir "state-$1" --repo repo --target p.txt --iterations 1 --pairs 1 \
    --backend "{\"name\": \"command\", \"preset\": \"$1\", \"timeout_s\": 200$2}" -- cat p.txt >"$1.log" 2>&1 || {
    cat "$1.log"
    exit 1
  }
  grep -q 'kept  score=9' "$1.log" || { cat "$1.log"; exit 1; }
}
edits gemini ', "environment": ["GOOGLE_GEMINI_BASE_URL"]'
edits opencode ', "model": "mock/mock"'
edits codex ', "model": "mock"'

sets_up() { # NAME COMMAND…: asks the agent for a session, and looks whether there is one
  echo "$1 calls a tool of ratchet mcp"
  rm -rf state
  (cd repo && timeout 200 "${@:2}" </dev/null >"../host-$1.log" 2>&1) || true
  "$bin/ratchet" status --state-dir state --json | grep -q '"baseline_metric": *5' ||
    { tail -40 "host-$1.log"; exit 1; }
}
sets_up gemini gemini -p "set up" -o json --approval-mode yolo --skip-trust
sets_up opencode opencode run --format json --auto -m mock/mock "set up"
echo "all agents: ok"
