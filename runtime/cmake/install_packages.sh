#!/usr/bin/env bash
# SPDX-License-Identifier: MIT
# install_packages.sh [tests]: installs the Debian packages that Ratchet is built with
# (debian_packages.txt beside this file), and with `tests` also those that only its tests need
# (debian_test_packages.txt). Those that are missing alone; asks for nothing when none is. A second
# word in a line is a program: where it is there already, whoever brought it, that is enough.
set -euo pipefail
here=$(dirname "$(readlink -f "$0")")
lists=("$here/debian_packages.txt")
[ "${1:-}" != tests ] || lists+=("$here/debian_test_packages.txt")
missing=()
while read -r package program; do
  [ -z "$program" ] || ! command -v "$program" >/dev/null || continue
  dpkg-query -W -f='${Status}' "$package" 2>/dev/null | grep -q 'ok installed' || missing+=("$package")
done < <(cat "${lists[@]}")
[ ${#missing[@]} -eq 0 ] && exit 0
echo "Installing ${#missing[@]} Debian packages: ${missing[*]}"
as_root=()
if [ "$(id -u)" -ne 0 ]; then
  command -v sudo >/dev/null || { echo "These need root, and there is no sudo: run as root once: $0 $*" >&2; exit 1; }
  as_root=(sudo)
fi
"${as_root[@]}" apt-get update -qq
"${as_root[@]}" env DEBIAN_FRONTEND=noninteractive apt-get install -y -qq --no-install-recommends "${missing[@]}" >/dev/null
