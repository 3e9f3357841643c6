#!/usr/bin/env bash
# SPDX-License-Identifier: MIT
# Builds everything with warnings as errors and runs all tests. An argument names another preset:
# asan (address and undefined sanitizers) or tsan (threads). RATCHET_LONG_TESTS=1 kills by the hundred and
# goes through every build tool in every place, where the default takes some of each kind.
set -euo pipefail
cd "$(dirname "$(readlink -f "$0")")/.."
preset=${1:-ci}
runtime/cmake/install_packages.sh tests
cmake --preset "$preset" >/dev/null
cmake --build --preset "$preset"
ctest --preset "$preset" --output-on-failure
