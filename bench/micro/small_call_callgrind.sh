#!/bin/sh
# SPDX-License-Identifier: Apache-2.0
# Instructions that libblasx adds to a small call, exact and repeatable where timings are not.
#   bench/micro/small_call_callgrind.sh BUILD_FOLDER [N] [PEER]
set -eu
build=${1:?folder of the build, as build/release}
n=${2:-8}
peer=${3:-libopenblas.so.0}
command -v valgrind >/dev/null || { echo "valgrind is not installed; apt-get install valgrind" >&2; exit 77; }
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT

# Instructions of one process that makes the given number of calls.
instructions() {
  OPENBLAS_NUM_THREADS=1 BLASX_CACHE_DIR=off valgrind --tool=callgrind --callgrind-out-file="$folder/out" \
    "$build/bench/bench_small_call" --ours "$build/lib/libblasx.so" --peer "$peer" --size "$n" --only "$1" \
    --count "$2" >"$folder/log" 2>&1 || { cat "$folder/log" >&2; exit 1; }
  awk '/^summary:|^totals:/ {print $2; exit}' "$folder/out"
}

# A difference of two counts leaves the start of the process out.
per_call() {
  few=$(instructions "$1" 1000)
  many=$(instructions "$1" 11000)
  echo $(((many - few) / 10000))
}

ours=$(per_call ours)
direct=$(per_call peer)
echo "cblas_dgemm n=$n: $ours instructions a call through libblasx, $direct directly, $((ours - direct)) more"
