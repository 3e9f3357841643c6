#!/usr/bin/env bash
# SPDX-License-Identifier: MIT
# run.sh [SECONDS [TARGET...]]: builds the fuzz targets with clang and drives each for so long (60),
# from the inputs in corpus/ on. What they find new goes to build/fuzz/corpus, a finding to
# build/fuzz/findings: put it into corpus/TARGET when it is mended, and every build replays it.
set -euo pipefail
cd "$(dirname "$(readlink -f "$0")")/../.."
seconds=${1:-60}
targets=("${@:2}")
[ ${#targets[@]} -gt 0 ] || targets=(edit_format metric_scan change_format json_rpc basp_filter)
command -v clang++ >/dev/null || { echo "clang++ is not installed: apt-get install clang" >&2; exit 1; }
cmake --preset fuzz >/dev/null
cmake --build --preset fuzz --target "${targets[@]/#/fuzz_}"
failed=0
for target in "${targets[@]}"; do
  mkdir -p build/fuzz/corpus/"$target" build/fuzz/findings
  echo "== $target, $seconds s"
  build/fuzz/bin/fuzz_"$target" -max_total_time="$seconds" -timeout=10 -rss_limit_mb=4096 \
    -max_len=16384 -print_final_stats=1 -artifact_prefix=build/fuzz/findings/"$target"- \
    build/fuzz/corpus/"$target" tests/fuzz/corpus/"$target" 2>build/fuzz/"$target".log || failed=1
  grep -E '^(stat::number_of_executed_units|SUMMARY|broken:|artifact_prefix)|cov:' \
    build/fuzz/"$target".log | tail -4
done
exit $failed
