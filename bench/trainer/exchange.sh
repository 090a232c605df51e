#!/bin/bash
# SPDX-License-Identifier: Apache-2.0
# A training step of 4 ranks on hosts with slow networks, gradients summed by liblpcoll and by Open MPI's own allreduce, each while
# the backward pass runs and after it; writes bench/results/<date>-<machine>-training-hosts.md.
#   bench/trainer/exchange.sh [--build build/release] [--rate 200mbit] [--rounds 5] [--steps 12] [--jobs "lenet:256 mlp:1000,1000:64"]
# Needs root: the hosts are network namespaces (scripts/netns_cluster.sh).
set -euo pipefail
cd "$(dirname "$0")/../.."

build=build/release
rate=200mbit
rounds=5
steps=12
jobs="lenet:256 lenet:64 mlp:1000,1000:64"
while [ $# -gt 1 ]; do
  case $1 in
    --build) build=$2 ;;
    --rate) rate=$2 ;;
    --rounds) rounds=$2 ;;
    --steps) steps=$2 ;;
    --jobs) jobs=$2 ;;
    *) sed -n '3,6s/^# \{0,1\}//p' "$0" >&2; exit 2 ;;
  esac
  shift 2
done
[ $# -eq 0 ] || { sed -n '3,6s/^# \{0,1\}//p' "$0"; exit 2; }
program=$(realpath "$build/bin/bsp-train")
cluster=scripts/netns_cluster.sh
$cluster up 4 "$rate" >&2
folder=$(mktemp -d)
trap 'rm -rf "$folder"; $cluster down' EXIT
out=$(bench/result_stem.sh)-training-hosts.md

# NAME: transport of liblpcoll (none: the MPI underneath), flags of bsp-train
declare -A transport=([lp-during]=auto [lp-after]=auto [mpi-during]=none [mpi-after]=none)
declare -A flags=([lp-during]="" [lp-after]=--no-overlap [mpi-during]="" [mpi-after]=--no-overlap)

seconds() { # name net batch
  # shellcheck disable=SC2086 # flags may be none
  $cluster run -np 4 -x OMP_NUM_THREADS=1 -x OPENBLAS_NUM_THREADS=1 -x LPCOLL_TRANSPORT="${transport[$1]}" "$program" \
    --net "$2" --batch "$3" --images $((steps * $3)) --steps "$steps" --epochs 1 ${flags[$1]} 2>"$folder/errors" |
    sed -n 's/^seconds a step, median: //p' | grep . || { cat "$folder/errors" >&2; exit 1; }
}

median() { sort -g "$1" | awk '{v[NR] = $1} END {print NR % 2 ? v[(NR + 1) / 2] : (v[NR / 2] + v[NR / 2 + 1]) / 2}'; }

{
  printf '# Training steps of 4 ranks, each on a host of its own\n\n'
  printf '`bench/trainer/exchange.sh --rate %s --rounds %s --steps %s`, commit %s, ports of %s, %s cores in all. ' "$rate" "$rounds" "$steps" \
    "$(git describe --always --dirty 2>/dev/null || echo unknown)" "$rate" "$(nproc)"
  printf 'Seconds a step: the median one of a run, medians of %s rounds that take turns; gradients are summed during the backward pass or after it. ' "$rounds"
  printf 'Ratio: the better of Open MPI'"'"'s two over liblpcoll during it.\n\n```\n'
  printf '%-16s %6s %10s %10s %10s %10s %8s\n' network batch lp-during lp-after mpi-during mpi-after ratio
} >"$out"
for job in $jobs; do
  net=${job%:*} batch=${job##*:}
  rm -f "$folder"/*-during "$folder"/*-after
  for ((round = 0; round < rounds; round++)); do
    for name in lp-during mpi-during lp-after mpi-after; do
      echo "$net, batch $batch: round $((round + 1)) of $rounds, $name" >&2
      seconds "$name" "$net" "$batch" >>"$folder/$name"
    done
  done
  printf '%-16s %6s %10.4f %10.4f %10.4f %10.4f %8.2f\n' "$net" "$batch" $(for name in lp-during lp-after mpi-during mpi-after; do
    median "$folder/$name"
  done) "$(awk -v a="$(median "$folder/mpi-during")" -v b="$(median "$folder/mpi-after")" -v c="$(median "$folder/lp-during")" \
    'BEGIN {print (a < b ? a : b) / c}')" | tee -a "$out"
done
echo '```' >>"$out"
echo "$out"
