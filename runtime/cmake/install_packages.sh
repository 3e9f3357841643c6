#!/usr/bin/env bash
# SPDX-License-Identifier: MIT
# Installs the Debian packages that Ratchet is built with (debian_packages.txt beside this file),
# those that are missing; asks for nothing when none is.
set -euo pipefail
list=$(dirname "$(readlink -f "$0")")/debian_packages.txt
missing=()
while read -r package; do
  dpkg-query -W -f='${Status}' "$package" 2>/dev/null | grep -q 'ok installed' || missing+=("$package")
done <"$list"
[ ${#missing[@]} -eq 0 ] && exit 0
echo "Installing ${#missing[@]} Debian packages: ${missing[*]}"
as_root=()
if [ "$(id -u)" -ne 0 ]; then
  command -v sudo >/dev/null || { echo "These need root, and there is no sudo: run as root once: $0" >&2; exit 1; }
  as_root=(sudo)
fi
"${as_root[@]}" apt-get update -qq
"${as_root[@]}" env DEBIAN_FRONTEND=noninteractive apt-get install -y -qq --no-install-recommends "${missing[@]}" >/dev/null
