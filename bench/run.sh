#!/bin/bash
# SPDX-License-Identifier: Apache-2.0
# Runs the benchmarks and writes bench/results/<date>-<machine>-<benchmark>.{json,md}.
#   bench/run.sh [--build build/release] [--seconds S] [--only level3,small_call,...]
set -euo pipefail
cd "$(dirname "$0")/.."

build=build/release
seconds=30
only=small_call,instructions,load,scheduler,level3,host2
while [ $# -gt 0 ]; do
  case $1 in
    --build) build=$2 ;;
    --seconds) seconds=$2 ;;
    --only) only=$2 ;;
    *) sed -n '3,4p' "$0" | cut -c3-; exit 2 ;;
  esac
  shift 2
done
library=$build/lib/libblasx.so
[ -e "$library" ] || { echo "$library is not there: cmake --preset release && cmake --build --preset release" >&2; exit 1; }

stem=$(bench/result_stem.sh)
BENCH_COMMIT=$(git describe --always --dirty 2>/dev/null || echo unknown)
export BENCH_COMMIT
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
# Measured rates of other builds are no business of these.
export BLASX_CACHE_DIR=$folder/cache
mkdir -p bench/results
status=0

wanted() { [[ ",$only," == *",$1,"* ]]; }

# record NAME TITLE COMMAND...: the table into NAME.md, with the command that made it
record() {
  local name=$1 title=$2
  shift 2
  local command=${*//$folder\//}
  echo "== $title" >&2
  if "$@" >"$folder/out"; then :; else
    echo "$name FAILED with status $?" >&2
    status=1
    return
  fi
  {
    # shellcheck disable=SC2016  # the backquotes are Markdown
    printf '# %s\n\n```\n%s\n```\n\n```\n' "$title" "${command//$PWD\//}"
    cat "$folder/out"
    printf '```\n'
  } >"$stem-$name.md"
  cat "$folder/out"
}

wanted small_call && record small_call "A call that stays on the host" \
  "$build/bench/bench_small_call" --ours "$library" --size 8,16,32 --seconds "$seconds" --json "$stem-small_call.json"
if wanted instructions && command -v valgrind >/dev/null; then
  record instructions "Instructions of a call that stays on the host" bench/micro/small_call_callgrind.sh "$build"
fi
wanted load && record load "Loading libblasx and not using it" \
  "$build/bench/bench_load" --ours "$(realpath "$library")" --child "$build/bench/bench_load_child" --seconds "$seconds" \
  --json "$stem-load.json"
if wanted scheduler && [ -x "$build/bench/bench_scheduler" ]; then
  record scheduler "The state machine alone" "$build/bench/bench_scheduler" --benchmark_counters_tabular=true \
    --benchmark_out="$stem-scheduler.json" --benchmark_out_format=json
fi
wanted level3 && record level3 "All families through libblasx against OpenBLAS" \
  "$build/bench/bench_level3" --ours "$library" --threads "$(nproc)" --seconds "$seconds" --json "$stem-level3.json"
wanted host2 && record host2 "Two devices with private arenas against OpenBLAS" \
  "$build/bench/bench_level3" --ours "$library" --set BLASX_DEVICES=host:2 --set BLASX_THRESHOLD=0 --routine gemm \
  --type d --size 4096 --threads "$(nproc)" --seconds "$((seconds * 2))" --json "$stem-host2.json"
# Only when asked for: it wants a machine that does nothing else, and says no where it is not.
if wanted sim_agreement; then
  record sim_agreement "The simulator's time beside the real one" "$build/bench/bench_sim_agreement" --rounds 6
fi
wanted papers && bench/papers/blasx/regenerate.py --build "$build"
echo "results: $stem-*"
exit $status
