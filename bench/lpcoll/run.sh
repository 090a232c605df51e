#!/bin/bash
# SPDX-License-Identifier: Apache-2.0
# Times liblpcoll against Open MPI and writes bench/results/<date>-<machine>-collectives-{node,hosts}.md.
#   bench/lpcoll/run.sh [--build build/release] [--seconds S] [--only node,hosts] [--ranks "2 4"] [--hosts "4:400 8:400"]
# --ranks are those on one host, --hosts are numbers of hosts and Mbit/s of their ports.
# Between hosts needs root: the hosts are network namespaces (scripts/netns_cluster.sh).
set -euo pipefail
cd "$(dirname "$0")/../.."

build=build/release
seconds=6
only=node,hosts
node_ranks="2 4"
host_settings="4:400 4:200 2:400 8:400"
while [ $# -gt 0 ]; do
  case $1 in
    --build) build=$2 ;;
    --seconds) seconds=$2 ;;
    --only) only=$2 ;;
    --ranks) node_ranks=$2 ;;
    --hosts) host_settings=$2 ;;
    *) sed -n '3,6p' "$0" | cut -c3-; exit 2 ;;
  esac
  shift 2
done
library=$(realpath "$build/lib/liblpcoll_mpi.so")
bench=$(realpath "$build/bench/bench_collectives")
stem=$(bench/result_stem.sh)-collectives
BENCH_COMMIT=$(git describe --always --dirty 2>/dev/null || echo unknown)
export BENCH_COMMIT
out=

say() { printf '%s\n' "$@" >>"$out"; }
open_table() { # file title
  out=$1
  printf '# %s\n\n`bench/lpcoll/run.sh`: each row is one run in which both take turns; ratios above 1 are ours.\n' "$2" >"$out"
}
table() { # title, command...
  local title=$1
  shift
  echo "== $title" >&2
  say "" "## $title" "" '```'
  "$@" 2>/dev/null | grep -v 'geometric mean' >>"$out" || say "FAILED: $*"
  say '```'
}

node() { # ranks, options of mpirun --, options of the benchmark
  local ranks=$1
  shift
  local launch=()
  while [ "$1" != -- ]; do launch+=("$1"); shift; done
  shift
  mpirun --allow-run-as-root --oversubscribe --bind-to none -np "$ranks" "${launch[@]}" -x LD_PRELOAD="$library" "$bench" \
    --seconds "$seconds" "$@"
}

# Open MPI's own algorithms by their numbers; 8 of broadcast and 5 of allreduce want segments.
forced() { # collective number segment
  echo --mca coll_tuned_use_dynamic_rules 1 --mca "coll_tuned_$1_algorithm" "$2" --mca "coll_tuned_$1_algorithm_segmentsize" "$3"
}

if [[ ,$only, == *,node,* ]]; then
  open_table "$stem-node.md" "Collectives of ranks on one host, through LD_PRELOAD"
  for ranks in $node_ranks; do
    table "$ranks ranks, Open MPI's own choice" node $ranks -- \
      --bytes 8,1K,4K,16K,64K,128K,256K,1M,4M,16M,64M --samples 21
    for algorithm in 2 3 5 6 8 9; do
      for segment in 32768 131072; do
        # shellcheck disable=SC2046  # options
        table "$ranks ranks, Open MPI's broadcast $algorithm forced, segments of $segment bytes" \
          node $ranks $(forced bcast $algorithm $segment) -- --collective broadcast --bytes 4M,64M --samples 5
      done
    done
    for algorithm in 3 4 5 6; do
      # shellcheck disable=SC2046
      table "$ranks ranks, Open MPI's allreduce $algorithm forced, segments of 131072 bytes" \
        node $ranks $(forced allreduce $algorithm 131072) -- --collective allreduce --bytes 4M,64M --samples 5
    done
  done
fi

if [[ ,$only, == *,hosts,* ]]; then
  open_table "$stem-hosts.md" "Collectives between hosts with limited ports"
  say "" "Network namespaces of one machine; of bound is n/B for broadcast and reduce, 2 (P-1)/P n/B for allreduce. Headers take 4.6 per cent of B."
  trap 'scripts/netns_cluster.sh down' EXIT
  hosts() { # ranks, rate in Mbit/s, options of mpirun --, options of the benchmark
    local ranks=$1 rate=$2
    shift 2
    local launch=()
    while [ "$1" != -- ]; do launch+=("$1"); shift; done
    shift
    scripts/netns_cluster.sh run -np "$ranks" "${launch[@]}" -x LD_PRELOAD="$library" -x BENCH_COMMIT "$bench" --probe 0 \
      --samples 7 --seconds $((seconds * 3)) --port "${rate}e6" "$@"
  }
  for setting in $host_settings; do
    ranks=${setting%:*} rate=${setting#*:}
    scripts/netns_cluster.sh up "$ranks" "${rate}mbit" >&2
    table "$ranks hosts, $rate Mbit/s, Open MPI's own choice" hosts "$ranks" "$rate" -- --bytes 1M,4M,16M,64M \
      --collective broadcast,allreduce
    if [ "$setting" = 4:400 ]; then
      for segment in 16384 32768; do
        # shellcheck disable=SC2046
        table "$ranks hosts, $rate Mbit/s, Open MPI's pipeline forced, segments of $segment bytes" \
          hosts "$ranks" "$rate" $(forced bcast 3 $segment) -- --bytes 16M --collective broadcast
      done
      for algorithm in 4 5; do
        # shellcheck disable=SC2046
        table "$ranks hosts, $rate Mbit/s, Open MPI's allreduce $algorithm forced, segments of 32768 bytes" \
          hosts "$ranks" "$rate" $(forced allreduce $algorithm 32768) -- --bytes 16M --collective allreduce
      done
    fi
    scripts/netns_cluster.sh down
  done
fi
echo "results: $stem-*.md" >&2
