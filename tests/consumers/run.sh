#!/usr/bin/env bash
# SPDX-License-Identifier: MIT
# Installs the build and uses it as other projects would: run.sh BUILD_DIR WORK_DIR. With pkg-config
# in plain C, with find_package in C++17, and in a host with its own CAF.
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

git init -q -b main "$work/repo"
echo 'score: 5' >"$work/repo/p.txt"
git -C "$work/repo" add p.txt
git -C "$work/repo" -c user.name=t -c user.email=t@t commit -qm start

export PKG_CONFIG_PATH=$libdir/pkgconfig LD_LIBRARY_PATH=$libdir
gcc -std=c11 -Wall -Wextra -Werror -pedantic "$here/plain_c/main.c" -o "$work/plain_c" \
  $(pkg-config --cflags --libs ratchet)
"$work/plain_c" "$work/state1" "$work/state2"
for consumer in cpp17 caf_host; do
  cmake -S "$here/$consumer" -B "$work/$consumer" -G Ninja -DCMAKE_PREFIX_PATH="$work/prefix" >"$work/$consumer.log"
  cmake --build "$work/$consumer" >>"$work/$consumer.log" || { tail -40 "$work/$consumer.log"; exit 1; }
done
"$work/cpp17/consumer" "$work/state3" "$work/repo"
"$work/caf_host/consumer" "$work/state4" "$launcher"
echo "installed program"
"$work/prefix/bin/ratchet" --state-dir "$work/state5" doctor | tail -1
