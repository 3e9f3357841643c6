#!/usr/bin/env bash
# SPDX-License-Identifier: MIT
# The real agent programs against mocks of model servers: run.sh BIN_DIR WORK_DIR. As edit backends
# (the presets gemini, opencode and codex) and as hosts of `ratchet mcp`, each set up as its page in
# examples/hosts says: Claude Code, Codex, Gemini CLI and opencode go through the whole loop, with no
# question in between. Not a ctest: the packages, at the versions of package-lock.json, take 1.3 GB
# and a minute to install.
set -euo pipefail
here=$(dirname "$(readlink -f "$0")")
bin=$(readlink -f "$1") work=$2
mkdir -p "$work"
work=$(readlink -f "$work")
if ! cmp -s "$here/package-lock.json" "$work/installed.json"; then
  cp "$here/package.json" "$here/package-lock.json" "$work/"
  echo "installing the agents"
  # Not `npm ci`: it misses the packages of other systems that opencode names as optional.
  npm install --prefix "$work" --ignore-scripts --no-audit --no-fund --loglevel=error
  (cd "$work/node_modules/opencode-ai" && node postinstall.mjs >/dev/null)
  (cd "$work/node_modules/@anthropic-ai/claude-code" && node install.cjs >/dev/null)
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
codex_asks() { # URL: of the model that it is to ask
  cat >home/.codex/config.toml <<J
model = "mock"
model_provider = "mock"
[model_providers.mock]
name = "mock"
base_url = "$1/v1"
wire_api = "responses"
env_key = "OPENAI_API_KEY"
J
}
codex_asks "$url"
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

# -- as hosts -------------------------------------------------------------------------------------

exec 4< <(exec node "$here/scripted_model.mjs" "$work/repo" "$work/requests.jsonl")
model=$!
trap 'kill "$server" "$model" 2>/dev/null || true' EXIT
IFS= read -r line <&4
url=${line##*listening on }
sed -i "s|\"baseURL\": \"[^\"]*\"|\"baseURL\": \"$url/v1\"|" home/.config/opencode/opencode.json
codex_asks "$url"
cat >>home/.codex/config.toml <<J
[mcp_servers.ratchet]
command = "$bin/ratchet"
args = $serve
tool_timeout_sec = 120
J
echo "{\"mcpServers\": {\"ratchet\": {\"command\": \"$bin/ratchet\", \"args\": $serve}}}" >mcp.json
export GOOGLE_GEMINI_BASE_URL=$url ANTHROPIC_BASE_URL=$url ANTHROPIC_API_KEY=none
export CLAUDE_CODE_DISABLE_NONESSENTIAL_TRAFFIC=1

loops() { # NAME COMMAND…: asks the host for an improvement, and looks whether one was kept
  echo "$1 goes through the loop"
  rm -rf state
  : >requests.jsonl
  (cd repo && timeout 200 "${@:2}" </dev/null >"../host-$1.log" 2>&1) || true
  cp requests.jsonl "requests-$1.jsonl"
  "$bin/ratchet" status --state-dir state --json | tr -d ' \n' |
    grep -q '"status":"completed".*"best_metric":9' || { tail -40 "host-$1.log"; exit 1; }
}
task="improve p.txt with ratchet"
loops claude claude -p "$task" --mcp-config ../mcp.json --strict-mcp-config --allowedTools mcp__ratchet
loops codex codex exec --skip-git-repo-check "$task"
loops gemini gemini -p "$task" --approval-mode yolo --skip-trust
loops opencode opencode run --auto -m mock/mock "$task"
node - <<'J'
// What the host's first request with Ratchet's tools spends on them.
const {readFileSync} = require('fs');
for (const host of ['claude', 'codex', 'gemini', 'opencode'])
  for (const line of readFileSync(`requests-${host}.jsonl`, 'utf8').trim().split('\n')) {
    const ours = [];
    const walk = (v) => {
      if (Array.isArray(v)) v.forEach(walk);
      else if (v && typeof v === 'object') {
        const tool = v.function ?? v;
        if (/autoresearch|hive_best/.test(tool.name ?? '')) ours.push(tool);
        else Object.values(v).forEach(walk);
      }
    };
    walk(JSON.parse(line).body.tools ?? []);
    if (ours.length === 0) continue;
    console.log(`${host}: ${ours.length} tools in ${JSON.stringify(ours).length} bytes`);
    break;
  }
J
echo "all agents: ok"
