#!/bin/bash
# SPDX-License-Identifier: Apache-2.0
# Times ooc_gemm and writes bench/results/<date>-<machine>-ooc_gemm.md.
#   bench/ooc_gemm/run.sh [--build build/release] [--seconds S] [--folder F]
# S: time limit of each of the two products' cases; F: on the disk that is measured, with 2.5 GB free (default: the build folder).
set -euo pipefail
cd "$(dirname "$0")/../.."

build=build/release
seconds=300
folder=
while [ $# -gt 0 ]; do
  case $1 in
    --build) build=$2 ;;
    --seconds) seconds=$2 ;;
    --folder) folder=$2 ;;
    *) sed -n '3,5p' "$0" | cut -c3-; exit 2 ;;
  esac
  shift 2
done
folder=${folder:-$build}
out=$(bench/result_stem.sh)-ooc_gemm.md
BENCH_COMMIT=$(git describe --always --dirty 2>/dev/null || echo unknown)
export BENCH_COMMIT BLASX_CACHE_DIR=off
status=0

part() { # title, command...
  local title=$1
  shift
  echo "== $title" >&2
  # shellcheck disable=SC2016  # the backquotes are Markdown
  printf '\n## %s\n\n```\n%s\n```\n\n```\n' "$title" "${*//$PWD\//}" >>"$out"
  "$@" >>"$out" || { status=1; echo "FAILED" >>"$out"; }
  echo '```' >>"$out"
}

mkdir -p bench/results
printf '# Products of matrices in files\n\n`bench/ooc_gemm/run.sh`\n' >"$out"
part "A product of files in little memory against OpenBLAS with everything in memory" \
  "$build/bench/bench_ooc_gemm" --folder "$folder" --seconds "$seconds"
part "Three devices of speeds 1 : 2 : 4, kernels slowed to their rates" \
  python3 bench/ooc_gemm/shares.py "$build/bin/ooc-gemm" "$folder"
part "The same, blocks of one panel" \
  python3 bench/ooc_gemm/shares.py "$build/bin/ooc-gemm" "$folder" --memory 200M
part "Reading panels from the disk" "$build/bench/bench_ooc_storage" --folder "$folder"
cat "$out"
exit $status
