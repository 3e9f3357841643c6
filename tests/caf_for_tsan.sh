#!/bin/sh
# SPDX-License-Identifier: MIT
# usage: tests/caf_for_tsan.sh SOURCE
# Builds CAF from SOURCE (what `apt-get source actor-framework` unpacks) with the thread sanitizer,
# into build/caf_tsan, where the preset `tsan` looks first. Without it the sanitizer does not see
# what CAF's own locks guard, and reports it.
set -eu
here=$(cd "$(dirname "$0")/.." && pwd)
if [ $# -ne 1 ] || [ ! -f "$1/libcaf_core/CMakeLists.txt" ]; then
  echo "usage: $0 SOURCE (the folder of CAF's sources; it has libcaf_core/ in it)" >&2
  exit 2
fi
# (-include limits: CAF 0.17.6 uses it without saying so.)
cmake -G Ninja -S "$1" -B "$here/build/caf_tsan" -DCMAKE_BUILD_TYPE=None \
  -DCMAKE_CXX_FLAGS="-O1 -g1 -fsanitize=thread -fno-omit-frame-pointer -include limits" \
  -DCMAKE_UNITY_BUILD=ON -DCAF_NO_EXAMPLES=yes -DCAF_NO_UNIT_TESTS=yes -DCAF_NO_TOOLS=yes \
  -DCAF_NO_OPENSSL=yes -DCAF_NO_OPENCL=yes -DCAF_NO_PYTHON=yes >/dev/null
cmake --build "$here/build/caf_tsan"
rm -f "$here/build/tsan/CMakeCache.txt"  # it may know the system's CAF
