#!/usr/bin/env bash
# SPDX-License-Identifier: MIT
# run.sh [PRESET [TEST...]]: builds with warnings as errors and runs all tests, or those named (as
# ctest names them: logic, git, store …), of which only the programs are built then. PRESET: ci, if
# none is given; asan (address and undefined sanitizers); tsan (threads).
# RATCHET_LONG_TESTS=1 kills by the hundred and goes through every build tool in every place, where the
# default takes some of each kind.
set -euo pipefail
cd "$(dirname "$(readlink -f "$0")")/.."
preset=${1:-ci}
tests=("${@:2}")
runtime/cmake/install_packages.sh tests
cmake --preset "$preset" >/dev/null
if [ ${#tests[@]} -eq 0 ]; then
  cmake --build --preset "$preset"
  exec ctest --preset "$preset" --output-on-failure
fi
cmake --build --preset "$preset" --target "${tests[@]/#/test_}"
exec ctest --preset "$preset" --output-on-failure -R "^($(IFS='|'; echo "${tests[*]}"))$"
