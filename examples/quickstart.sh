#!/usr/bin/env bash
# SPDX-License-Identifier: MIT
# Installs what is needed, builds Ratchet, and lets it make examples/matmul faster for two minutes,
# in a repository of its own under build/quickstart.
set -euo pipefail
cd "$(dirname "$(readlink -f "$0")")/.."
runtime/cmake/install_packages.sh
cmake --preset release >/dev/null
cmake --build --preset release --target ratchet ratchet-launcher
repo=$PWD/build/quickstart/matmul
rm -rf "$repo"
mkdir -p "$repo"
cp examples/matmul/matmul.cpp examples/matmul/ratchet.json "$repo"
git -C "$repo" init -q -b main
git -C "$repo" add .
git -C "$repo" -c user.name=you -c user.email=you@localhost commit -q -m "A matrix multiplication"
exec build/release/bin/ratchet run --repo "$repo" --state-dir "$PWD/build/quickstart/state" "$@"
