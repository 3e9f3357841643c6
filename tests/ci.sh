#!/usr/bin/env bash
# SPDX-License-Identifier: MIT
# What has to pass before anything is merged: the whole suite; then, with address and undefined
# sanitizers, the parts that read what strangers write or hold memory by hand. Meant to take half an
# hour on two cores with nothing built before.
set -euo pipefail
cd "$(dirname "$(readlink -f "$0")")"
./run.sh
./run.sh asan messages logic fuzz process git store llm edit
