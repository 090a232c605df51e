#!/bin/bash
# SPDX-License-Identifier: Apache-2.0
# Hosts with slow networks on one machine: network namespaces joined by a bridge, each host's port limited both ways.
#   scripts/netns_cluster.sh up N RATE                makes N hosts with ports of RATE (as tc says it: 400mbit)
#   scripts/netns_cluster.sh run [mpirun arguments]   Open MPI's mpirun across them, one slot a host (or LPC_SLOTS each)
#   scripts/netns_cluster.sh down                     removes them
# Needs root, iproute2 and Open MPI. Where the kernel refuses namespaces or traffic control it says so and ends with status 77.
# A port's bucket holds 128 KB: shorter messages pass unlimited.
set -euo pipefail

state=/run/lpcoll-netns
net=10.98.76
bridge=lpcbridge
self=$(realpath "$0")

usage() { sed -n '3,8s/^# \{0,1\}//p' "$0"; }
refuse() { echo "netns_cluster.sh: $*" >&2; exit 77; }
fail() { echo "netns_cluster.sh: $*" >&2; exit 1; }

hosts() { ip netns list | awk '$1 ~ /^lpc[0-9]+$/ {print $1}' | sort -V; }

limit() { # device, in which namespace ("" for this one)
  tc ${2:+-n "$2"} qdisc replace dev "$1" root tbf rate "$rate" burst 128kb latency 100ms
}

up() {
  local n=$1 i
  rate=$2
  [[ $n =~ ^[0-9]+$ && $n -ge 1 && $n -le 200 ]] || fail "up $n: 1 to 200 hosts are accepted"
  [[ $rate =~ ^[0-9.]+([kmgt]?bit|[kmgt]?bps)$ ]] || fail "up $n $rate: a rate such as 400mbit is accepted"
  [ "$(id -u)" -eq 0 ] || refuse "needs root to make network namespaces"
  for tool in ip tc unshare; do
    command -v $tool >/dev/null || fail "$tool is missing: apt-get install iproute2 util-linux"
  done
  mkdir "$state" 2>/dev/null || fail "hosts are up already ($(hosts | tr '\n' ' ')): down first"
  trap down EXIT
  ip link add "$bridge" type bridge || refuse "no bridge: the kernel refuses"
  ip addr add "$net.254/24" dev "$bridge"
  ip link set "$bridge" up
  for ((i = 0; i < n; i++)); do
    ip netns add "lpc$i" || refuse "no network namespaces: the kernel refuses"
    ip -n "lpc$i" link set lo up || refuse "no mounts for a namespace, as in a chroot: the kernel refuses"
    ip link add "lpcport$i" type veth peer name eth0 netns "lpc$i"
    ip link set "lpcport$i" master "$bridge" up
    ip -n "lpc$i" addr add "$net.$((i + 1))/24" dev eth0
    ip -n "lpc$i" link set eth0 up
    mkdir "$state/lpc$i"
    limit eth0 "lpc$i" || refuse "no tc tbf: the kernel refuses"
    limit "lpcport$i" ""
  done
  trap - EXIT
  echo "$n hosts, ports of $rate: $(hosts | tr '\n' ' ')"
}

down() {
  local host
  for host in $(hosts 2>/dev/null); do
    ip netns pids "$host" | xargs -r kill -9 2>/dev/null || true
    ip netns delete "$host"
  done
  ip link delete "$bridge" 2>/dev/null || true
  for host in $(ip -o link show 2>/dev/null | awk -F'[ :@]+' '$2 ~ /^lpcport/ {print $2}'); do
    ip link delete "$host" 2>/dev/null || true
  done
  rm -rf "$state"
}

# Each host believes that its cores are its own: waiting ranks must give them away, or times come in the scheduler's ticks.
run() {
  local list="" host
  for host in $(hosts); do list+=${list:+,}$host:${LPC_SLOTS:-1}; done
  [ -n "$list" ] || fail "no hosts: up N RATE first"
  local mpirun
  mpirun=$(command -v mpirun.openmpi || command -v mpirun) || fail "mpirun is missing: apt-get install openmpi-bin"
  exec "$mpirun" --allow-run-as-root --host "$list" --bind-to none \
    --mca plm rsh --mca plm_rsh_agent "$self agent" --mca plm_rsh_no_tree_spawn 1 --mca orte_keep_fqdn_hostnames 1 \
    --mca oob_tcp_if_include "$net.0/24" --mca btl_tcp_if_include "$net.0/24" --mca btl self,vader,tcp --mca pml ob1 \
    --mca mpi_yield_when_idle 1 "$@"
}

# As mpirun calls its remote shell: a host and a command. Each host has its name and folder for itself; without them
# some launches in a hundred fail on what they believe to share.
agent() {
  local host=$1
  shift
  export TMPDIR=$state/$host OMPI_MCA_orte_tmpdir_base=$state/$host OMPI_MCA_rtc=^hwloc
  # shellcheck disable=SC2016  # expanded by the inner shell
  exec ip netns exec "$host" unshare --uts sh -c 'hostname "$1" && shift && exec sh -c "$*"' sh "$host" "$@"
}

case ${1:-} in
  up) [ $# -eq 3 ] || { usage >&2; exit 2; }; up "$2" "$3" ;;
  down) down ;;
  run) shift; run "$@" ;;
  agent) shift; agent "$@" ;;
  -h | --help) usage ;;
  *) usage >&2; exit 2 ;;
esac
