#!/usr/bin/env bash
# SPDX-License-Identifier: MIT
# Installs the build and uses it as other projects would: run.sh BUILD_DIR WORK_DIR. With pkg-config
# in plain C, with find_package in C++17, in a host with its own CAF, and from pools of threads.
set -euo pipefail
here=$(dirname "$(readlink -f "$0")")
build=$1 work=$2
rm -rf "$work"
mkdir -p "$work"
cmake --install "$build" --prefix "$work/prefix" >/dev/null
libdir=$(dirname "$(find "$work/prefix" -name libratchet.so)")
launcher=$(find "$work/prefix" -name ratchet-launcher)

echo "what libratchet.so shows of itself"
nm -D --defined-only "$libdir/libratchet.so" | awk '$2 ~ /[TDBVWi]/ {print $3}' | grep -v '^ratchet_' && exit 1

# The program finds what came with it where it was put.
"$work/prefix/bin/ratchet" --state-dir "$work/state0" doctor --json |
  grep -q '"name":"other machines","level":"ok"'

git init -q -b main "$work/repo"
echo 'score: 5' >"$work/repo/p.txt"
git -C "$work/repo" add p.txt
git -C "$work/repo" -c user.name=t -c user.email=t@t commit -qm start

export PKG_CONFIG_PATH=$libdir/pkgconfig LD_LIBRARY_PATH=$libdir
gcc -std=c11 -Wall -Wextra -Werror -pedantic "$here/plain_c/main.c" -o "$work/plain_c" \
  $(pkg-config --cflags --libs ratchet)
"$work/plain_c" "$work/state1" "$work/state2"
# Pools whose threads outlive the runtime: a close that waits for them would wait for ever.
gcc -std=c11 -Wall -Wextra -Werror -pedantic "$here/plain_c/pool.c" -o "$work/pool" -pthread \
  $(pkg-config --cflags --libs ratchet)
timeout 60 "$work/pool" "$work/state6"
timeout 60 python3 "$here/python/pool.py" "$libdir/libratchet.so" "$work/state7"
# The package beside the library that was installed with it, which it finds by itself.
DESTDIR=$work cmake --install "$build" --prefix /prefix --component python >/dev/null
package=$(dirname "$(dirname "$(find "$work" -path '*/ratchet/__init__.py')")")
env -u LD_LIBRARY_PATH -u RATCHET_LIBRARY PYTHONPATH="$package" PYTHONDONTWRITEBYTECODE=1 \
  timeout 300 python3 -W error "$here/python/package_test.py"
headers=$(node -p 'path.resolve(process.execPath, "../../include/node")' || true)
as_addon() {
  gcc -std=gnu11 -Wall -Wextra -Werror -shared -fPIC -I"$headers" "$1" -o "$2" \
    $(pkg-config --cflags --libs ratchet)
}
if [ -f "$headers/node_api.h" ]; then
  as_addon "$here/node/addon.c" "$work/workers.node"
  timeout 60 node "$here/node/pool.mjs" "$work/workers.node" "$work/state8"
  as_addon "$here/../../examples/node/addon.c" "$work/example.node"
  timeout 60 node "$here/../../examples/node/side_by_side.mjs" "$work/example.node"
else
  echo "NOT RUN: Node, as there is no node_api.h beside it (Debian: apt-get install libnode-dev)"
fi
for consumer in cpp17 caf_host; do
  cmake -S "$here/$consumer" -B "$work/$consumer" -G Ninja -DCMAKE_PREFIX_PATH="$work/prefix" >"$work/$consumer.log"
  cmake --build "$work/$consumer" >>"$work/$consumer.log" || { tail -40 "$work/$consumer.log"; exit 1; }
done
"$work/cpp17/consumer" "$work/state3" "$work/repo"
"$work/caf_host/consumer" "$work/state4" "$launcher"
echo "installed program"
"$work/prefix/bin/ratchet" --state-dir "$work/state5" doctor | tail -1
